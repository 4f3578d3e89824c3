"""`python -m demo.shop --port 8002`: open the shop on the loopback address."""

import argparse
import signal
import sys

from demo.shop.letters import LetterBook
from demo.shop.orders import OrderBook
from demo.shop.reporting import Reporter
from demo.shop.server import Shop
from demo.shop.settings import BadSettings, load_settings


def main() -> int:
    """Serve until asked to stop; return the status to leave with."""
    parser = argparse.ArgumentParser(prog="python -m demo.shop", description="The demo shop.")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = load_settings()
    except BadSettings as error:
        print(f"demo.shop: {error}", file=sys.stderr)
        return 1
    book, letters = OrderBook(settings.orders_path), LetterBook(settings.orders_path)
    reporter = Reporter(settings, [book, letters])
    with Shop((options.host, options.port), settings, book, letters) as shop:
        reporter.start()
        print(f"Acme Chandlery is open on http://{options.host}:{options.port}/", flush=True)
        try:
            shop.serve_forever()
        except KeyboardInterrupt:
            print("Acme Chandlery closes.", flush=True)
        finally:
            reporter.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
