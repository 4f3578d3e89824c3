"""What every lifecycle says when it is asked for a move that its table does not allow."""


class IllegalMove(Exception):
    """The row is in a status from which it cannot go there, or somebody else moved it first."""

    def __init__(self, what: str, *, to: str, status: str) -> None:
        super().__init__(f"{what} is {status}: it cannot become {to}")
        self.what = what
        self.to = to
        self.status = status
