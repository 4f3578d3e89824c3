"""fl.js: the one file a merchant's page loads from here."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from interfaces.edge.http import Request, Response, headers_of, method_not_allowed
from programs.models import ConsentMode

BUILT = Path(settings.BASE_DIR) / "assets" / "dist" / "fl.js"
HOLE = b"({});"  # The end of the script; the braces are for what the program says.
CONSENT = {  # What the snippet calls our modes.
    ConsentMode.CONSENT.value: "required",
    ConsentMode.COOKIELESS.value: "never",
    ConsentMode.LEGACY.value: "granted",
}
MINUTES_SECONDS = 600  # So long a change of the program's settings may take to arrive.
HOUR_SECONDS = 3_600
YEAR_SECONDS = 31_536_000
VARIANTS_MAX = 1_000


class Program(Protocol):
    """What the snippet of a program's pages must know of it."""

    @property
    def consent_mode(self) -> str: ...
    @property
    def window_days(self) -> int: ...
    @property
    def legacy_parameters(self) -> Iterable[str]: ...


class Variant(NamedTuple):
    """The script with certain settings in it, compressed once, named by its content."""

    plain: bytes
    compressed: bytes
    version: str


def make_variant(script: bytes, said: dict[str, str]) -> Variant:
    """Return the script with these settings in it."""
    plain = script.removesuffix(HOLE) + b"(" + json.dumps(said).encode() + b");"
    version = hashlib.sha256(plain).hexdigest()[:12]
    return Variant(plain, gzip.compress(plain, 9, mtime=0), version)


def settings_of(program: Program | None) -> dict[str, str]:
    """Return what a program says, in the words of the script tag's attributes."""
    if program is None:
        return {}
    return {
        "consent": CONSENT[program.consent_mode],
        "days": str(program.window_days),
        "params": ",".join(program.legacy_parameters),
    }


def no_program(_program_id: str) -> Program | None:
    """Know no program."""
    return None


class Snippet:
    """The snippet in memory, in one variant for each settings that programs have."""

    def __init__(self, script: bytes, find_program: Callable[[str], Program | None]) -> None:
        self._script = script.rstrip()
        self._find_program = find_program
        self._variants: dict[str, Variant] = {}

    @classmethod
    def from_file(cls, find_program: Callable[[str], Program | None] = no_program) -> "Snippet":
        """Return the snippet of this release.

        :raises ImproperlyConfigured: if the assets are not built.
        """
        if not BUILT.exists():
            raise ImproperlyConfigured("Build the assets first: bin/up does, or `npm run build`.")
        return cls(BUILT.read_bytes(), find_program)

    def variant_of(self, program: Program | None) -> Variant:
        """Return the script with the program's settings in it, or with none."""
        said = settings_of(program)
        key = json.dumps(said)
        if key not in self._variants:
            if len(self._variants) >= VARIANTS_MAX:
                self._variants.clear()
            self._variants[key] = make_variant(self._script, said)
        return self._variants[key]

    async def serve(self, request: Request) -> Response:
        """Answer /fl.js; /fl.js?v=<version> may be kept for ever, because it never changes.

        /fl.js?program=<id> has that program's settings in it, so that a change of them reaches
        every page within minutes and nobody edits HTML.
        """
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed("GET")
        query = dict(request.query)
        of_program = query.get("program", "")
        variant = self.variant_of(self._find_program(of_program) if of_program else None)
        life = str(MINUTES_SECONDS if of_program else HOUR_SECONDS)
        if query.get("v") == variant.version:
            life = f"{YEAR_SECONDS}, immutable"
        named = {
            "content-type": "text/javascript; charset=utf-8",
            "cache-control": f"public, max-age={life}",
            "etag": f'"{variant.version}"',
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
        }
        if f'"{variant.version}"' in request.headers.get("if-none-match", ""):
            return Response(304, headers_of(named))
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers = headers_of({**named, "content-encoding": "gzip"})
            return Response(200, headers, variant.compressed)
        return Response(200, headers_of(named), variant.plain)
