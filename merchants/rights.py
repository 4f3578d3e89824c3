"""What each role may do, as one table: the console's buttons and the services read it alike."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member is to the merchant."""

    OWNER = "OWNER", _("Owner")
    MANAGER = "MANAGER", _("Manager")
    FINANCE = "FINANCE", _("Finance")
    SALES = "SALES", _("Sales")
    VIEWER = "VIEWER", _("Viewer")


class Right(models.TextChoices):
    """What a member may be allowed to do beyond reading."""

    EDIT_PROGRAMS = "EDIT_PROGRAMS", _("Create and edit programs, rates and terms")
    REVIEW_AFFILIATES = "REVIEW_AFFILIATES", _("Invite, approve, reject and suspend affiliates")
    WRITE_MESSAGES = "WRITE_MESSAGES", _("Write to affiliates")
    REVIEW_CONVERSIONS = "REVIEW_CONVERSIONS", _("Record and refund conversions")
    REVIEW_COMMISSIONS = "REVIEW_COMMISSIONS", _("Approve and decline commissions")
    PREPARE_PAYOUTS = "PREPARE_PAYOUTS", _("Prepare payout batches and mark payouts paid")
    APPROVE_PAYOUTS = "APPROVE_PAYOUTS", _("Approve payout batches that somebody else prepared")
    MANAGE_MEMBERS = "MANAGE_MEMBERS", _("Invite members and change their roles")
    MANAGE_KEYS = "MANAGE_KEYS", _("Create and revoke API keys")
    MANAGE_RAILS = "MANAGE_RAILS", _("Connect the accounts that payouts are sent from")
    READ_AUDIT = "READ_AUDIT", _("Read the audit log: who changed what, when, and from where")


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(
        {
            Right.EDIT_PROGRAMS,
            Right.REVIEW_AFFILIATES,
            Right.WRITE_MESSAGES,
            Right.REVIEW_CONVERSIONS,
            Right.REVIEW_COMMISSIONS,
        }
    ),
    Role.FINANCE: frozenset(
        {Right.REVIEW_COMMISSIONS, Right.PREPARE_PAYOUTS, Right.APPROVE_PAYOUTS}
    ),
    Role.SALES: frozenset({Right.WRITE_MESSAGES}),
    Role.VIEWER: frozenset(),
}


class Scope(models.TextChoices):
    """What an API key may do; every key may read only what `read` allows."""

    READ = "read", _("Read everything of the merchant")
    PROGRAMS = "programs:write", _("Create and edit programs")
    AFFILIATES = "affiliates:write", _("Create and review affiliates, links and coupons")
    CONVERSIONS = "conversions:write", _("Report conversions and refunds")
    COMMISSIONS = "commissions:write", _("Approve and decline commissions")
    PAYOUTS = "payouts:write", _("Prepare, approve and settle payouts")
