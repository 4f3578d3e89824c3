"""The page for codes that nobody has: small, friendly, in the visitor's language."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from interfaces.edge.http import HTML, Request, Response, headers_of

PAGES = Path(__file__).parent / "pages"
ACCEPTED_MAX = 200  # Characters; what follows is not looked at.
LANGUAGES_CACHED = 1_000
POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


async def not_found(request: Request) -> Response:
    """Return the page."""
    language = best_language(request.headers.get("accept-language", ""))
    named = {
        "content-type": HTML,
        "content-language": language,
        "content-security-policy": POLICY,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(404, headers_of(named), page_in(language))


async def stylesheet(_request: Request) -> Response:
    """Return the page's style sheet."""
    named = {"content-type": "text/css; charset=utf-8", "cache-control": "public, max-age=86400"}
    return Response(200, headers_of(named), (PAGES / "not_found.css").read_bytes())


@lru_cache(maxsize=len(settings.LANGUAGES))
def page_in(language: str) -> bytes:
    """Return the page in one of our languages."""
    template = Engine(libraries={"i18n": "django.templatetags.i18n"}).from_string(
        (PAGES / "not_found.html").read_text(encoding="utf-8")
    )
    with translation.override(language):
        return template.render(Context()).encode()


def best_language(accepted: str) -> str:
    """Return the best of our languages for an Accept-Language header."""
    return _best_language(accepted[:ACCEPTED_MAX].lower())


@lru_cache(maxsize=LANGUAGES_CACHED)
def _best_language(accepted: str) -> str:
    for wanted, _weight in parse_accept_lang_header(accepted):
        try:
            return translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
