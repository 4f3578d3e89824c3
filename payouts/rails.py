"""A merchant's accounts with providers: connect, change, check, archive."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from common.secrets import encrypt, new_key
from merchants.events import record_event
from merchants.models import Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from merchants.tenancy import merchant_context
from payouts.models import Mode, Provider, Rail
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider, BadCredentials, Declared, NoAnswer

log = structlog.get_logger()
CHECKS_AT_ONCE = 20


# What a provider wants to know --------------------------------------------------------------------


def declared_of(provider: str) -> Declared:
    """Return what a provider says of itself.

    :raises BadValue: if it is unknown, or needs no account.
    """
    declared = PROVIDERS.get(Provider(provider)) if provider in Provider.values else None
    if declared is None or not declared.credentials:
        raise BadValue("provider", "no_account_needed", _("There is no account to connect."))
    return declared


# Connect and change -------------------------------------------------------------------------------


def set_rail(
    *, member: Member, provider: str, mode: str, credentials: Mapping[str, Any], at: datetime
) -> Rail:
    """Connect an account, or change its secrets; return the rail in force.

    The same account (mode and everything that is not secret are the same) keeps its rail, and
    secrets that are left out stay. Another account is another rail: the former is archived, and
    what was handed over to it is finished with it, so that no answer is sought in the wrong place.

    :raises NotAllowed: if the member may not connect accounts.
    :raises BadValue: naming what is wrong.
    """
    require(member, Right.MANAGE_RAILS)
    declared = declared_of(provider)
    mode = cleaned(Rail, "mode", mode)
    with transaction.atomic():
        _lock(member.merchant_id)
        former = _in_force(member.merchant_id, provider)
        known = former.reveal() if former else {}
        said = _read(declared, credentials)
        if former and former.mode == mode and _is_same_account(declared, known, said):
            return _change_secrets(former, declared, {**known, **said}, member, at)
        _require_complete(declared, said)
        if former:
            _archive(former, member, at)
        return _connect(declared, member, Provider(provider), Mode(mode), said, at)


def archive_rail(*, member: Member, rail: Rail, at: datetime) -> Rail:
    """Let go of an account; what was handed over to it is finished with it. Return the rail.

    :raises NotAllowed: if the member may not connect accounts.
    """
    require(member, Right.MANAGE_RAILS)
    with transaction.atomic():
        _lock(member.merchant_id)
        rail.refresh_from_db()
        if rail.archived_at is None:
            _archive(rail, member, at)
    return rail


def _lock(merchant_id: UUID) -> None:
    """Let changes of a merchant's rails happen one after the other."""
    Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=merchant_id)


def _in_force(merchant_id: UUID, provider: str) -> Rail | None:
    return Rail.objects.filter(merchant_id=merchant_id, provider=provider, archived_at=None).first()


def _read(declared: Declared, credentials: Mapping[str, Any]) -> dict[str, str]:
    known = {each.name: each for each in declared.credentials}
    said: dict[str, str] = {}
    for name, value in credentials.items():
        if name not in known:
            raise BadValue(name, "unknown_field", _("There is no such field."))
        if value in ("", None):
            continue
        if not isinstance(value, str) or not re.fullmatch(known[name].pattern, value.strip()):
            raise BadValue(name, "invalid", _("This has not the required form."))
        said[name] = value.strip()
    return said


def _is_same_account(declared: Declared, known: Mapping[str, str], said: Mapping[str, str]) -> bool:
    open_names = [each.name for each in declared.credentials if not each.is_secret]
    return bool(open_names) and all(known.get(name) == said.get(name) for name in open_names)


def _require_complete(declared: Declared, said: Mapping[str, str]) -> None:
    for each in declared.credentials:
        if each.is_required and each.name not in said:
            raise BadValue(each.name, "required", _("This is needed."))
    declared.require_whole(said)


def _connect(
    declared: Declared,
    member: Member,
    provider: Provider,
    mode: Mode,
    said: dict[str, str],
    at: datetime,
) -> Rail:
    rail = Rail.objects.create(
        merchant_id=member.merchant_id,
        provider=provider,
        mode=mode,
        credentials=encrypt(said),
        masked=declared.masked(said),
        notice_token=new_key(""),
        check_due_at=at if isinstance(declared, ApiProvider) else None,
    )
    _record(rail, "rail.connected", member, at)
    return rail


def _change_secrets(
    rail: Rail, declared: Declared, said: dict[str, str], member: Member, at: datetime
) -> Rail:
    _require_complete(declared, said)
    rail.credentials = encrypt(said)
    rail.check_due_at = at if isinstance(declared, ApiProvider) else None
    rail.save(update_fields=["credentials", "check_due_at"])
    _record(rail, "rail.changed", member, at)
    return rail


def _archive(rail: Rail, member: Member, at: datetime) -> None:
    rail.archived_at, rail.check_due_at = at, None
    rail.save(update_fields=["archived_at", "check_due_at"])
    _record(rail, "rail.archived", member, at)


def _record(rail: Rail, type: str, member: Member, at: datetime) -> None:
    record_event(
        merchant_id=rail.merchant_id,
        type=type,
        subject_id=rail.id,
        by=acting_user(member.user),
        at=at,
        data={"provider": rail.provider, "mode": rail.mode, "account": rail.masked},
    )


# Check --------------------------------------------------------------------------------------------


def ask_for_check(*, member: Member, rail: Rail, at: datetime) -> Rail:
    """Let a worker try the credentials, which pays nothing; return the rail.

    :raises NotAllowed: if the member may not connect accounts.
    """
    require(member, Right.MANAGE_RAILS)
    if rail.archived_at is None and isinstance(PROVIDERS[Provider(rail.provider)], ApiProvider):
        rail.check_due_at = at
        rail.save(update_fields=["check_due_at"])
    return rail


def check_rails(*, merchant_id: UUID, at: datetime) -> int:
    """Try the credentials of rails that wait for it; return how many. Outside transactions."""
    with merchant_context(merchant_id):
        due = Rail.objects.filter(merchant_id=merchant_id, check_due_at__lte=at, archived_at=None)
        rails = list(due.order_by("check_due_at")[:CHECKS_AT_ONCE])
    for rail in rails:
        account, problem = _try(rail)
        with merchant_context(merchant_id):
            # A change of the secrets in the meantime has asked for another check.
            asked = Rail.objects.filter(id=rail.id, check_due_at=rail.check_due_at)
            asked.update(check_due_at=None, checked_at=at, problem=problem)
            if not problem:
                Rail.objects.filter(id=rail.id).update(account=account)
    return len(rails)


def _try(rail: Rail) -> tuple[str, str]:
    """Return the account's name and the problem; one of them is empty."""
    provider = PROVIDERS[Provider(rail.provider)]
    assert isinstance(provider, ApiProvider)
    try:
        return provider.check(rail)[:140], ""
    except (BadCredentials, NoAnswer) as problem:
        return "", str(problem)[:500] or type(problem).__name__
    except Exception:  # One provider's trouble is not the other rails'.
        log.exception("rail.check_failed", rail=str(rail.id))
        return "", "The answer could not be read."
