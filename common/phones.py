"""Phone numbers as the world writes them (E.164): a plus, the country, the rest. Pure."""

import re

E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
DECORATION = re.compile(r"[\s().\-/\u2010-\u2015]")


def read_phone(text: str) -> str | None:
    """Return "+49 (30) 1234-567" as "+49301234567"; None without a country, or if it is none."""
    plain = DECORATION.sub("", text.strip())
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    return plain if E164.fullmatch(plain) else None
