"""Who is asking: API keys, what each may do, and which door it opens."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from affiliates import directory as affiliates
from affiliates.keys import note_key_use as note_affiliate_key_use
from affiliates.models import KEY_PREFIX as AFFILIATE_PREFIX
from affiliates.models import AffiliateKey
from common import clock
from interfaces.api.problems import IsTestKey, MissingScope, WrongKeyKind
from merchants import directory as merchants
from merchants.models import ApiKey, KeyKind
from merchants.rights import Right, Scope
from merchants.services import note_key_use, require

if TYPE_CHECKING:  # DRF's views import this module: the settings name it.
    from rest_framework.views import APIView

    from interfaces.api.endpoints import Operation

Key = ApiKey | AffiliateKey

# A key acts for its member: what the key's scope allows, the member's role must allow as well.
# Payouts ask for the right of each step in their services.
RIGHT_OF_SCOPE: dict[Scope, Right] = {
    Scope.PROGRAMS: Right.EDIT_PROGRAMS,
    Scope.AFFILIATES: Right.REVIEW_AFFILIATES,
    Scope.CONVERSIONS: Right.REVIEW_CONVERSIONS,
    Scope.COMMISSIONS: Right.REVIEW_COMMISSIONS,
}


# A test key reads everything and reports facts, as tests; rates, people and money are real.
SCOPES_OF_TEST_KEYS = (Scope.READ, Scope.CONVERSIONS)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`; the key stands in `request.auth`, its member in `user`."""

    def authenticate(self, request: Request) -> tuple[Any, Key] | None:
        """Return the key in force that was presented; None if none was.

        :raises AuthenticationFailed: if the header is no Bearer or its key not in force.
        """
        header = get_authorization_header(request).decode("latin-1")
        if not header:
            return None
        scheme, _space, presented = header.partition(" ")
        key = find_key(presented.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise AuthenticationFailed(_("Send `Authorization: Bearer` with a key in force."))
        _note_use(key)
        return (key.member.user if isinstance(key, ApiKey) else None), key

    def authenticate_header(self, _request: Request) -> str:
        """Return the challenge of a 401."""
        return "Bearer"


def find_key(presented: str) -> Key | None:
    """Return the key in force of this text: an affiliate's, or a merchant's."""
    if presented.startswith(AFFILIATE_PREFIX):
        return affiliates.key_of(presented)
    return merchants.key_of(presented)


def _note_use(key: Key) -> None:
    at = clock.now()
    if isinstance(key, ApiKey):
        note_key_use(key=key, at=at)
    else:
        note_affiliate_key_use(key=key, at=at)


class HasScope(BasePermission):
    """Lets a key through whose kind opens this door and whose scopes include the operation's."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return False without a key: that is a 401.

        :raises WrongKeyKind: if such keys do not open this door.
        :raises MissingScope: if the operation needs another scope.
        :raises IsTestKey: if the operation is no test's business.
        :raises NotAllowed: if the key's member has lost the right.
        """
        key = request.auth
        if key is None:
            return False
        if not isinstance(key, getattr(view, "key_type", ApiKey)):
            raise WrongKeyKind(_("This kind of key opens another part of the API."))
        handler = getattr(view, (request.method or "").lower(), None)
        operation: Operation | None = getattr(handler, "operation", None)
        if isinstance(key, ApiKey):
            _require_secret_with_scope(key, operation.scope if operation else None)
        return True


def _require_secret_with_scope(key: ApiKey, scope: Scope | None) -> None:
    if key.kind != KeyKind.SECRET:
        raise WrongKeyKind(_("A publishable key cannot be used here: use a secret key."))
    if scope is None:
        return
    if scope not in key.scopes:
        raise MissingScope(_("This needs a key with the scope %s.") % scope.value)
    if key.is_test and scope not in SCOPES_OF_TEST_KEYS:
        raise IsTestKey(_("A test key only reads, and reports what never reaches money."))
    if scope in RIGHT_OF_SCOPE:
        require(key.member, RIGHT_OF_SCOPE[scope])
