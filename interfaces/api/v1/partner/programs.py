"""The programs an affiliate is in, with what they pay now."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from affiliates.models import Enrollment, Status
from commissions.models import Reward
from commissions.selectors import rates_in_force
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id, Moment, Word
from interfaces.api.pagination import ListQuery, Page, page_of
from programs.models import Status as ProgramStatus
from recruiting.bounties import open_offers
from recruiting.models import RecruitingOffer


class PartnerMerchantSerializer(serializers.Serializer[Any]):
    """Whose program it is."""

    id = Id()
    name = serializers.CharField()


class PartnerRateSerializer(serializers.Serializer[Any]):
    """A goal and what it pays now; `reward` is null when it pays nothing."""

    goal = serializers.CharField(source="goal.code")
    name = serializers.CharField(source="goal.name")
    definition = serializers.CharField(source="goal.definition", allow_blank=True)
    reward = Word(Reward, source="version.reward", allow_null=True, default=None)
    fixed_minor = serializers.IntegerField(source="version.fixed_minor", default=0)
    rate_bps = serializers.IntegerField(source="version.rate_bps", default=0)


class PartnerProgramSerializer(serializers.Serializer[Any]):
    """A program, and the affiliate's enrollment in it."""

    id = Id(source="program.id")
    merchant = PartnerMerchantSerializer(source="program.merchant")
    name = serializers.CharField(source="program.name")
    status = Word(ProgramStatus, source="program.status")
    currency = serializers.CharField(source="program.currency")
    summary = serializers.CharField(source="program.summary", allow_blank=True)
    landing_url = serializers.CharField(source="program.landing_url")
    allowed_hosts = serializers.ListField(
        child=serializers.CharField(), source="program.allowed_hosts"
    )
    window_days = serializers.IntegerField(source="program.window_days")
    hold_days = serializers.IntegerField(source="program.hold_days")
    payout_minor_min = serializers.IntegerField(source="program.payout_minor_min")
    enrollment = Id(source="id_of_enrollment")
    enrollment_status = Word(Status)
    code = serializers.CharField()
    enrolled_at = Moment()
    rates = PartnerRateSerializer(many=True)
    recruiting_url = serializers.CharField(
        allow_null=True, help_text="The affiliate's own link to bring others by, if they may."
    )
    bounty_minor = serializers.IntegerField(
        allow_null=True, help_text="Once, when a recruit's first sale is approved."
    )


class PartnerProgramQuery(ListQuery):
    """Filters of the programs: by the enrollment's time and status."""

    status = Word(Status, required=False, help_text="The enrollment's.")


class PartnerPrograms(PartnerView):
    """The affiliate's programs, of all merchants."""

    @endpoint(
        "List the affiliate's programs", gives=PartnerProgramSerializer, query=PartnerProgramQuery
    )
    def get(self, call: PartnerCall) -> Page[Any]:
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id)
        page = page_of(own.select_related("program__merchant"), call.query)
        rates = rates_in_force([row.program_id for row in page.rows], at=call.at)
        offers = open_offers([row.program_id for row in page.rows])
        rows = [
            {
                "program": row.program,
                "id_of_enrollment": row.id,
                "enrollment_status": row.status,
                "code": row.code,
                "enrolled_at": row.created_at,
                "rates": rates[row.program_id],
                **_recruiting(row, offers.get(row.program_id)),
            }
            for row in page.rows
        ]
        return Page(rows, page.next_cursor)


def _recruiting(enrollment: Enrollment, offer: RecruitingOffer | None) -> dict[str, Any]:
    if offer is None or not enrollment.is_active:
        return {"recruiting_url": None, "bounty_minor": None}
    program = enrollment.program
    arguments = [program.merchant.slug, program.slug, enrollment.code]
    url = settings.APP_URL + reverse("public:recruited", args=arguments)
    return {"recruiting_url": url, "bounty_minor": offer.bounty_minor}
