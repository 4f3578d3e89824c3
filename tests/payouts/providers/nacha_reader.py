"""Reads a NACHA file by the positions of the rules, and checks every sum of it.

Written from the format's description alone, so that a mistake of the writer is not repeated.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadEntry:
    """One entry as a bank reads it."""

    section: str
    code: str
    rdfi: str
    account: str
    amount_minor: int
    reference: str
    name: str
    trace: str


@dataclass(frozen=True)
class ReadFile:
    """A file whose sums agree."""

    destination: str
    origin: str
    made: str
    modifier: str
    pays_on: list[str]
    entries: list[ReadEntry]


def read_nacha(content: bytes) -> ReadFile:
    """Return what the file says; an AssertionError if anything in it does not agree."""
    lines = content.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert len(lines) % 10 == 0
    assert all(len(line) == 94 for line in lines)
    assert all(line == line.upper() for line in lines)
    while lines[-1] == "9" * 94:
        lines.pop()
    head, tail, body = lines[0], lines[-1], lines[1:-1]
    assert head[0:3] == "101"
    assert head[34:40] == "094101"
    entries, pays_on, hashes, totals = _read_sections(body)
    assert tail[0] == "9"
    assert int(tail[1:7]) == len(hashes)
    assert int(tail[7:13]) * 10 == -(-len(lines) // 10) * 10
    assert int(tail[13:21]) == len(entries)
    assert int(tail[21:31]) == sum(hashes) % 10**10
    assert int(tail[31:43]) == 0
    assert int(tail[43:55]) == sum(totals)
    assert tail[55:] == " " * 39
    traces = [int(entry.trace) for entry in entries]
    assert traces == sorted(set(traces))
    return ReadFile(head[3:13], head[13:23], head[23:33], head[33], pays_on, entries)


def _read_sections(body: list[str]) -> tuple[list[ReadEntry], list[str], list[int], list[int]]:
    entries: list[ReadEntry] = []
    pays_on, hashes, totals = [], [], []
    section, opened, held = "", "", []
    for line in body:
        if line[0] == "5":
            assert section == ""
            assert line[1:4] == "220"
            section, opened, held = line[50:53], line, []
            pays_on.append(line[69:75])
        elif line[0] == "6":
            held.append(_read_entry(line, section))
            assert line[79:87] == opened[79:87]
        else:
            assert line[0:4] == "8220"
            assert int(line[4:10]) == len(held) > 0
            assert int(line[10:20]) == sum(int(row.rdfi[:8]) for row in held) % 10**10
            assert int(line[20:32]) == 0
            assert int(line[32:44]) == sum(row.amount_minor for row in held)
            assert line[44:54] == opened[40:50]
            assert line[79:94] == opened[79:94]
            hashes.append(sum(int(row.rdfi[:8]) for row in held))
            totals.append(sum(row.amount_minor for row in held))
            entries, section = entries + held, ""
    assert section == ""
    return entries, pays_on, hashes, totals


def _read_entry(line: str, section: str) -> ReadEntry:
    digits = [int(digit) for digit in line[3:12]]
    weights = [3, 7, 1] * 3
    assert sum(a * b for a, b in zip(digits, weights, strict=True)) % 10 == 0
    assert line[76:79] == "  0"
    return ReadEntry(
        section=section,
        code=line[1:3],
        rdfi=line[3:12],
        account=line[12:29].rstrip(),
        amount_minor=int(line[29:39]),
        reference=line[39:54].rstrip(),
        name=line[54:76].rstrip(),
        trace=line[79:94],
    )
