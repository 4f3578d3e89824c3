"""fl.js: the one file a merchant's page loads from here."""

import gzip
import hashlib
from pathlib import Path

from django.conf import settings

from interfaces.edge.http import Request, Response, headers_of, method_not_allowed

SOURCE = Path(settings.BASE_DIR) / "assets" / "js" / "fl.js"
HOUR_SECONDS = 3_600
YEAR_SECONDS = 31_536_000


class Snippet:
    """The snippet in memory, compressed once, named by its content."""

    def __init__(self, source: bytes) -> None:
        self.plain = source
        self.compressed = gzip.compress(source, 9, mtime=0)
        self.version = hashlib.sha256(source).hexdigest()[:12]

    @classmethod
    def from_file(cls) -> "Snippet":
        """Return the snippet of this release."""
        return cls(SOURCE.read_bytes())

    async def serve(self, request: Request) -> Response:
        """Answer /fl.js; /fl.js?v=<version> may be kept for ever, because it never changes."""
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed("GET")
        for_ever = ("v", self.version) in request.query
        life = f"{YEAR_SECONDS}, immutable" if for_ever else f"{HOUR_SECONDS}"
        named = {
            "content-type": "text/javascript; charset=utf-8",
            "cache-control": f"public, max-age={life}",
            "etag": f'"{self.version}"',
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
        }
        if f'"{self.version}"' in request.headers.get("if-none-match", ""):
            return Response(304, headers_of(named))
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers = headers_of({**named, "content-encoding": "gzip"})
            return Response(200, headers, self.compressed)
        return Response(200, headers_of(named), self.plain)
