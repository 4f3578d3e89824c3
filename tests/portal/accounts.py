"""Further users of an affiliate's account."""

from django.utils import timezone

from affiliates.models import AccountInvitation, AccountRole, AffiliateUser
from affiliates.people import invite_user
from merchants.tenancy import affiliate_context
from tests.cast import Promoter, make_user


def add_person(promoter: Promoter, name: str, role: AccountRole) -> AffiliateUser:
    """Store another user who acts for the promoter's affiliate."""
    user = make_user(name)
    with affiliate_context(promoter.affiliate.id):
        return AffiliateUser.objects.create(affiliate=promoter.affiliate, user=user, role=role)


def invite(promoter: Promoter, email: str, role: AccountRole) -> tuple[AccountInvitation, str]:
    """Return an open invitation to the promoter's account, and its key."""
    return invite_user(
        affiliate=promoter.affiliate,
        email=email,
        role=role,
        by=promoter.user,
        at=timezone.now(),
    )
