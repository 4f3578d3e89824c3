"""The door of the portal: which affiliate asks, in which role, and what every page is given.

Role and account are read anew each time, so what an owner changes holds from the next request on.
A view behind the door runs, its template included, in one transaction that reads the affiliate's
own rows of every merchant. Writes stand in the merchant's context of an enrollment found there.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from allauth.account.utils import has_verified_email
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.directory import accounts_of, invitations_to
from affiliates.models import ACTING, OWNING, AccountRole, Affiliate, AffiliateUser, Enrollment
from affiliates.people import owner_names
from common.clock import now
from interfaces.portal.host import host_merchant
from interfaces.portal.wish import wish_of
from merchants.tenancy import affiliate_context
from messaging.selectors import unread_of_account
from partnerships.selectors import partnerships_of_affiliate
from programs.directory import Wanted, listed_programs, open_programs_of
from reports.affiliate_programs import enrollments_of
from users.models import User

P = ParamSpec("P")

ACCOUNT_KEY = "portal_account"  # Of the session: the account last switched to.
ANYBODY = frozenset(AccountRole)
READING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of an affiliate: who, when, and which programs they are in."""

    request: HttpRequest
    user: User
    affiliate: Affiliate
    role: AccountRole
    accounts: tuple[AffiliateUser, ...]  # All that the user has a role in.
    enrollments: tuple[Enrollment, ...]
    at: datetime

    @property
    def program_id(self) -> UUID | None:
        """The program chosen by `?program=`; None stands for all of them.

        :raises Http404: if the affiliate is in no such program.
        """
        wanted = self.request.GET.get("program", "")
        if not wanted:
            return None
        found = (row.program_id for row in self.enrollments if str(row.program_id) == wanted)
        program_id = next(found, None)
        if program_id is None:
            raise Http404
        return program_id

    @property
    def invitations(self) -> list[Enrollment]:
        """Open invitations to the user's verified address, to programs they are not in."""
        return invitations_for(self.request, self.user, self.enrollments)

    def enrollment(self, enrollment_id: UUID) -> Enrollment:
        """Return one of the affiliate's enrollments.

        :raises Http404: if it is none of theirs.
        """
        for row in self.enrollments:
            if row.id == enrollment_id:
                return row
        raise Http404

    def show(
        self,
        template: str,
        context: dict[str, Any],
        *,
        nav: str,
        by_program: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """Return the page, rendered while the affiliate's rows can be read.

        A page that heeds `program_id` says `by_program`, and gets the switcher.
        """
        frame = {
            "affiliate": self.affiliate,
            "accounts": self.accounts if len(self.accounts) > 1 else (),
            "may_write": self.role in ACTING,
            "may_own": self.role in OWNING,
            "nav": nav,
            "unread": unread_of_account(self.affiliate.id, self.user),
            "has_partnership": partnerships_of_affiliate(self.affiliate.id).exists(),
            "programs": switcher(self.request, self.enrollments) if by_program else [],
            **brand_of(self.request, self.enrollments),
        }
        return render(self.request, template, frame | context, status=status)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One request of a user who acts for no affiliate yet."""

    request: HttpRequest
    user: User
    at: datetime
    enrollments: tuple[Enrollment, ...] = ()

    def show(self, template: str, context: dict[str, Any], *, nav: str) -> HttpResponse:
        """Return the page."""
        return render(self.request, template, {"nav": nav, **context})


View = Callable[Concatenate[Visit, P], HttpResponse]


def affiliate_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Serve the view to whoever acts for an affiliate; lead others to how to become one.

    Who may only look on posts nothing.
    """
    return _door(view, read=ANYBODY, write=ACTING)


def open_page(view: Callable[[Visit | Newcomer], HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve a page that tells whoever signed in something, for an affiliate or not yet."""
    behind_the_door = affiliate_page(view)

    @login_required
    @wraps(view)
    def serve(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)
        if accounts_of(request.user):
            return behind_the_door(request)
        return view(Newcomer(request, request.user, now()))

    return serve


def own_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Serve what each user has of their own: who may only look at the account may change that."""
    return _door(view, read=ANYBODY, write=ANYBODY)


def form_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Serve a view that is nothing but a form to whoever may send it."""
    return _door(view, read=ACTING, write=ACTING)


def owner_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Serve what only owners see and do: people, where the money goes, tax."""
    return _door(view, read=OWNING, write=OWNING)


def _door(
    view: View[P], *, read: frozenset[AccountRole], write: frozenset[AccountRole]
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @login_required
    @wraps(view)
    def serve(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        assert isinstance(request.user, User)
        accounts = accounts_of(request.user)
        at_home = request.path == reverse("portal:home")
        if not accounts:
            return show_how_to_start(request, request.user) if at_home else redirect("portal:home")
        chosen = chosen_account(request, accounts)
        with affiliate_context(chosen.affiliate_id):
            visit = Visit(
                request,
                request.user,
                Affiliate.objects.get(id=chosen.affiliate_id),  # As the application's own role.
                AccountRole(chosen.role),
                tuple(accounts),
                tuple(enrollments_of(chosen.affiliate_id)),
                now(),
            )
            if host_merchant(request) is not None and not visit.enrollments and at_home:
                return show_how_to_start(request, request.user)
            if visit.role not in (read if request.method in READING else write):
                return show_denied(visit)
            return view(visit, *args, **kwargs)

    return serve


def chosen_account(request: HttpRequest, accounts: Sequence[AffiliateUser]) -> AffiliateUser:
    """Return the account that was switched to, else the first."""
    wanted = request.session.get(ACCOUNT_KEY)
    found = (row for row in accounts if str(row.affiliate_id) == wanted)
    return next(found, accounts[0])


def show_denied(visit: Visit) -> HttpResponse:
    """Return the page that says which role the user has, and who may give them another."""
    context = {"role": visit.role.label, "owners": owner_names(visit.affiliate.id)}
    return visit.show("portal/denied.html", context, nav="", status=403)


def show_how_to_start(request: HttpRequest, user: User) -> HttpResponse:
    """Return the page of a user who promotes nothing yet: invitations, a wish, or what to do."""
    merchant = host_merchant(request)
    context = {
        "nav": "home",
        "invitations": invitations_for(request, user, ()),
        "wish": wish_of(request),
        "programs_here": open_programs_of(merchant.id) if merchant else [],
        "is_listing": merchant is None and listed_programs(Wanted()).exists(),
    }
    return render(request, "portal/start.html", context)


def invitations_for(
    request: HttpRequest, user: User, enrollments: Iterable[Enrollment]
) -> list[Enrollment]:
    """Return the invitations that the user may accept; a wrong address gets none.

    A merchant's own host knows its own alone.
    """
    if not has_verified_email(user, user.email):
        return []
    joined = {row.program_id for row in enrollments}
    merchant = host_merchant(request)
    return [
        row
        for row in invitations_to(user.email)
        if row.program_id not in joined and merchant in (None, row.program.merchant)
    ]


def switcher(request: HttpRequest, enrollments: Iterable[Enrollment]) -> list[dict[str, Any]]:
    """Return the choices of the program switcher: this page for all programs, and for each."""
    chosen = request.GET.get("program", "")
    rows = [{"name": _("All programs"), "url": request.path, "current": not chosen}]
    for row in enrollments:
        query = QueryDict(mutable=True)
        query["program"] = str(row.program_id)
        rows.append(
            {
                "name": row.program.name,
                "merchant": row.program.merchant.name,
                "url": f"{request.path}?{query.urlencode()}",
                "current": chosen == str(row.program_id),
            }
        )
    return rows if len(rows) > 2 else []


def brand_of(request: HttpRequest, enrollments: Iterable[Enrollment]) -> dict[str, Any]:
    """Return the merchant whose colours the portal wears: the only one the affiliate promotes.

    On a merchant's own host every page wears the merchant's by itself.
    """
    if host_merchant(request) is not None:
        return {}
    merchants = {row.merchant_id: row.program.merchant for row in enrollments}
    if len(merchants) != 1:
        return {}
    return {"merchant": next(iter(merchants.values())), "brand": True}
