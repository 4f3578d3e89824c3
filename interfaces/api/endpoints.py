"""What every operation shares: declared once, it drives the checks, the answer and the schema.

An operation is a method under `@endpoint(…)`. It gets a `Call`, makes one call into the domain and
returns what that gave. Around it: scope, context of the audience, idempotency, validation, paging
and rendering, all inside one transaction that any refusal rolls back.
"""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from affiliates.models import Affiliate, AffiliateKey
from common import clock
from interfaces.api import idempotency
from interfaces.api.auth import Key
from interfaces.api.fields import NoBody, Strict
from interfaces.api.models import AffiliateAnswer, IdempotentAnswer
from interfaces.api.pagination import Page, PageQuery, page_of
from interfaces.api.problems import IsTestKey
from interfaces.api.schema import describe
from merchants.models import Actor, ActorKind, ApiKey, Member
from merchants.rights import Scope
from merchants.selectors import member_in_force
from merchants.services import NotAllowed
from merchants.tenancy import affiliate_context, merchant_context


class NoQuery(Strict):
    """No query parameter is known."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address: who may, what it takes and what it gives."""

    summary: str
    gives: type[Serializer[Any]]
    takes: type[Strict] = NoBody
    query: type[Strict] = NoQuery
    status: int = 200
    scope: Scope | None = Scope.READ

    @property
    def is_list(self) -> bool:
        """Whether it answers with a page of rows."""
        return issubclass(self.query, PageQuery)


class Answer(NamedTuple):
    """A result whose status, or shape, is not the operation's usual one."""

    value: Any
    status: int
    gives: type[Serializer[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call with a merchant's key: who, when, and the validated body and query."""

    key: ApiKey
    at: datetime
    body: dict[str, Any]
    query: dict[str, Any]

    @property
    def merchant_id(self) -> UUID:
        """Return whose rows this is about."""
        return self.key.merchant_id

    @property
    def member(self) -> Member:
        """Return for whom the key acts, with user and merchant, read in the merchant's context.

        The key itself was found as ops, before anybody knew whose it is: nothing may hang on it.

        :raises NotAllowed: if the member was disabled this moment.
        """
        user_id = self.key.member.user_id
        member = member_in_force(merchant_id=self.merchant_id, user_id=user_id)
        if member is None:
            raise NotAllowed(self.key.masked)
        return member

    @property
    def by(self) -> Actor:
        """Return whom history shall name."""
        return Actor(ActorKind.KEY, self.key.id)

    def require_real(self) -> None:
        """Keep tests from what is real.

        :raises IsTestKey: if the call is made with a test key.
        """
        if self.key.is_test:
            raise IsTestKey(_("A test key changes nothing that is real."))


@dataclass(frozen=True, slots=True)
class PartnerCall:
    """One call with an affiliate's key."""

    key: AffiliateKey
    at: datetime
    body: dict[str, Any]
    query: dict[str, Any]

    @property
    def affiliate_id(self) -> UUID:
        """Return whose rows this is about."""
        return self.key.affiliate_id

    @property
    def affiliate(self) -> Affiliate:
        """Return the affiliate, read in its own context (see Call.member)."""
        return Affiliate.objects.get(id=self.affiliate_id)


class JsonAlways(BaseContentNegotiation):
    """JSON, whatever the Accept header says: there is nothing else to choose."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser of the body's media type; None refuses it with a 415."""
        media_type = request.content_type.partition(";")[0].strip().lower()
        return next((row for row in parsers if row.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        """Return the only renderer."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """The addresses' common ground; MerchantView and PartnerView say whose they are."""

    key_type: ClassVar[type[Key]]
    content_negotiation_class = JsonAlways
    http_method_names = ["get", "head", "post", "put", "patch"]

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return what every answer carries: nobody may keep a copy."""
        return {"Allow": ", ".join(self.allowed_methods), "Cache-Control": "no-store"}

    def serving(self) -> AbstractContextManager[None]:
        """Return the context in which the operation runs."""
        raise NotImplementedError

    def call(self, **facts: Any) -> Any:
        """Return the call that the operation gets."""
        raise NotImplementedError

    def owner(self) -> tuple[idempotency.AnswerModel, dict[str, UUID]]:
        """Return where answers to this caller's Idempotency-Keys are kept, and under whose id."""
        raise NotImplementedError


class MerchantView(ApiView):
    """An address of a merchant's API."""

    key_type = ApiKey

    @property
    def key(self) -> ApiKey:
        """Return the key, which HasScope has seen."""
        return cast(ApiKey, self.request.auth)

    def serving(self) -> AbstractContextManager[None]:
        """Return the merchant's context."""
        return merchant_context(self.key.merchant_id)

    def call(self, **facts: Any) -> Call:
        """Return the call of the merchant's key."""
        return Call(key=self.key, **facts)

    def owner(self) -> tuple[idempotency.AnswerModel, dict[str, UUID]]:
        """Return the merchant's answers."""
        return IdempotentAnswer, {"merchant_id": self.key.merchant_id}


class PartnerView(ApiView):
    """An address of an affiliate's API."""

    key_type = AffiliateKey

    @property
    def key(self) -> AffiliateKey:
        """Return the key, which HasScope has seen."""
        return cast(AffiliateKey, self.request.auth)

    def serving(self) -> AbstractContextManager[None]:
        """Return the affiliate's context."""
        return affiliate_context(self.key.affiliate_id)

    def call(self, **facts: Any) -> PartnerCall:
        """Return the call of the affiliate's key."""
        return PartnerCall(key=self.key, **facts)

    def owner(self) -> tuple[idempotency.AnswerModel, dict[str, UUID]]:
        """Return the affiliate's answers."""
        return AffiliateAnswer, {"affiliate_id": self.key.affiliate_id}


Handler = Callable[..., Any]


def endpoint(
    summary: str,
    *,
    gives: type[Serializer[Any]],
    takes: type[Strict] = NoBody,
    query: type[Strict] = NoQuery,
    status: int = 200,
    scope: Scope | None = Scope.READ,
    **documented: Any,
) -> Callable[[Handler], Handler]:
    """Make a method an operation; `documented` goes into the schema alone (see `describe`)."""
    operation = Operation(summary, gives, takes, query, status, scope)

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def respond(view: ApiView, request: Request, **ids: Any) -> HttpResponse:
            def run() -> HttpResponse:
                return _perform(operation, handler, view, request, ids)

            with view.serving():
                key = idempotency.key_of(request) if request.method == "POST" else None
                if key is None:
                    return run()
                answers, owner = view.owner()
                return idempotency.once(request, key=key, answers=answers, owner=owner, run=run)

        respond.operation = operation  # type: ignore[attr-defined]
        return describe(operation, handler, **documented)(respond)

    return decorate


def _perform(
    operation: Operation, handler: Handler, view: ApiView, request: Request, ids: dict[str, Any]
) -> HttpResponse:
    at = clock.now()
    call = view.call(
        at=at,
        query=validated(operation.query, _single_values(request), at=at),
        body=validated(operation.takes, request.data if request.body else {}, at=at),
    )
    result = handler(view, call, **ids)
    if isinstance(result, HttpResponse):  # A file.
        return result
    if isinstance(result, QuerySet):
        result = page_of(result, call.query)
    if isinstance(result, Page):
        rows = operation.gives(result.rows, many=True).data
        return as_json({"data": rows, "next_cursor": result.next_cursor}, operation.status)
    if not isinstance(result, Answer):
        result = Answer(result, operation.status)
    return as_json((result.gives or operation.gives)(result.value).data, result.status)


def _single_values(request: Request) -> dict[str, str]:
    twice = [name for name, values in request.query_params.lists() if len(values) > 1]
    if twice:
        detail = ErrorDetail(_("Give this parameter once."), "duplicate_parameter")
        raise ValidationError({name: [detail] for name in sorted(twice)})
    return request.query_params.dict()


def validated(shape: type[Strict], data: Any, *, at: datetime) -> dict[str, Any]:
    """Return the data in the domain's types.

    :raises ValidationError: naming every field that is wrong.
    """
    found = shape(data=data, context={"at": at})
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)


def as_json(data: Any, status: int) -> HttpResponse:
    """Return data as an answer, rendered here and now."""
    content = JSONRenderer().render(data)
    return HttpResponse(content, status=status, content_type="application/json")
