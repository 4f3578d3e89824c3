"""Links: the short addresses that an affiliate hands out."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
from interfaces.api.bulk import ResultSerializer, attempt, bulk_of, result
from interfaces.api.endpoints import Call, MerchantView, endpoint, validated
from interfaces.api.fields import (
    Id,
    Maybe,
    MaybeWord,
    Moment,
    Name,
    Plain,
    Strict,
    Text,
    WebAddress,
)
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope
from tracking.bulk import LinkDraft, LinkRefusal, create_links
from tracking.models import Link, SmartRule
from tracking.services import archive_link, create_link, update_link

LINK_CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{1,38}[A-Za-z0-9]\Z"


class LinkAddress(serializers.CharField):
    """The address that the affiliate shares."""

    def to_representation(self, code: str) -> str:
        """Return it whole."""
        return f"{settings.EDGE_URL}/c/{code}"


class LinkSerializer(serializers.Serializer[Any]):
    """A short address that leads to the merchant and credits the affiliate."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    code = serializers.CharField()
    url = LinkAddress(source="code")
    name = serializers.CharField(allow_blank=True)
    destination_url = Maybe(help_text="null: the program's landing page.")
    fallback_url = Maybe(help_text="Where clicks go that are not credited; null: the program's.")
    starts_at = Moment(allow_null=True)
    ends_at = Moment(allow_null=True)
    smart_rule = MaybeWord(SmartRule, help_text="null: no smart link.")
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class LinkChangesSerializer(Strict):
    """What of a link may change; its code is for good."""

    name = Name(max_length=80, required=False, allow_blank=True)
    destination_url = WebAddress(
        required=False, allow_blank=True, help_text="On a host that the program allows."
    )
    fallback_url = WebAddress(
        required=False, allow_blank=True, help_text="On a host that the program allows."
    )
    starts_at = Moment(required=False, allow_null=True, help_text="Not credited before.")
    ends_at = Moment(required=False, allow_null=True, help_text="Not credited from then on.")


class NewLinkSerializer(LinkChangesSerializer):
    """A link of an approved enrollment; without a code it gets a random one."""

    enrollment = Id()
    code = Plain(LINK_CODE, max_length=40, required=False)


NewLinksSerializer = bulk_of("NewLink")


class LinkResultSerializer(ResultSerializer):
    """What became of one link of many."""

    link = LinkSerializer(allow_null=True)


class LinkResultsSerializer(serializers.Serializer[Any]):
    """A result for each, in the order of the request."""

    data = LinkResultSerializer(many=True)  # type: ignore[assignment]


class LinkQuery(ListQuery):
    """Filters of the links."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    code = Text(required=False, max_length=40)


def links(call: Call) -> QuerySet[Link]:
    """Return the merchant's links."""
    return Link.objects.filter(merchant_id=call.merchant_id).select_related("program")


def make_link(call: Call, body: dict[str, Any]) -> Link:
    """Create what a validated body describes."""
    facts = {name: value for name, value in body.items() if name != "enrollment"}
    enrollment = one(enrollments_of(call.merchant_id), body["enrollment"], named_by="enrollment")
    return create_link(enrollment=enrollment, **facts)


class StoreLinks(Protocol):
    """What stores drafts and says of each what came of it."""

    def __call__(self, *, drafts: Sequence[LinkDraft]) -> Sequence[Link | LinkRefusal]: ...


def make_links(
    items: Sequence[Any], *, enrollments: QuerySet[Enrollment], store: StoreLinks, at: datetime
) -> dict[str, Any]:
    """Create what the items of a bulk request describe; return a result for each."""
    bodies = [attempt(partial(validated, NewLinkSerializer, item, at=at)) for item in items]
    named = {body["enrollment"] for body in bodies if isinstance(body, dict)}
    mine = {row.id: row for row in enrollments.filter(id__in=named)}

    def draft(body: dict[str, Any]) -> LinkDraft:
        enrollment = found(mine.get(body.pop("enrollment")), named_by="enrollment")
        return LinkDraft(enrollment, **body)

    outcomes = [
        attempt(partial(draft, body)) if isinstance(body, dict) else body for body in bodies
    ]
    made = iter(store(drafts=[row for row in outcomes if isinstance(row, LinkDraft)]))
    done = [next(made) if isinstance(row, LinkDraft) else row for row in outcomes]
    return {"data": [result(index, row, named="link") for index, row in enumerate(done)]}


class Links(MerchantView):
    """The links of the merchant's affiliates."""

    @endpoint("List links", gives=LinkSerializer, query=LinkQuery)
    def get(self, call: Call) -> QuerySet[Link]:
        return links(call)

    @endpoint(
        "Create a link",
        gives=LinkSerializer,
        takes=NewLinkSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={"enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b", "name": "Newsletter"},
    )
    def post(self, call: Call) -> Link:
        return make_link(call, call.body)


class LinksBulk(MerchantView):
    """Many links at once."""

    @endpoint(
        "Create many links",
        gives=LinkResultsSerializer,
        takes=NewLinksSerializer,
        scope=Scope.AFFILIATES,
        description="Up to 1,000. Each has its own result, in order; a wrong one stops no other.",
    )
    def post(self, call: Call) -> dict[str, Any]:
        return make_links(
            call.body["data"],
            enrollments=enrollments_of(call.merchant_id),
            store=partial(create_links, merchant_id=call.merchant_id),
            at=call.at,
        )


class OneLink(MerchantView):
    """One link."""

    @endpoint("Read a link", gives=LinkSerializer)
    def get(self, call: Call, id: UUID) -> Link:
        return one(links(call), id)

    @endpoint(
        "Change a link", gives=LinkSerializer, takes=LinkChangesSerializer, scope=Scope.AFFILIATES
    )
    def patch(self, call: Call, id: UUID) -> Link:
        return update_link(link=one(links(call), id), **call.body)


class ArchiveLink(MerchantView):
    """Stop crediting a link's clicks."""

    @endpoint(
        "Archive a link",
        gives=LinkSerializer,
        scope=Scope.AFFILIATES,
        description="Visitors are still led on.",
    )
    def post(self, call: Call, id: UUID) -> Link:
        link = one(links(call), id)
        archive_link(link=link, at=call.at)
        return one(links(call), id)
