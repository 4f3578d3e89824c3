"""Callers of the API: a client per key."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from affiliates.keys import create_key as create_affiliate_key
from merchants.models import KeyKind, Member
from merchants.rights import Scope
from merchants.services import create_key
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter


@dataclass
class Answered:
    """What a call was answered."""

    response: HttpResponse

    @property
    def status(self) -> int:
        """Return the status."""
        return self.response.status_code

    @property
    def json(self) -> Any:
        """Return the body."""
        return json.loads(self.response.content)

    @property
    def refusal(self) -> tuple[int, str]:
        """Return the status and the code of a problem, which is one in every respect."""
        assert self.response.headers["Content-Type"] == "application/problem+json"
        problem = self.json
        assert problem.keys() == {"type", "title", "status", "code", "detail", "errors"}
        assert problem["status"] == self.status
        assert problem["type"] == f"urn:fairlead:problem:{problem['code']}"
        return self.status, problem["code"]

    @property
    def fields(self) -> dict[str, str]:
        """Return the code of each field that a problem names."""
        return {row["field"]: row["code"] for row in self.json["errors"]}


@dataclass
class Caller:
    """A client with a key."""

    key: str | None

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json",
        **headers: str,
    ) -> Answered:
        """Call /api/v1/<path>."""
        if self.key is not None:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = Client().generic(
            method, f"/api/v1/{path}", data, content_type=content_type, headers=named
        )
        return Answered(response)

    def get(self, path: str, **headers: str) -> Answered:
        """GET."""
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **options: Any) -> Answered:
        """POST."""
        return self("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answered:
        """PATCH."""
        return self("PATCH", path, body, **options)


def key_for(
    member: Member, scopes: Iterable[Scope] = tuple(Scope), kind: KeyKind = KeyKind.SECRET
) -> str:
    """Store a key of the member's merchant that acts for the member; return its text."""
    with merchant_context(member.merchant_id):
        owner = Member.objects.filter(role="OWNER").get()
        key, text = create_key(member=owner, name="Test", scopes=list(scopes), at=NOON, kind=kind)
        key.member = member
        key.save(update_fields=["member"])
    return text


@pytest.fixture
def api(acme: Company) -> Caller:
    """Return a caller with a full key of Alice at Acme."""
    return Caller(key_for(acme.owner))


@pytest.fixture
def other_api(globex: Company) -> Caller:
    """Return a caller with a full key of Gwen at Globex."""
    return Caller(key_for(globex.owner))


@pytest.fixture
def partner(bob: Promoter) -> Caller:
    """Return a caller with a key of Bob."""
    return Caller(create_affiliate_key(affiliate=bob.affiliate, name="Test")[1])


@pytest.fixture
def other_partner(carol: Promoter) -> Caller:
    """Return a caller with a key of Carol."""
    return Caller(create_affiliate_key(affiliate=carol.affiliate, name="Test")[1])
