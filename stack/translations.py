"""The translations in locale/: gathered from code and templates, and compiled for gettext.

`python -m stack.translations gather` brings the catalogues up to date with what the product says:
what is new comes without a translation, what is gone leaves. `compile` writes the `.mo` files,
which bin/up and bin/test do by themselves. Babel does both, so that no GNU gettext is needed.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from stack.options import ROOT

LOCALE = ROOT / "locale"
PACKAGES = (
    *("common", "users", "merchants", "ledger", "programs", "affiliates", "mailing", "tracking"),
    *("materials", "cobranding", "commissions", "collaborations", "payouts", "reports"),
    *("messaging", "recruiting", "channel", "partnerships", "automations", "interfaces", "config"),
)
TEMPLATES = ("templates/**/*.html", "templates/**/*.txt", "interfaces/**/*.html")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
WIDTH = 100


def gather() -> Catalog:
    """Return everything that the product says, with the files in which it does."""
    found = Catalog(charset="utf-8")
    for file in _files():
        source = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            # Indentation means nothing in a template, and would be an error in Python.
            lines = templatize(source, origin=str(file)).splitlines()
            source = "\n".join(line.strip() for line in lines)
        place = [(file.relative_to(ROOT).as_posix(), 0)]
        for _line, message, _comments, context in extract(
            "python", BytesIO(source.encode()), keywords=KEYWORDS
        ):
            found.add(message, locations=place, context=context)
    return found


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (
            path
            for path in sorted((ROOT / package).rglob("*.py"))
            if "migrations" not in path.parts
        )
    for pattern in TEMPLATES:
        yield from sorted(ROOT.glob(pattern))


def catalogues() -> dict[str, Path]:
    """Return the file of each language's translations, by the name of its directory."""
    return {path.parent.parent.name: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))}


def read(path: Path) -> Catalog:
    """Return a catalogue as it is stored."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def update(path: Path, said: Catalog) -> None:
    """Bring a stored catalogue up to date with what is said."""
    stored = read(path)
    stored.update(said, no_fuzzy_matching=True)
    stored.obsolete.clear()
    with path.open("wb") as file:
        write_po(
            file, stored, width=WIDTH, include_lineno=False, ignore_obsolete=True, omit_header=False
        )


def compile_all() -> None:
    """Write the `.mo` of each language beside its catalogue."""
    for path in catalogues().values():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path))


def main(arguments: list[str]) -> int:
    """Do what is asked; return the exit code."""
    if arguments == ["gather"]:
        said = gather()
        for path in catalogues().values():
            update(path, said)
    elif arguments == ["compile"]:
        compile_all()
    else:
        print("Usage: python -m stack.translations gather|compile", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
