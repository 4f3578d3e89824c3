"""Sets the stage: merchants, members, programs, and affiliates who may join them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from affiliates.models import Enrollment
from affiliates.services import Consent
from commissions.models import Reward
from commissions.services import Rate, set_rate
from demo.characters import Colleague, Company, Promoter
from demo.form import application_of
from demo.orders import DrawOrder
from demo.people import People
from merchants.models import Actor, Member, Merchant, acting_user
from merchants.rights import Role
from merchants.services import (
    accept_invitation,
    create_merchant,
    finish_setup,
    invite_member,
    update_merchant,
)
from programs.models import Goal, Program, Status
from programs.selectors import terms_in_force
from programs.services import ProgramDraft, create_program, move_program, publish_terms
from tracking.models import Coupon, Link
from tracking.services import join_program


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A program before it exists. Sales first pay `opening_sale_bps`, later as `rates` says."""

    draft: ProgramDraft
    opening_sale_bps: int
    rates: dict[str, Rate]  # By goal.
    terms: str
    terms_summary: str
    draw_order: DrawOrder


@dataclass(slots=True)
class Standing:
    """A promoter in a program, with what it promotes by."""

    promoter: Promoter
    enrollment: Enrollment
    links: list[Link] = field(default_factory=list)
    coupon: Coupon | None = None


@dataclass(slots=True)
class Stage:
    """One merchant of the demo, ready to play."""

    company: Company
    offer: Offer
    merchant: Merchant
    program: Program
    members: dict[Role, Member]
    standings: list[Standing] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        """Return the merchant's id."""
        return self.merchant.id

    def member(self, *roles: Role) -> Member:
        """Return the member of the first of these roles that the merchant has; else its owner."""
        found = next((role for role in roles if role in self.members), Role.OWNER)
        return self.members[found]

    def acting(self, *roles: Role) -> Actor:
        """Return that member as the doer of something."""
        return acting_user(self.member(*roles).user)

    def standing(self, promoter: Promoter) -> Standing | None:
        """Return the promoter in the program, once they have joined."""
        return next((one for one in self.standings if one.promoter is promoter), None)


def make_merchant(company: Company, people: People, *, at: datetime) -> Member:
    """Create a merchant; return its owner."""
    return create_merchant(
        name=company.name,
        currency=company.currency,
        owner=people.user(company.colleagues[0].person),
        at=at,
        website=company.website,
        slug=company.slug,
    )


def make_stage(
    company: Company, offer: Offer, owner: Member, people: People, *, at: datetime
) -> Stage:
    """Create members and the active program; return them. Stands in the merchant's context."""
    by, merchant = acting_user(owner.user), owner.merchant
    update_merchant(
        member=owner, name=company.name, website=company.website, accent=company.accent, at=at
    )
    members = {Role.OWNER: owner}
    for colleague in company.colleagues[1:]:
        members[colleague.role] = _invite(owner, colleague, people, at=at)
    program = create_program(merchant=merchant, draft=offer.draft, by=by, at=at)
    opening = {"sale": Rate(Reward.PERCENT, rate_bps=offer.opening_sale_bps)}
    for goal in Goal.objects.filter(merchant=merchant, program=program):
        set_rate(goal=goal, rate=(offer.rates | opening)[goal.code], by=by, at=at)
    publish_terms(program=program, body=offer.terms, summary=offer.terms_summary, by=by, at=at)
    move_program(program=program, to=Status.ACTIVE, by=by, at=at)
    finish_setup(merchant=merchant, at=at)
    return Stage(company, offer, merchant, program, members)


def _invite(owner: Member, colleague: Colleague, people: People, *, at: datetime) -> Member:
    email = colleague.person.email
    invitation, _key = invite_member(member=owner, email=email, role=colleague.role, at=at)
    user = people.user(colleague.person)
    return accept_invitation(invitation=invitation, user=user, at=at + timedelta(hours=1))


def raise_sale_rate(stage: Stage, at: datetime) -> None:
    """Set what sales pay from now on, as a new version of their rule."""
    goal = Goal.objects.get(merchant=stage.merchant, program=stage.program, code="sale")
    set_rate(goal=goal, rate=stage.offer.rates["sale"], by=stage.acting(Role.OWNER), at=at)


def enter(program: Program, promoter: Promoter, people: People, *, at: datetime) -> Enrollment:
    """Let an affiliate join a program, or apply to it, as it asks; return the enrollment."""
    terms = terms_in_force(program)
    random = people.random
    return join_program(
        program=program,
        affiliate=people.affiliate(promoter, at=at),
        consent=Consent(
            user=people.user(promoter.person),
            terms_version=terms.version if terms else None,
            ip=f"198.18.{random.randrange(256)}.{random.randrange(1, 255)}",
            user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        ),
        application=application_of(program, promoter),
        at=at,
    )
