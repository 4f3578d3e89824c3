"""What a tool checks, nobody discusses: length, layers of access, words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "common users merchants ledger programs affiliates mailing tracking materials cobranding"
    " commissions collaborations payouts reports messaging recruiting channel partnerships"
    " automations interfaces config stack demo"
).split()
SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
BANNED_NAMES = {"utils.py", "helpers.py", "misc.py", "manager.py", "signals.py"}

# Who may read across merchants (the role `ops` bypasses row-level security), and why.
MAY_USE_OPS = {
    "interfaces/api/directory.py": "whose answers are due to be forgotten",
    "interfaces/operator/admin.py": "the installation's own staff, who only read",
    "affiliates/directory.py": "who a signed-in person is, before the audience is known",
    "channel/directory.py": "whose deals are due",
    "commissions/directory.py": "which merchants have rows that are due",
    "collaborations/directory.py": "whose published pages are to be looked at",
    "cobranding/directory.py": "co-branded pages by their address",
    "materials/directory.py": "files by their address, and whose banner a page shows",
    "mailing/directory.py": "who chose what to hear of, and whose daily mail is due",
    "merchants/directory.py": "who a key or a signed-in person belongs to",
    "merchants/tenancy.py": "names the role",
    "messaging/directory.py": "whose messages, broadcasts and rules are due",
    "automations/directory.py": "whose automations are due",
    "partnerships/directory.py": "whose reviews and items are due",
    "payouts/directory.py": "whose payouts, notices and changed methods are due",
    "payouts/sending/directory.py": "whose payouts are to be sent or asked about",
    "payouts/tax/directory.py": "which VAT ids are due, and whose papers wait",
    "programs/directory.py": "public pages by their address, postbacks by their token",
    "recruiting/directory.py": "whose a letter's link is, whose letters and bounties are due",
    "tracking/partitions.py": "lets go of old days, which are of all merchants",
    "tracking/directory.py": "whose a click is, whose imports wait, which calls are too old",
}
MAY_USE_OPS_SETTINGS = {
    "interfaces/edge/database.py": "the edge answers for every merchant",
    "config/settings.py": "defines it",
}


def source_id(path: Path) -> str:
    """Return how a test names a file."""
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=source_id)
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text()
    long = [
        node.name
        for node in functions(ast.parse(text))
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert long == []
    assert len(text.splitlines()) <= FILE_LINES_MAX
    assert path.name not in BANNED_NAMES


@pytest.mark.parametrize("path", SOURCES, ids=source_id)
def test_modules_and_public_functions_say_what_they_are_for(path: Path) -> None:
    tree = ast.parse(path.read_text())
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    silent = [
        node.name
        for node in public
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]

    assert silent == []
    assert ast.get_docstring(tree) or not tree.body


def test_only_directories_read_across_merchants() -> None:
    users = {
        source_id(path)
        for path in SOURCES
        if re.search(r"\bOPS\b|using\(\"ops\"\)|connections\[\"ops\"\]", path.read_text())
    }

    assert users == set(MAY_USE_OPS)


def test_only_the_edge_connects_as_ops_by_itself() -> None:
    users = {
        source_id(path)
        for path in SOURCES
        if re.search(r"DATABASES\[\"ops\"\]|DATABASE_OPS_URL", path.read_text())
        and path.parts[len(ROOT.parts)] not in ("stack", "common")
    }

    assert users == set(MAY_USE_OPS_SETTINGS)


def is_model(path: Path) -> bool:
    """Return whether a source defines tables."""
    return path.name == "models.py" or path.parent.name == "models"


def test_statuses_change_through_move_alone() -> None:
    assigning = re.compile(r"\.update\([^)]*\bstatus=")
    offenders = [
        source_id(path)
        for path in SOURCES
        if not is_model(path) and assigning.search(path.read_text())
    ]

    assert offenders == []


def test_domain_code_never_reads_the_clock() -> None:
    reading = re.compile(r"timezone\.now\(\)|datetime\.now\(|\bclock\.now\(\)")
    domain = PACKAGES[1 : PACKAGES.index("interfaces")]
    offenders = [
        source_id(path)
        for path in SOURCES
        if path.parts[len(ROOT.parts)] in domain
        and path.name != "tasks.py"
        and not is_model(path)
        and "management" not in path.parts
        and reading.search(path.read_text())
    ]

    assert offenders == []


def test_interfaces_write_through_services() -> None:
    writing = re.compile(r"\.objects\.(create|bulk_create|get_or_create|update_or_create)\(")
    offenders = [
        source_id(path)
        for path in SOURCES
        if path.parts[len(ROOT.parts)] == "interfaces"
        and "api/idempotency" not in str(path)
        and writing.search(path.read_text())
    ]

    assert offenders == []


def test_templates_hold_no_script_and_no_style() -> None:
    inline = re.compile(r"<script(?![^>]*\b(src|type=.application/json.))|<style|\sstyle=|\son\w+=")
    offenders = [
        f"{path.relative_to(ROOT)}: {found.group(0)}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if (found := inline.search(path.read_text()))
    ]

    assert offenders == []


def test_migrations_are_complete() -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
