"""Applications: what applicants wrote, what the rules found, and what was decided."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from affiliates.models import (
    Affiliate,
    Application,
    Channel,
    Enrollment,
    Network,
    Reference,
    Status,
)
from affiliates.review import Applicant, Review, review
from common.refusals import BadValue
from merchants.models import Actor, ActorKind, Member
from merchants.tenancy import affiliate_context, merchant_context
from programs.answers import Answer, asked, read_answers
from programs.models import FieldKind, FormField, Program, ReviewRule, Stage, Verdict
from programs.questions import questions_of

PREVIEWED_MAX = 50
# Questions whose answers the account keeps too, if they are of this kind.
OF_THE_ACCOUNT = {
    "website": FieldKind.URL,
    "phone": FieldKind.PHONE,
    "country": FieldKind.COUNTRY,
}


class ReapplyTooEarly(Exception):
    """Who was rejected may not apply again yet; `at` says when, None: never."""

    def __init__(self, at: datetime | None) -> None:
        super().__init__(f"not before {at}" if at else "not again")
        self.at = at


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """What an applicant wrote, and the questions as they were asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    questions: list[dict[str, str]] = field(default_factory=list)


def read_application(*, program: Program, raw: Mapping[str, Any]) -> ApplicationDraft:
    """Return answers to the program's application as they are kept.

    :raises BadValue: naming the first answer that cannot be, as in `answers.website`.
    """
    questions = questions_of(program)
    reading = read_answers(questions, raw)
    for code, wrong in reading.errors.items():
        raise BadValue(f"answers.{code}", wrong.code, wrong.message)
    return ApplicationDraft(reading.answers, asked(questions))


def reapply_at(enrollment: Enrollment) -> datetime | None:
    """Return from when on a rejected affiliate may apply again; None: never."""
    days = enrollment.program.reapply_days
    return None if days is None else enrollment.status_changed_at + timedelta(days=days)


def require_reapply(enrollment: Enrollment, *, at: datetime) -> None:
    """Check that enough time went by since a rejection.

    :raises ReapplyTooEarly: if it did not.
    """
    from_then_on = reapply_at(enrollment)
    if from_then_on is None or at < from_then_on:
        raise ReapplyTooEarly(from_then_on)


def store_application(
    *, enrollment: Enrollment, draft: ApplicationDraft, at: datetime, stage: Stage
) -> Application:
    """Keep what was written; return it. Who applied is told by mail where it stands."""
    return Application.objects.create(
        merchant_id=enrollment.merchant_id,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        stage=stage,
        answers=draft.answers,
        questions=draft.questions,
        submitted_at=at,
        mail_due_at=at if stage == Stage.APPLICATION else None,
    )


def fill_account(*, affiliate: Affiliate, draft: ApplicationDraft) -> None:
    """Put what an application says of website, phone and country where the account has nothing.

    The website becomes a channel as well, which its owner can prove to be theirs.
    """
    kinds = {row["code"]: row["kind"] for row in draft.questions}
    with affiliate_context(affiliate.id):
        changed = []
        for name, kind in OF_THE_ACCOUNT.items():
            said = draft.answers.get(name)
            if said and kinds.get(name) == kind and not getattr(affiliate, name):
                setattr(affiliate, name, said)
                changed.append(name)
        if changed:
            affiliate.save(update_fields=changed)
        if affiliate.website:
            website = {"network": Network.WEBSITE}
            Channel.objects.get_or_create(
                affiliate=affiliate, url=affiliate.website, defaults=website
            )


def answer_questionnaire(
    *, enrollment: Enrollment, draft: ApplicationDraft, at: datetime
) -> Application:
    """Keep what an affiliate answers who is in; later answers stand beside earlier ones."""
    with merchant_context(enrollment.merchant_id):
        return store_application(
            enrollment=enrollment, draft=draft, at=at, stage=Stage.QUESTIONNAIRE
        )


def unanswered(enrollments: Sequence[Enrollment]) -> list[Enrollment]:
    """Return those whose program asks more of who is in, and has no answer yet."""
    asking = set(
        FormField.objects.filter(
            stage=Stage.QUESTIONNAIRE, program_id__in={row.program_id for row in enrollments}
        ).values_list("program_id", flat=True)
    )
    answered = set(
        Application.objects.filter(
            stage=Stage.QUESTIONNAIRE, enrollment_id__in={row.id for row in enrollments}
        ).values_list("enrollment_id", flat=True)
    )
    return [
        row
        for row in enrollments
        if row.is_active and row.program_id in asking and row.id not in answered
    ]


# What the rules find ------------------------------------------------------------------------------


def rules_of(program: Program) -> list[ReviewRule]:
    """Return the program's review rules in the order in which they are asked."""
    rules = ReviewRule.objects.filter(merchant_id=program.merchant_id, program=program)
    return list(rules.order_by("position", "created_at", "id"))


def review_application(application: Application) -> Review:
    """Ask the program's rules about an application, keep what they found, and return it."""
    found = review(rules_of(application.enrollment.program), _applicants([application])[0])
    application.checks = found.checks
    application.save(update_fields=["checks"])
    return found


@dataclass(frozen=True, slots=True)
class Previewed:
    """An application of the past, and what the rules would make of it today."""

    application: Application
    review: Review


def preview_rules(program: Program) -> list[Previewed]:
    """Return the last PREVIEWED_MAX applications with what the present rules would have done.

    Accounts are looked at as they are now: a website that was proven since counts as proven.
    """
    rows = applications_to(program).order_by("-submitted_at", "-id")[:PREVIEWED_MAX]
    applications, rules = list(rows), rules_of(program)
    return [
        Previewed(application, review(rules, applicant))
        for application, applicant in zip(applications, _applicants(applications), strict=True)
    ]


def applications_to(program: Program) -> QuerySet[Application]:
    """Return what was written by those who applied to a program, with who they are."""
    rows = Application.objects.filter(
        merchant_id=program.merchant_id, enrollment__program=program, stage=Stage.APPLICATION
    )
    return rows.select_related("enrollment__affiliate", "enrollment__program")


def _applicants(applications: Sequence[Application]) -> list[Applicant]:
    """Return what rules look at, for many at once."""
    affiliates = [row.enrollment.affiliate for row in applications]
    ids = {row.id for row in affiliates}
    verified = EmailAddress.objects.filter(
        email__in={row.email for row in affiliates}, verified=True
    )
    emails = {email.lower() for email in verified.values_list("email", flat=True)}
    channels: dict[UUID, list[Channel]] = {}
    for channel in Channel.objects.filter(affiliate_id__in=ids):
        channels.setdefault(channel.affiliate_id, []).append(channel)
    vouched = Reference.objects.filter(affiliate_id__in=ids, verified_at__isnull=False)
    references = Counter(vouched.values_list("affiliate_id", flat=True))
    return [
        _applicant(
            row,
            is_email_verified=row.enrollment.affiliate.email.lower() in emails,
            channels=channels.get(row.affiliate_id, []),
            references_verified=references[row.affiliate_id],
        )
        for row in applications
    ]


def _applicant(
    application: Application,
    *,
    is_email_verified: bool,
    channels: Sequence[Channel],
    references_verified: int,
) -> Applicant:
    affiliate, answers = application.enrollment.affiliate, application.answers
    website = str(answers.get("website") or affiliate.website)
    followers = [row.followers for row in channels if row.followers is not None]
    return Applicant(
        email=affiliate.email,
        country=str(answers.get("country") or affiliate.country),
        type=affiliate.type,
        is_email_verified=is_email_verified,
        is_website_verified=any(
            row.verified_at is not None and _host(row.url) == _host(website) for row in channels
        ),
        references_verified=references_verified,
        followers=sum(followers) if followers else None,
        answers=answers,
    )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().removeprefix("www.")


# What was decided ---------------------------------------------------------------------------------


def close_applications(
    *, enrollment: Enrollment, by: Actor, at: datetime, message: str = ""
) -> None:
    """Note on the applications that wait who decided, when, and what the applicant is told."""
    waiting = Application.objects.filter(
        merchant_id=enrollment.merchant_id,
        enrollment=enrollment,
        stage=Stage.APPLICATION,
        decided_at=None,
    )
    waiting.update(
        decided_at=at, decided_by=_member(enrollment, by), message=message, mail_due_at=at
    )


def _member(enrollment: Enrollment, by: Actor) -> Member | None:
    if by.kind != ActorKind.USER or by.id is None:
        return None
    return Member.objects.filter(merchant_id=enrollment.merchant_id, user_id=by.id).first()


def waiting_applications(merchant_id: UUID) -> QuerySet[Application]:
    """Return the applications that a person decides about, the oldest first."""
    rows = Application.objects.filter(
        merchant_id=merchant_id,
        stage=Stage.APPLICATION,
        decided_at=None,
        enrollment__status=Status.APPLIED,
    )
    named = rows.select_related("enrollment__affiliate", "enrollment__program")
    return named.order_by("submitted_at", "id")


def decides_alone(found: Review, *, was_rejected: bool) -> bool:
    """Whether the rules decide without a person; who was rejected before is not let in by them."""
    if found.verdict == Verdict.APPROVE:
        return not was_rejected
    return found.verdict == Verdict.REJECT
