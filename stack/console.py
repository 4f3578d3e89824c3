"""What the stack says to the person at the terminal."""

import sys


class Failure(Exception):
    """Something only a person can mend; the text says what it is and what to do."""


def say(text: str = "") -> None:
    """Print one line now, also when the output is a pipe."""
    print(text, flush=True)


class Progress:
    """One line that counts up: rewritten on a terminal, a few plain lines elsewhere."""

    def __init__(self, title: str, *, total: int) -> None:
        self.title = title
        self.total = max(total, 1)
        self.done = 0
        self.live = sys.stdout.isatty()
        say(f"{title} …")

    def step(self, detail: str) -> None:
        """Count one more thing done, the one that `detail` names."""
        self.done += 1
        if self.live:
            text = f"  {min(self.done, self.total)} of {self.total}  {detail}"
            print(f"\r\033[K{text[:76]}", end="", flush=True)
        elif self.done % max(self.total // 4, 1) == 0:
            say(f"  {min(self.done, self.total)} of {self.total}")

    def end(self) -> None:
        """Leave the line, so that what is said next stands alone."""
        if self.live:
            print("\r\033[K", end="", flush=True)
