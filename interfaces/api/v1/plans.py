"""What a merchant wants of a program: targets, whom it is for, its place in the directory."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Country, Day, Flag, Id, Moment, Name, Strict, Whole, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery, Page, page_of
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from programs.models import Category, CustomerProfile, Listing, Program, Target, TargetMetric
from programs.selectors import customers_of
from programs.services.plans import (
    AMOUNT_MAX,
    add_target,
    list_program,
    listing_of,
    remove_target,
    set_customers,
    unlist_program,
)
from reports.targets import Progress, progress_of_targets

COUNTRIES_MAX = 300


class ProgramTargetSerializer(serializers.Serializer[Any]):
    """How much a program shall bring between two days, and how far it is."""

    id = Id(source="target.id")
    program = Id(source="target.program_id")
    metric = Word(TargetMetric, source="target.metric")
    amount = serializers.IntegerField(
        source="target.amount", help_text="A count; of revenue, minor units."
    )
    first_on = serializers.DateField(source="target.first_on")
    last_on = serializers.DateField(source="target.last_on")
    reached = serializers.IntegerField(help_text="Until now.")
    expected = serializers.IntegerField(help_text="By today, if every day brought the same.")
    created_at = Moment(source="target.created_at")


class NewProgramTargetSerializer(Strict):
    """A target of a program; both days are counted in, in UTC."""

    metric = Word(TargetMetric)
    amount = Whole(min_value=1, max_value=AMOUNT_MAX)
    first_on = Day()
    last_on = Day()


def targets(call: Call, program: Program) -> QuerySet[Target]:
    """Return what a program shall bring."""
    return Target.objects.filter(merchant_id=call.merchant_id, program=program)


def one_progress(call: Call, program: Program, target: Target) -> Progress:
    """Return how far one target is."""
    [found] = progress_of_targets(program, [target], at=call.at)
    return found


class ProgramTargets(MerchantView):
    """The targets of a program."""

    @endpoint("List targets of a program", gives=ProgramTargetSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> Page[Progress]:
        program = one(programs(call), id)
        page = page_of(targets(call, program), call.query)
        return Page(progress_of_targets(program, page.rows, at=call.at), page.next_cursor)

    @endpoint(
        "Set a target of a program",
        gives=ProgramTargetSerializer,
        takes=NewProgramTargetSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={
            "metric": "conversions",
            "amount": 500,
            "first_on": "2026-04-01",
            "last_on": "2026-06-30",
        },
    )
    def post(self, call: Call, id: UUID) -> Progress:
        program = one(programs(call), id)
        target = add_target(program=program, **call.body, by=call.by, at=call.at)
        return one_progress(call, program, target)


class RemoveProgramTarget(MerchantView):
    """Pursue a target no more."""

    @endpoint("Remove a target", gives=ProgramTargetSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, target_id: UUID) -> Progress:
        program = one(programs(call), id)
        target = one(targets(call, program).select_related("program"), target_id)
        remove_target(target=target, by=call.by, at=call.at)
        return one_progress(call, program, target)


class CustomersSerializer(serializers.Serializer[Any]):
    """Whom affiliates should bring."""

    program = Id(source="program_id")
    summary = serializers.CharField(allow_blank=True)
    industries = serializers.CharField(allow_blank=True)
    company_size = serializers.CharField(allow_blank=True)
    roles = serializers.CharField(allow_blank=True, help_text="Who decides.")
    countries = serializers.ListField(child=serializers.CharField())
    needs = serializers.CharField(allow_blank=True)
    not_for = serializers.CharField(allow_blank=True, help_text="For whom it is not.")


class CustomersChangesSerializer(Strict):
    """What of it may change; whatever is left out stays."""

    summary = Name(max_length=2_000, required=False, allow_blank=True)
    industries = Name(max_length=300, required=False, allow_blank=True)
    company_size = Name(max_length=120, required=False, allow_blank=True)
    roles = Name(max_length=300, required=False, allow_blank=True)
    countries = serializers.ListField(child=Country(), required=False, max_length=COUNTRIES_MAX)
    needs = Name(max_length=2_000, required=False, allow_blank=True)
    not_for = Name(max_length=2_000, required=False, allow_blank=True)


class ProgramCustomers(MerchantView):
    """The customers a program is for."""

    @endpoint("Read whom a program is for", gives=CustomersSerializer)
    def get(self, call: Call, id: UUID) -> CustomerProfile:
        program = one(programs(call), id)
        empty = CustomerProfile(merchant_id=call.merchant_id, program=program)
        return customers_of(program) or empty

    @endpoint(
        "Say whom a program is for",
        gives=CustomersSerializer,
        takes=CustomersChangesSerializer,
        scope=Scope.PROGRAMS,
        description="Affiliates read it in their portal.",
        example={"summary": "People who sail at weekends", "countries": ["DE", "NL"]},
    )
    def patch(self, call: Call, id: UUID) -> CustomerProfile:
        program = one(programs(call), id)
        return set_customers(program=program, changes=call.body, by=call.by, at=call.at)


class ListingSerializer(serializers.Serializer[Any]):
    """Whether, and where, a program stands in the directory of all merchants."""

    program = Id(source="program_id")
    is_listed = serializers.BooleanField()
    category = Word(Category, allow_null=True)
    countries = serializers.ListField(child=serializers.CharField(), help_text="Empty: all.")
    listed_at = Moment(allow_null=True)


class NewListingSerializer(Strict):
    """Where it shall stand."""

    is_listed = Flag(required=False, help_text="Default: true. false takes it out.")
    category = Word(Category, required=False, help_text="Default: other, or what it was.")
    countries = serializers.ListField(
        child=Country(), required=False, max_length=COUNTRIES_MAX, help_text="Empty: all."
    )


def told(program: Program, listing: Listing | None) -> dict[str, Any]:
    """Return what is said of a program's place in the directory."""
    return {
        "program_id": program.id,
        "is_listed": listing is not None,
        "category": listing and listing.category,
        "countries": listing.countries if listing else [],
        "listed_at": listing and listing.listed_at,
    }


class ProgramListing(MerchantView):
    """A program's place in the directory."""

    @endpoint("Read a program's place in the directory", gives=ListingSerializer)
    def get(self, call: Call, id: UUID) -> dict[str, Any]:
        program = one(programs(call), id)
        return told(program, listing_of(program))

    @endpoint(
        "Put a program into the directory, or take it out",
        gives=ListingSerializer,
        takes=NewListingSerializer,
        scope=Scope.PROGRAMS,
        example={"category": "software", "countries": ["DE"]},
        description="Every affiliate of the installation finds it there.",
    )
    def patch(self, call: Call, id: UUID) -> dict[str, Any]:
        program = one(programs(call), id)
        if not call.body.get("is_listed", True):
            unlist_program(program=program, by=call.by, at=call.at)
            return told(program, None)
        before = listing_of(program)
        listing = list_program(
            program=program,
            category=call.body.get("category", before.category if before else Category.OTHER),
            countries=call.body.get("countries", before.countries if before else []),
            by=call.by,
            at=call.at,
        )
        return told(program, listing)
