"""The addresses of the API, a table per noun."""

from typing import Any

from django.urls import URLPattern, path, re_path

from interfaces.api import docs
from interfaces.api.v1 import (
    affiliates,
    balances,
    branches,
    budgets,
    caps,
    claims,
    clicks,
    commissions,
    conversions,
    coupons,
    customers,
    destinations,
    domains,
    events,
    experiments,
    fx_rates,
    goal_steps,
    grants,
    imports,
    intake_calls,
    links,
    me,
    payouts,
    postback_token,
    programs,
    promotions,
    reassign,
    refunds,
    replays,
    rules,
    status_reports,
    steps,
    tiers,
    why,
)
from interfaces.api.v1.partner import claims as partner_claims
from interfaces.api.v1.partner import coupons as partner_coupons
from interfaces.api.v1.partner import links as partner_links
from interfaces.api.v1.partner import me as partner_me
from interfaces.api.v1.partner import money as partner_money
from interfaces.api.v1.partner import programs as partner_programs
from interfaces.api.v1.partner import results as partner_results
from interfaces.api.v1.partner import why as partner_why

app_name = "api"


def at(address: str, view: Any, name: str) -> URLPattern:
    """Return the pattern of an address below /api/v1/."""
    return path(f"v1/{address}", view.as_view(), name=name)


PROGRAMS = [
    at("programs", programs.Programs, "programs"),
    at("programs/<uuid:id>", programs.OneProgram, "program"),
    at("programs/<uuid:id>/activate", programs.ActivateProgram, "program-activate"),
    at("programs/<uuid:id>/pause", programs.PauseProgram, "program-pause"),
    at("programs/<uuid:id>/end", programs.EndProgram, "program-end"),
    at("programs/<uuid:id>/goals", programs.Goals, "program-goals"),
    at("programs/<uuid:id>/goals/<slug:code>", programs.OneGoal, "program-goal"),
    at("programs/<uuid:id>/goals/<slug:code>/steps", goal_steps.GoalSteps, "program-goal-steps"),
    at(
        "programs/<uuid:id>/goals/<slug:code>/steps/<slug:step>/remove",
        goal_steps.RemoveGoalStep,
        "program-goal-step-remove",
    ),
    at("programs/<uuid:id>/destinations", destinations.Destinations, "program-destinations"),
    at(
        "programs/<uuid:id>/destinations/<uuid:destination_id>",
        destinations.OneDestination,
        "program-destination",
    ),
    at(
        "programs/<uuid:id>/destinations/<uuid:destination_id>/archive",
        destinations.ArchiveDestination,
        "program-destination-archive",
    ),
    at("programs/<uuid:id>/caps", caps.Caps, "program-caps"),
    at("programs/<uuid:id>/caps/<uuid:cap_id>", caps.OneCap, "program-cap"),
    at("programs/<uuid:id>/caps/<uuid:cap_id>/archive", caps.ArchiveCap, "program-cap-archive"),
    at("programs/<uuid:id>/budgets", budgets.Budgets, "program-budgets"),
    at("programs/<uuid:id>/budgets/<uuid:budget_id>", budgets.OneBudget, "program-budget"),
    at(
        "programs/<uuid:id>/budgets/<uuid:budget_id>/archive",
        budgets.ArchiveBudget,
        "program-budget-archive",
    ),
    at("programs/<uuid:id>/postback-token", postback_token.PostbackToken, "program-postback-token"),
    at(
        "programs/<uuid:id>/postback-token/rotate",
        postback_token.RotatePostbackToken,
        "program-postback-token-rotate",
    ),
    at("programs/<uuid:id>/terms", programs.TermsVersions, "program-terms"),
    at("programs/<uuid:id>/terms/<uuid:terms_id>", programs.OneTerms, "program-terms-version"),
    at("programs/<uuid:id>/rules", rules.Rules, "program-rules"),
    at("programs/<uuid:id>/rules/preview", rules.PreviewRule, "program-rules-preview"),
    at("programs/<uuid:id>/rules/backtest", replays.Backtests, "program-rules-backtest"),
    at("programs/<uuid:id>/recompute", replays.Recomputes, "program-recompute"),
    at("programs/<uuid:id>/rules/reorder", rules.ReorderRules, "program-rules-reorder"),
    at("programs/<uuid:id>/rules/<uuid:rule_id>", rules.OneRule, "program-rule"),
    at("programs/<uuid:id>/rules/<uuid:rule_id>/revise", rules.ReviseRule, "program-rule-revise"),
    at(
        "programs/<uuid:id>/rules/<uuid:rule_id>/archive", rules.ArchiveRule, "program-rule-archive"
    ),
    at("programs/<uuid:id>/tiers", tiers.Tiers, "program-tiers"),
    at("programs/<uuid:id>/tiers/<uuid:tier_id>", tiers.OneTier, "program-tier"),
    at(
        "programs/<uuid:id>/tiers/<uuid:tier_id>/archive", tiers.ArchiveTier, "program-tier-archive"
    ),
    at("programs/<uuid:id>/promotions", promotions.Promotions, "program-promotions"),
    at(
        "programs/<uuid:id>/promotions/<uuid:promotion_id>",
        promotions.OnePromotion,
        "program-promotion",
    ),
    at(
        "programs/<uuid:id>/promotions/<uuid:promotion_id>/archive",
        promotions.ArchivePromotion,
        "program-promotion-archive",
    ),
    at("programs/<uuid:id>/experiments", experiments.Experiments, "program-experiments"),
    at(
        "programs/<uuid:id>/experiments/<uuid:experiment_id>",
        experiments.OneExperiment,
        "program-experiment",
    ),
    at(
        "programs/<uuid:id>/experiments/<uuid:experiment_id>/stop",
        experiments.StopExperiment,
        "program-experiment-stop",
    ),
    at(
        "programs/<uuid:id>/experiments/<uuid:experiment_id>/archive",
        experiments.ArchiveExperiment,
        "program-experiment-archive",
    ),
]
DOMAINS = [
    at("domains", domains.Domains, "domains"),
    at("domains/<uuid:id>", domains.OneDomain, "domain"),
    at("domains/<uuid:id>/check", domains.CheckDomain, "domain-check"),
    at("domains/<uuid:id>/remove", domains.RemoveDomain, "domain-remove"),
]
AFFILIATES = [
    at("affiliates", affiliates.AffiliateList, "affiliates"),
    at("affiliates/<uuid:id>", affiliates.OneAffiliate, "affiliate"),
    at("enrollments", affiliates.Enrollments, "enrollments"),
    at("enrollments/<uuid:id>", affiliates.OneEnrollment, "enrollment"),
    at("enrollments/<uuid:id>/approve", affiliates.ApproveEnrollment, "enrollment-approve"),
    at("enrollments/<uuid:id>/reject", affiliates.RejectEnrollment, "enrollment-reject"),
    at("enrollments/<uuid:id>/suspend", affiliates.SuspendEnrollment, "enrollment-suspend"),
    at("enrollments/<uuid:id>/reinstate", affiliates.ReinstateEnrollment, "enrollment-reinstate"),
    at("enrollments/<uuid:id>/write-off", commissions.WriteOff, "enrollment-write-off"),
    at("enrollments/<uuid:id>/move", tiers.MoveEnrollment, "enrollment-move"),
    at("enrollments/<uuid:id>/recruiter", tiers.SetRecruiter, "enrollment-recruiter"),
    at("links", links.Links, "links"),
    at("links/bulk", links.LinksBulk, "links-bulk"),
    at("links/<uuid:id>", links.OneLink, "link"),
    at("links/<uuid:id>/archive", links.ArchiveLink, "link-archive"),
    at("links/<uuid:id>/branches", branches.Branches, "link-branches"),
    at("coupons", coupons.Coupons, "coupons"),
    at("coupons/bulk-generate", coupons.GenerateCoupons, "coupons-bulk-generate"),
    at("coupons/<uuid:id>", coupons.OneCoupon, "coupon"),
    at("coupons/<uuid:id>/archive", coupons.ArchiveCoupon, "coupon-archive"),
]
FACTS = [
    at("clicks", clicks.Clicks, "clicks"),
    at("conversions", conversions.Conversions, "conversions"),
    at("conversions/bulk", conversions.ConversionsBulk, "conversions-bulk"),
    at("conversions/<uuid:id>", conversions.OneConversion, "conversion"),
    at("conversions/<uuid:id>/why", why.Why, "conversion-why"),
    at("conversions/<uuid:id>/approve", conversions.ApproveConversion, "conversion-approve"),
    at("conversions/<uuid:id>/decline", conversions.DeclineConversion, "conversion-decline"),
    at("conversions/<uuid:id>/hold", conversions.HoldConversion, "conversion-hold"),
    at("conversions/<uuid:id>/release", conversions.ReleaseConversion, "conversion-release"),
    at("conversions/<uuid:id>/confirm", conversions.ConfirmConversion, "conversion-confirm"),
    at("conversions/<uuid:id>/reassign", reassign.ReassignConversion, "conversion-reassign"),
    at("conversions/<uuid:id>/refunds", refunds.Refunds, "conversion-refunds"),
    at("conversions/<uuid:id>/status", status_reports.ConversionStatuses, "conversion-status"),
    at("refunds", refunds.OrderRefunds, "refunds"),
    at("status-reports", status_reports.OrderStatuses, "status-reports"),
    at("steps", steps.Steps, "steps"),
    at("customers", customers.Customers, "customers"),
    at("customers/<uuid:id>", customers.OneCustomer, "customer"),
    at("customers/<uuid:id>/reassign", reassign.ReassignCustomer, "customer-reassign"),
    at("customers/<uuid:id>/erase", customers.EraseCustomer, "customer-erase"),
    at("intake-calls", intake_calls.IntakeCalls, "intake-calls"),
    at("imports", imports.Imports, "imports"),
    at("imports/<uuid:id>", imports.OneImport, "import"),
    at("events", events.Events, "events"),
    at("events/<uuid:id>", events.OneEvent, "event"),
]
MONEY = [
    at("fx-rates", fx_rates.FxRates, "fx-rates"),
    at("fx-rates/<uuid:id>", fx_rates.OneFxRate, "fx-rate"),
    at("replays", replays.Replays, "replays"),
    at("replays/<uuid:id>", replays.OneReplay, "replay"),
    at("replays/<uuid:id>/totals", replays.ReplayTotals, "replay-totals"),
    at("replays/<uuid:id>/differences", replays.ReplayDifferences, "replay-differences"),
    at("replays/<uuid:id>/apply", replays.ApplyReplay, "replay-apply"),
    at("replays/<uuid:id>/stop", replays.StopReplay, "replay-stop"),
    at("commissions", commissions.Commissions, "commissions"),
    at("commissions/<uuid:id>", commissions.OneCommission, "commission"),
    at("commissions/<uuid:id>/approve", commissions.ApproveCommission, "commission-approve"),
    at("commissions/<uuid:id>/decline", commissions.DeclineCommission, "commission-decline"),
    at("grants", grants.Grants, "grants"),
    at("grants/<uuid:id>", grants.OneGrant, "grant"),
    at("grants/<uuid:id>/given", grants.GrantGiven, "grant-given"),
    at("grants/<uuid:id>/failed", grants.GrantFailed, "grant-failed"),
    at("grants/<uuid:id>/retry", grants.GrantRetry, "grant-retry"),
    at("claims", claims.Claims, "claims"),
    at("claims/<uuid:id>", claims.OneClaim, "claim"),
    at("claims/<uuid:id>/credit", claims.CreditClaim, "claim-credit"),
    at("claims/<uuid:id>/refuse", claims.RefuseClaim, "claim-refuse"),
    at("balances", balances.Balances, "balances"),
    at("payout-batches", payouts.Batches, "payout-batches"),
    at("payout-batches/<uuid:id>", payouts.OneBatch, "payout-batch"),
    at("payout-batches/<uuid:id>/approve", payouts.ApproveBatch, "payout-batch-approve"),
    at("payout-batches/<uuid:id>/send", payouts.SendBatch, "payout-batch-send"),
    at("payout-batches/<uuid:id>/cancel", payouts.CancelBatch, "payout-batch-cancel"),
    at("payout-batches/<uuid:id>/file", payouts.DownloadBatch, "payout-batch-file"),
    at("payouts", payouts.Payouts, "payouts"),
    at("payouts/<uuid:id>", payouts.OnePayout, "payout"),
    at("payouts/<uuid:id>/mark-paid", payouts.MarkPaid, "payout-mark-paid"),
    at("payouts/<uuid:id>/mark-failed", payouts.MarkFailed, "payout-mark-failed"),
]
PARTNER = [
    at("partner/me", partner_me.PartnerMe, "partner-me"),
    at("partner/programs", partner_programs.PartnerPrograms, "partner-programs"),
    at("partner/links", partner_links.PartnerLinks, "partner-links"),
    at("partner/links/bulk", partner_links.PartnerLinksBulk, "partner-links-bulk"),
    at("partner/links/<uuid:id>", partner_links.OnePartnerLink, "partner-link"),
    at("partner/links/<uuid:id>/archive", partner_links.ArchivePartnerLink, "partner-link-archive"),
    at("partner/coupons", partner_coupons.PartnerCoupons, "partner-coupons"),
    at("partner/coupons/<uuid:id>", partner_coupons.OnePartnerCoupon, "partner-coupon"),
    at("partner/clicks", partner_results.PartnerClicks, "partner-clicks"),
    at("partner/conversions", partner_results.PartnerConversions, "partner-conversions"),
    at("partner/conversions/<uuid:id>", partner_results.OnePartnerConversion, "partner-conversion"),
    at("partner/conversions/<uuid:id>/why", partner_why.PartnerWhy, "partner-conversion-why"),
    at("partner/commissions", partner_results.PartnerCommissions, "partner-commissions"),
    at("partner/commissions/<uuid:id>", partner_results.OnePartnerCommission, "partner-commission"),
    at("partner/claims", partner_claims.PartnerClaims, "partner-claims"),
    at("partner/claims/<uuid:id>", partner_claims.OnePartnerClaim, "partner-claim"),
    at(
        "partner/claims/<uuid:id>/withdraw",
        partner_claims.WithdrawPartnerClaim,
        "partner-claim-withdraw",
    ),
    at("partner/balances", partner_money.PartnerBalances, "partner-balances"),
    at("partner/payouts", partner_money.PartnerPayouts, "partner-payouts"),
    at("partner/payouts/<uuid:id>", partner_money.OnePartnerPayout, "partner-payout"),
    at("partner/payout-method", partner_money.PartnerPayoutMethod, "partner-payout-method"),
]
urlpatterns = [
    at("me", me.Me, "me"),
    *PROGRAMS,
    *DOMAINS,
    *AFFILIATES,
    *FACTS,
    *MONEY,
    *PARTNER,
    path("v1/openapi.json", docs.openapi, name="openapi"),
    at("docs/", docs.Pages, "docs"),
    re_path(r"", docs.nothing_here, name="nothing-here"),
]
