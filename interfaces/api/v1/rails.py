"""Rails: the accounts that payouts are sent from, and what reconciliation found about them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, SignedMinor, Strict, Switch, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery, Page, PageQuery
from interfaces.api.words import lower
from merchants.rights import Scope
from payouts.models import Finding, FindingKind, Mode, Provider, Rail, Reconciliation
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider, Declared
from payouts.rails import archive_rail, ask_for_check, set_rail
from payouts.reconciliation import resolve_finding

SECRET_MAX = 8_000  # A private key as PEM.


class CredentialSerializer(serializers.Serializer[Any]):
    """Something that an account must know."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    is_secret = serializers.BooleanField(help_text="Never shown again.")
    is_required = serializers.BooleanField()


class ProviderSerializer(serializers.Serializer[Any]):
    """A provider that this installation can pay by."""

    provider = Word(Provider)
    is_called = serializers.BooleanField(help_text="False: it makes files.")
    methods = serializers.ListField(child=serializers.CharField())
    credentials = CredentialSerializer(many=True)


class RailSerializer(serializers.Serializer[Any]):
    """An account with a provider. Its secrets are never shown."""

    id = Id()
    provider = Word(Provider)
    mode = Word(Mode)
    masked = serializers.CharField()
    account = Maybe(help_text="How the provider names the account, once it was checked.")
    problem = Maybe(help_text="Why the last check failed.")
    checked_at = Moment(allow_null=True)
    check_due_at = Moment(allow_null=True, help_text="Set: a check is about to be made.")
    notice_url = serializers.SerializerMethodField(
        help_text="Where the provider is to send its webhooks."
    )
    archived_at = Moment(allow_null=True)
    created_at = Moment()

    @extend_schema_field(serializers.URLField())
    def get_notice_url(self, rail: Rail) -> str:
        """Return the address of its notices."""
        path = reverse("rails:notice", args=[lower(rail.provider), rail.notice_token])
        return f"{settings.APP_URL}{path}"


class NewRailSerializer(Strict):
    """An account; or new secrets for the account that is connected."""

    provider = Word(Provider)
    mode = Word(Mode)
    credentials = serializers.DictField(
        child=Text(max_length=SECRET_MAX, allow_blank=True),
        help_text="By name, as `rail-providers` lists them.",
    )


class RailQuery(ListQuery):
    """Filters of the rails."""

    provider = Word(Provider, required=False)
    in_force = Switch(required=False, source="archived_at__isnull")


class ReconciliationSerializer(serializers.Serializer[Any]):
    """One day's comparison of a provider's list with what we know."""

    id = Id()
    rail = Id(source="rail_id")
    day = serializers.DateField()
    checked_at = Moment()
    totals = serializers.JSONField()
    error = Maybe(help_text="Why the day could not be compared yet.")


class ReconciliationQuery(ListQuery):
    """Filters of the comparisons."""

    rail = Id(required=False, source="rail_id")


class FindingSerializer(serializers.Serializer[Any]):
    """Something that does not agree. While one is open, no batch goes over the rail."""

    id = Id()
    rail = Id(source="rail_id")
    day = serializers.DateField(source="reconciliation.day")
    kind = Word(FindingKind)
    reference = serializers.CharField()
    payout = Id(source="payout_id", allow_null=True)
    currency = serializers.CharField()
    ours_minor = SignedMinor(allow_null=True)
    theirs_minor = SignedMinor(allow_null=True)
    resolved_at = Moment(allow_null=True)
    resolution = Maybe()
    created_at = Moment()


class FindingQuery(ListQuery):
    """Filters of the findings."""

    rail = Id(required=False, source="rail_id")
    kind = Word(FindingKind, required=False)
    open = Switch(required=False, source="resolved_at__isnull")


class ResolutionSerializer(Strict):
    """Why it stands in nobody's way any more."""

    reason = Text(max_length=500)


def rails(call: Call) -> QuerySet[Rail]:
    """Return the merchant's rails."""
    return Rail.objects.filter(merchant_id=call.merchant_id)


def findings(call: Call) -> QuerySet[Finding]:
    """Return the merchant's findings."""
    return Finding.objects.filter(merchant_id=call.merchant_id).select_related("reconciliation")


class RailProviders(MerchantView):
    """What payouts can be sent by."""

    @endpoint("List payout providers", gives=ProviderSerializer, query=PageQuery)
    def get(self, call: Call) -> Page[dict[str, Any]]:
        return Page([_described(*row) for row in PROVIDERS.items()], None)


class Rails(MerchantView):
    """The merchant's accounts with providers."""

    @endpoint("List rails", gives=RailSerializer, query=RailQuery)
    def get(self, call: Call) -> QuerySet[Rail]:
        return rails(call)

    @endpoint(
        "Connect a rail",
        gives=RailSerializer,
        takes=NewRailSerializer,
        status=201,
        scope=Scope.PAYOUTS,
        example={
            "provider": "wise",
            "mode": "sandbox",
            "credentials": {"profile": "12345678", "token": "…"},
        },
        description="One rail of each provider is in force. The same mode and account change its"
        " secrets; another account is another rail, and the former is archived: what was handed"
        " over to it is finished with it. A check follows within seconds.",
    )
    def post(self, call: Call) -> Rail:
        return set_rail(member=call.member, **call.body, at=call.at)


class OneRail(MerchantView):
    """One rail."""

    @endpoint("Read a rail", gives=RailSerializer)
    def get(self, call: Call, id: UUID) -> Rail:
        return one(rails(call), id)


class CheckRail(MerchantView):
    """Try a rail's credentials."""

    @endpoint(
        "Check a rail",
        gives=RailSerializer,
        scope=Scope.PAYOUTS,
        description="Asks the provider something harmless, within seconds; read `account` and"
        " `problem` when `check_due_at` is null again.",
    )
    def post(self, call: Call, id: UUID) -> Rail:
        return ask_for_check(member=call.member, rail=one(rails(call), id), at=call.at)


class ArchiveRail(MerchantView):
    """Let go of a rail."""

    @endpoint(
        "Archive a rail",
        gives=RailSerializer,
        scope=Scope.PAYOUTS,
        description="What was handed over to it is finished with it.",
    )
    def post(self, call: Call, id: UUID) -> Rail:
        return archive_rail(member=call.member, rail=one(rails(call), id), at=call.at)


class Reconciliations(MerchantView):
    """The days that were compared."""

    @endpoint("List reconciliations", gives=ReconciliationSerializer, query=ReconciliationQuery)
    def get(self, call: Call) -> QuerySet[Reconciliation]:
        return Reconciliation.objects.filter(merchant_id=call.merchant_id)


class Findings(MerchantView):
    """What does not agree."""

    @endpoint("List findings", gives=FindingSerializer, query=FindingQuery)
    def get(self, call: Call) -> QuerySet[Finding]:
        return findings(call)


class OneFinding(MerchantView):
    """One finding."""

    @endpoint("Read a finding", gives=FindingSerializer)
    def get(self, call: Call, id: UUID) -> Finding:
        return one(findings(call), id)


class ResolveFinding(MerchantView):
    """Say what became of a finding."""

    @endpoint(
        "Resolve a finding",
        gives=FindingSerializer,
        takes=ResolutionSerializer,
        scope=Scope.PAYOUTS,
        example={"reason": "Paid by hand on 3 March; written off."},
        description="When none of the rail is open, batches go over it again.",
    )
    def post(self, call: Call, id: UUID) -> Finding:
        return resolve_finding(
            member=call.member,
            finding=one(findings(call), id),
            reason=call.body["reason"],
            at=call.at,
        )


def _described(provider: Provider, declared: Declared) -> dict[str, Any]:
    return {
        "provider": provider,
        "is_called": isinstance(declared, ApiProvider),
        "methods": sorted(lower(kind) for kind in declared.kinds),
        "credentials": [
            {
                "name": each.name,
                "label": str(each.label),
                "help": str(each.help),
                "is_secret": each.is_secret,
                "is_required": each.is_required,
            }
            for each in declared.credentials
        ],
    }
