"""One action on many enrollments: counted first, then done by a worker (docs/affiliates.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from affiliates.care.jobs import REASON_MAX, Errand, Plan, cancel_job, plan_job, start_job
from affiliates.care.tags import ensure_tag, find_tag
from affiliates.models import BulkAction, BulkItem, BulkJob, BulkStatus, Enrollment, Status, Tag
from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Flag, Id, Moment, Name, Plain, Strict, Text, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.affiliates import enrollments
from interfaces.api.v1.coupons import CouponLimitsSerializer
from merchants.models import Member
from merchants.rights import Scope
from programs.models import Tier
from tracking.services import ENDING_MAX, PersonalCode

IDS_MAX = 1_000
NEEDS = {  # What an action cannot do without.
    BulkAction.TAG: "tag",
    BulkAction.UNTAG: "tag",
    BulkAction.MOVE_TIER: "tier",
    BulkAction.ASSIGN_OWNER: "owner",
    BulkAction.REJECT: "reason",
    BulkAction.SUSPEND: "reason",
    BulkAction.GIVE_CODE: "coupon",
}


class ChosenEnrollmentsSerializer(Strict):
    """Which enrollments: those of which all of it is true. At least one thing is said."""

    enrollments = serializers.ListField(
        child=Id(), source="id__in", required=False, min_length=1, max_length=IDS_MAX
    )
    program = Id(required=False, source="program_id")
    status = Word(Status, required=False)
    tier = Id(required=False, source="tier_id")
    tag = Id(required=False, source="taggings__tag_id")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for at least one: nobody acts on everybody by leaving something out."""
        if not attrs:
            raise ValidationError([ErrorDetail(str(_("Say which enrollments.")), "required")])
        return attrs


class PersonalCodeSerializer(CouponLimitsSerializer):
    """Codes made from names: with the ending 10, Anna gets ANNA10."""

    ending = Plain(r"^[A-Za-z0-9_-]*\Z", max_length=ENDING_MAX, required=False, allow_blank=True)
    only_without = Flag(
        required=False, default=True, help_text="Who has a valid code gets no other."
    )


class NewBulkJobSerializer(Strict):
    """What to do, to whom; with `dry_run` it is only counted."""

    action = Word(BulkAction)
    filter = ChosenEnrollmentsSerializer()
    tag = Name(max_length=40, required=False, help_text="Of tag and untag: what it is called.")
    tier = Id(required=False, allow_null=True, help_text="Of move_tier; null: into none.")
    owner = Text(
        max_length=254, required=False, allow_null=True, help_text="A member's address; or null."
    )
    reason = Name(max_length=REASON_MAX, required=False, help_text="Of reject and suspend.")
    coupon = PersonalCodeSerializer(required=False, help_text="Of give_code.")
    dry_run = Flag(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the action needs, and for nothing else."""
        needed = NEEDS.get(attrs["action"])
        errors: dict[str, Any] = {}
        for name in ("tag", "tier", "owner", "reason", "coupon"):
            if name == needed and name not in attrs:
                errors[name] = [ErrorDetail(str(_("This action needs it.")), "required")]
            if name != needed and name in attrs:
                errors[name] = [ErrorDetail(str(_("Not with this action.")), "not_with_action")]
        if errors:
            raise ValidationError(errors)
        return attrs


class SkippedSerializer(serializers.Serializer[Any]):
    """Why some stay as they are, and how many."""

    reason = serializers.CharField()
    count = serializers.IntegerField()


class BulkPlanSerializer(serializers.Serializer[Any]):
    """What a job would do."""

    dry_run = serializers.BooleanField()
    applies = serializers.IntegerField()
    skipped = SkippedSerializer(many=True)


class BulkJobSerializer(serializers.Serializer[Any]):
    """A job: `done` and `skipped` grow until they are `total`."""

    id = Id()
    action = Word(BulkAction)
    status = Word(BulkStatus)
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    skipped = serializers.IntegerField()
    started_at = Moment()
    finished_at = Moment(allow_null=True)
    created_at = Moment()


class BulkItemSerializer(serializers.Serializer[Any]):
    """An enrollment that a job could not take."""

    id = Id()
    enrollment = Id(source="enrollment_id")
    problem = serializers.CharField()
    created_at = Moment()


class BulkJobQuery(ListQuery):
    """Filters of the jobs."""

    action = Word(BulkAction, required=False)
    status = Word(BulkStatus, required=False)


def jobs(call: Call) -> QuerySet[BulkJob]:
    """Return the merchant's jobs, without the lists of whom they take."""
    return BulkJob.objects.filter(merchant_id=call.merchant_id).defer("enrollment_ids")


def _errand(call: Call) -> Errand:
    """Return what is to be done; a dry run makes no tag."""
    body = call.body
    mine = {"merchant_id": call.merchant_id}
    tier, owner = body.get("tier"), body.get("owner")
    members = Member.objects.filter(**mine, disabled_at=None).select_related("user")
    return Errand(
        action=body["action"],
        tag=_tag(call) if "tag" in body else None,
        tier=one(Tier.objects.filter(**mine), tier, named_by="tier") if tier else None,
        owner=found(members.filter(user__email__iexact=owner).first(), named_by="owner")
        if owner
        else None,
        reason=body.get("reason", ""),
        coupon=PersonalCode(**body["coupon"]).as_json() if "coupon" in body else None,
    )


def _tag(call: Call) -> Tag:
    merchant, name = call.key.merchant, call.body["tag"]
    if call.body["dry_run"]:
        return find_tag(merchant=merchant, name=name) or Tag(merchant=merchant, name=name)
    return ensure_tag(merchant=merchant, name=name)


def _chosen(call: Call) -> QuerySet[Enrollment]:
    return enrollments(call).filter(**call.body["filter"])


def _told(plan: Plan) -> dict[str, Any]:
    skipped = [{"reason": why, "count": count} for why, count in plan.skipped]
    return {"dry_run": True, "applies": plan.applies, "skipped": skipped}


class BulkJobs(MerchantView):
    """The jobs of the merchant."""

    @endpoint("List bulk jobs", gives=BulkJobSerializer, query=BulkJobQuery)
    def get(self, call: Call) -> QuerySet[BulkJob]:
        return jobs(call)

    @endpoint(
        "Begin a bulk job",
        gives=BulkJobSerializer,
        takes=NewBulkJobSerializer,
        status=202,
        scope=Scope.AFFILIATES,
        also={200: BulkPlanSerializer},
        example={"action": "tag", "tag": "Favourite", "filter": {"status": "approved"}},
        description=(
            "Whom it takes is chosen now; a worker does it. With `dry_run` it is only counted, and"
            " answered with 200."
        ),
    )
    def post(self, call: Call) -> BulkJob | Answer:
        rows, errand = _chosen(call), _errand(call)
        plan = plan_job(rows, errand)
        if call.body["dry_run"]:
            return Answer(_told(plan), 200, BulkPlanSerializer)
        return start_job(
            member=call.member, rows=rows, errand=errand, query="", expected=plan.seen, at=call.at
        )


class OneBulkJob(MerchantView):
    """One job."""

    @endpoint("Read a bulk job", gives=BulkJobSerializer)
    def get(self, call: Call, id: UUID) -> BulkJob:
        return one(jobs(call), id)


class BulkJobItems(MerchantView):
    """Whom a job could not take."""

    @endpoint("List problems of a bulk job", gives=BulkItemSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[BulkItem]:
        job = one(jobs(call), id)
        return BulkItem.objects.filter(merchant_id=call.merchant_id, job=job)


class CancelBulkJob(MerchantView):
    """Stop a job where it is."""

    @endpoint(
        "Cancel a bulk job",
        gives=BulkJobSerializer,
        scope=Scope.AFFILIATES,
        description="What is done stays done. A job that is over stays as it is.",
    )
    def post(self, call: Call, id: UUID) -> BulkJob:
        job = one(jobs(call), id)
        cancel_job(member=call.member, job=job, at=call.at)
        return one(jobs(call), id)
