"""Which language somebody is spoken to in, and the form by which they choose another."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from interfaces.portal.host import host_merchant
from merchants.models import Merchant
from users.languages import set_language_of

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """After authentication: speak each request's language.

    What they chose goes first: their account knows it wherever they sign in, a cookie elsewhere.
    Then comes the language of the merchant whose host it is, and then what the browser asks for.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_for(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", language)
        return response


def language_for(request: HttpRequest, merchant: Merchant | None = None) -> str:
    """Return the language of a request, one of settings.LANGUAGES; of a page of a merchant's."""
    said = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if settings.SESSION_COOKIE_NAME in request.COOKIES:  # Else nobody is signed in; ask nothing.
        said = getattr(request.user, "language", "") or said
    merchant = merchant or host_merchant(request)
    for code in (said, merchant.language if merchant else ""):
        if code in dict(settings.LANGUAGES):
            return code
    return translation.get_language_from_request(request)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language that was chosen, and go back to where it was chosen."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(settings.LANGUAGES):
        set_language_of(request.user, code)
    return set_language(request)
