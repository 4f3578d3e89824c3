"""The permission table of what a program says and wants: its page, conduct, policies, targets."""

from merchants.rights import Scope
from tests.api.rows import Row

READ, PROGRAMS = Scope.READ, Scope.PROGRAMS
POLICY = {"category": "brand", "title": "T", "body": "B", "review_on": "2190-01-01"}
TARGET = {"metric": "clicks", "amount": 1, "first_on": "2026-04-01", "last_on": "2026-04-30"}

PAGE_ROWS = [
    Row("program-conduct", "GET", READ, of="program"),
    Row("program-conduct", "PATCH", PROGRAMS, body={"note": "N"}, of="program"),
    Row("program-changes", "GET", READ, of="program"),
    Row("program-changes", "POST", PROGRAMS, 201, {"title": "T"}, of="program"),
    Row("program-blocks", "GET", READ, of="program"),
    Row("program-blocks", "POST", PROGRAMS, 201, {"kind": "text", "body": "B"}, of="program"),
    Row("program-block", "GET", READ, of="program"),
    Row("program-block", "PATCH", PROGRAMS, body={"body": "N"}, of="program"),
    Row("program-block-move", "POST", PROGRAMS, body={"to": "up"}, of="program"),
    Row("program-block-remove", "POST", PROGRAMS, of="program"),
    Row("program-targets", "GET", READ, of="program"),
    Row("program-targets", "POST", PROGRAMS, 201, TARGET, of="program"),
    Row("program-target-remove", "POST", PROGRAMS, of="program"),
    Row("program-customers", "GET", READ, of="program"),
    Row("program-customers", "PATCH", PROGRAMS, body={"summary": "S"}, of="program"),
    Row("program-listing", "GET", READ, of="program"),
    Row("program-listing", "PATCH", PROGRAMS, body={"category": "travel"}, of="program"),
    Row("program-policies", "GET", READ, of="program"),
    Row("program-policies", "POST", PROGRAMS, 201, POLICY, of="program"),
    Row("program-policy", "GET", READ, of="program"),
    Row("program-policy", "PATCH", PROGRAMS, body={"title": "N"}, of="program"),
    Row(
        "program-policy-review",
        "POST",
        PROGRAMS,
        body={"review_on": "2190-01-01"},
        of="program",
    ),
    Row("program-policy-archive", "POST", PROGRAMS, of="program"),
    Row("program-policy-waivers", "GET", READ, of="program"),
    Row(
        "program-policy-waivers",
        "POST",
        PROGRAMS,
        201,
        {"enrollment": "{enrollment}", "last_on": "2190-01-01", "reason": "R"},
        of="program",
    ),
    Row("program-policy-waiver-end", "POST", PROGRAMS, of="program"),
    Row("program-friction", "GET", READ, of="program"),
    Row("program-friction-answer", "POST", PROGRAMS, body={"answer": "A"}, of="program"),
]
