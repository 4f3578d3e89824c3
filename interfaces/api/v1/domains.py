"""The merchant's own hosts, for its links or for its portal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Name, Strict, WebAddress, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.domains import (
    Finding,
    add_domain,
    dns_records,
    domains_of,
    finding_of,
    note_finding,
    remove_domain,
    update_domain,
)
from merchants.models import Domain, Purpose
from merchants.rights import Scope


class DnsRecordSerializer(serializers.Serializer[Any]):
    """A record that proves a host."""

    type = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField()


class DomainSerializer(serializers.Serializer[Any]):
    """A host of the merchant's own, which serves once its DNS proves it."""

    id = Id()
    host = serializers.CharField()
    purpose = Word(Purpose, help_text="What it is for: links, or portal and program pages.")
    fallback_url = Maybe(help_text="Where unknown codes lead; null: to a page that says so.")
    records = serializers.SerializerMethodField(help_text="What to set in the DNS.")
    verified_at = Moment(allow_null=True, help_text="null: not proven, so not answered.")
    checked_at = Moment(allow_null=True)
    failing_since_at = Moment(
        allow_null=True, help_text="Checks fail since then; a proven host serves for a week more."
    )
    finding = Maybe(help_text=f"Why the last check failed: {', '.join(filter(None, Finding))}.")
    created_at = Moment()

    @extend_schema_field(DnsRecordSerializer(many=True))
    def get_records(self, domain: Domain) -> Any:
        """Return the records that prove it."""
        return DnsRecordSerializer(dns_records(domain), many=True).data


class DomainChangesSerializer(Strict):
    """What of a domain may change."""

    fallback_url = WebAddress(allow_blank=True)


class NewDomainSerializer(Strict):
    """A host name, without a port."""

    host = Name(max_length=253)
    purpose = Word(Purpose, required=False, help_text="Default: tracking, for links.")
    fallback_url = WebAddress(required=False, allow_blank=True)


class DomainQuery(ListQuery):
    """Filters of the domains."""

    host = Name(max_length=253, required=False)
    purpose = Word(Purpose, required=False)


def domains(call: Call) -> QuerySet[Domain]:
    """Return the merchant's domains."""
    return domains_of(call.key.merchant)


class Domains(MerchantView):
    """The merchant's domains."""

    @endpoint("List domains", gives=DomainSerializer, query=DomainQuery)
    def get(self, call: Call) -> QuerySet[Domain]:
        return domains(call)

    @endpoint(
        "Add a domain",
        gives=DomainSerializer,
        takes=NewDomainSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="Set the `records` that the answer names, then check it.",
        example={"host": "go.shop.example", "fallback_url": "https://shop.example/"},
    )
    def post(self, call: Call) -> Domain:
        return add_domain(merchant=call.member.merchant, **call.body, by=call.by, at=call.at)


class OneDomain(MerchantView):
    """One domain."""

    @endpoint("Read a domain", gives=DomainSerializer)
    def get(self, call: Call, id: UUID) -> Domain:
        return one(domains(call), id)

    @endpoint(
        "Change a domain",
        gives=DomainSerializer,
        takes=DomainChangesSerializer,
        scope=Scope.PROGRAMS,
    )
    def patch(self, call: Call, id: UUID) -> Domain:
        return update_domain(domain=one(domains(call), id), **call.body, by=call.by, at=call.at)


class CheckDomain(MerchantView):
    """Look whether the DNS proves a domain."""

    finding: Finding

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Ask the DNS before the transaction: nothing may wait for it with a connection."""
        with super().serving():
            domain = one(domains_of(self.key.merchant), self.kwargs["id"])
        self.finding = finding_of(
            host=domain.host, proof=domain.proof, purpose=Purpose(domain.purpose)
        )
        with super().serving():
            yield

    @endpoint(
        "Check a domain",
        gives=DomainSerializer,
        scope=Scope.PROGRAMS,
        description="Takes up to three seconds. Proven domains are checked daily by themselves,"
        " and given up after seven days of failing.",
    )
    def post(self, call: Call, id: UUID) -> Domain:
        note_finding(domain=one(domains(call), id), finding=self.finding, at=call.at)
        return one(domains(call), id)


class RemoveDomain(MerchantView):
    """Give a domain up."""

    @endpoint(
        "Remove a domain",
        gives=DomainSerializer,
        scope=Scope.PROGRAMS,
        description="It serves nothing from now on.",
    )
    def post(self, call: Call, id: UUID) -> Domain:
        domain = one(domains(call), id)
        remove_domain(domain=domain, by=call.by, at=call.at)
        return domain
