"""The demo's passwords and API keys: random for each installation, kept in a file of mode 0600."""

import json
import os
from pathlib import Path
from typing import Any

from common.ids import new_code
from demo.cast import OPERATOR
from demo.characters import Person

OPERATOR_PASSWORD = "operator password"
CAST_PASSWORD = "cast password"


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Replace a JSON file at once, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
    draft.replace(path)


class Keyring:
    """Texts that the database knows only as hashes, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def password(self, person: Person) -> str:
        """Return a person's password: the operator has one, everybody else shares another.

        One password for the cast, because trying the demo means being many people in turn.
        """
        return self.texts[OPERATOR_PASSWORD if person == OPERATOR else CAST_PASSWORD]

    @property
    def has_passwords(self) -> bool:
        """Whether passwords were drawn."""
        return {OPERATOR_PASSWORD, CAST_PASSWORD} <= self.texts.keys()

    def draw_passwords(self) -> None:
        """Draw new passwords."""
        for name in (OPERATOR_PASSWORD, CAST_PASSWORD):
            self.texts[name] = "-".join(new_code(4) for _ in range(4))

    def save(self) -> None:
        """Write everything to the file."""
        write_private(self.path, self.texts)
