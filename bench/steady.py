"""Open loop: requests leave at a steady rate whether or not answers come; prints latencies.

A request that had to wait for a free connection waited: its latency counts from when it was due.
Usage: steady.py PORT PATH PER_SECOND SECONDS
"""

import asyncio
import json
import sys
import time

CONNECTIONS = 200
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def ask(connection: Connection, request: bytes) -> None:
    """Send a request and read its answer, which has no body.

    :raises AssertionError: if it is no redirect.
    """
    reader, writer = connection
    writer.write(request)
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 302"), answer


async def run(port: int, path: str, per_second: int, seconds: int) -> list[float]:
    """Return how long each request took, in milliseconds."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(min(CONNECTIONS, per_second)):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    lines = [f"GET {path} HTTP/1.1", "Host: edge.example", f"User-Agent: {USER_AGENT}", "", ""]
    request = "\r\n".join(lines).encode()
    took: list[float] = []

    async def visit(due: float) -> None:
        connection = await free.get()
        await ask(connection, request)
        free.put_nowait(connection)
        took.append((time.perf_counter() - due) * 1_000)

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as visitors:
        for number in range(per_second * seconds):
            due = begun + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            visitors.create_task(visit(due))
    return took


if __name__ == "__main__":
    port, path, per_second, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(run(int(port), path, int(per_second), int(seconds)))))
