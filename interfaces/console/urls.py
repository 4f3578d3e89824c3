"""The addresses of the console."""

from django.urls import URLPattern, URLResolver, include, path

from interfaces.console import (
    affiliate_bulk,
    affiliate_care,
    affiliate_export,
    affiliates,
    attribution,
    batch,
    batch_edit,
    branches,
    budgets,
    by_hand,
    calls,
    caps,
    claims,
    clicks,
    cobranding,
    commissions,
    conversion,
    conversion_test,
    conversions,
    coupon_requests,
    coupons,
    customers,
    destinations,
    documents,
    domains,
    experiments,
    fx_rates,
    grants,
    history,
    home,
    imports,
    intake,
    ladders,
    liabilities,
    link_bulk,
    links,
    members,
    merges,
    missed,
    notifications,
    palette,
    partnerships,
    payout,
    payout_terms,
    payouts,
    prepare,
    program_parts,
    program_tracking,
    programs,
    promotions,
    proposals,
    rails,
    reassign,
    replays,
    rules,
    saved_views,
    settings,
    setup,
    simulator,
    statements,
    steps,
    tax,
    terms,
    threads,
    tiers,
    violations,
    withdrawals,
)
from interfaces.console.automation_urls import of_a_program as automations_of_a_program
from interfaces.console.deal_urls import all_deals
from interfaces.console.joining_urls import all_applications, of_a_program
from interfaces.console.material_urls import of_a_program as materials_of_a_program
from interfaces.console.message_urls import all_messages
from interfaces.console.page_urls import of_a_program as pages_of_a_program
from interfaces.console.partnership_urls import all_partnerships
from interfaces.console.recruiting_urls import all_recruiting

app_name = "console"

first_steps = [
    path("program/", setup.setup_program, name="setup-program"),
    path("rates/", setup.setup_rates, name="setup-rates"),
    path("terms/", setup.setup_terms, name="setup-terms"),
    path("done/", setup.setup_done, name="setup-done"),
    path("key/", setup.setup_key, name="setup-key"),
    path("leave/", setup.setup_leave, name="setup-leave"),
]

goal_steps = [
    path("", steps.goal_steps, name="goal-steps"),
    path("add/", steps.step_create, name="step-create"),
    path("<uuid:step_id>/remove/", steps.step_remove, name="step-remove"),
]

all_destinations = [
    path("", destinations.program_destinations, name="program-destinations"),
    path("new/", destinations.destination_create, name="destination-create"),
    path("<uuid:destination_id>/", destinations.destination_edit, name="destination-edit"),
    path(
        "<uuid:destination_id>/archive/",
        destinations.destination_archive,
        name="destination-remove",
    ),
]

all_caps = [
    path("", caps.program_caps, name="program-caps"),
    path("new/", caps.cap_create, name="cap-create"),
    path("<uuid:cap_id>/archive/", caps.cap_archive, name="cap-archive"),
]

all_budgets = [
    path("", budgets.program_budgets, name="program-budgets"),
    path("new/", budgets.budget_create, name="budget-create"),
    path("<uuid:budget_id>/", budgets.budget_edit, name="budget-edit"),
    path("<uuid:budget_id>/archive/", budgets.budget_archive, name="budget-end"),
]

all_rules = [
    path("", program_parts.program_rates, name="program-rates"),
    path("edit/", program_parts.rates_edit, name="rates-edit"),
    path("rules/new/", rules.rule_create, name="rule-create"),
    path("rules/<uuid:rule_id>/", rules.rule_edit, name="rule-edit"),
    path("rules/<uuid:rule_id>/move/", rules.rule_move, name="rule-move"),
    path("rules/<uuid:rule_id>/archive/", rules.rule_archive, name="rule-remove"),
]

all_tiers = [
    path("", tiers.program_tiers, name="program-tiers"),
    path("new/", tiers.tier_create, name="tier-create"),
    path("ladder/", ladders.program_ladder, name="program-ladder"),
    path("ladder/preset/", ladders.ladder_preset, name="ladder-preset"),
    path("<uuid:tier_id>/", tiers.tier_edit, name="tier-edit"),
    path("<uuid:tier_id>/archive/", tiers.tier_archive, name="tier-remove"),
]

all_promotions = [
    path("", promotions.program_promotions, name="program-promotions"),
    path("new/", promotions.promotion_create, name="promotion-create"),
    path("<uuid:promotion_id>/", promotions.promotion_edit, name="promotion-edit"),
    path("<uuid:promotion_id>/archive/", promotions.promotion_archive, name="promotion-remove"),
]

all_experiments = [
    path("", experiments.program_experiments, name="program-experiments"),
    path("new/", experiments.experiment_create, name="experiment-create"),
    path("<uuid:experiment_id>/", experiments.experiment, name="experiment"),
    path("<uuid:experiment_id>/stop/", experiments.experiment_stop, name="experiment-stop"),
    path(
        "<uuid:experiment_id>/archive/", experiments.experiment_archive, name="experiment-archive"
    ),
]

one_replay = [
    path("", replays.replay, name="replay"),
    path("progress/", replays.replay_progress, name="replay-progress"),
    path("apply/", replays.replay_apply, name="replay-apply"),
    path("stop/", replays.replay_stop, name="replay-stop"),
    path("export/", replays.replay_export, name="replay-export"),
]

one_program: list[URLPattern | URLResolver] = [
    path("", programs.program, name="program"),
    path("move/", programs.program_move, name="program-move"),
    *of_a_program,
    *pages_of_a_program,
    *materials_of_a_program,
    *automations_of_a_program,
    path("page/", programs.program_page, name="program-page"),
    path("settings/", programs.program_settings, name="program-settings"),
    path("attribution/", attribution.program_attribution, name="program-attribution"),
    path("attribution/example/", attribution.attribution_example, name="attribution-example"),
    path("goals/", program_parts.program_goals, name="program-goals"),
    path("goals/new/", program_parts.goal_create, name="goal-create"),
    path("goals/<uuid:goal_id>/", program_parts.goal_edit, name="goal-edit"),
    path("goals/<uuid:goal_id>/steps/", include(goal_steps)),
    path("rates/", include(all_rules)),
    path("tiers/", include(all_tiers)),
    path("promotions/", include(all_promotions)),
    path("simulator/", simulator.program_simulator, name="program-simulator"),
    path("backtests/", replays.program_backtests, name="program-backtests"),
    path("backtests/new/", replays.backtest_create, name="backtest-create"),
    path("recomputes/", replays.program_recomputes, name="program-recomputes"),
    path("recomputes/new/", replays.recompute_create, name="recompute-create"),
    path("replays/<uuid:replay_id>/", include(one_replay)),
    path("experiments/", include(all_experiments)),
    path("terms/", terms.program_terms, name="program-terms"),
    path("terms/new/", terms.terms_publish, name="terms-publish"),
    path("terms/accepted/", terms.program_acceptances, name="program-acceptances"),
    path("proposals/", proposals.program_proposals, name="program-proposals"),
    path("destinations/", include(all_destinations)),
    path("caps/", include(all_caps)),
    path("budgets/", include(all_budgets)),
    path("test/", conversion_test.conversion_test, name="conversion-test"),
    path(
        "test/<uuid:conversion_id>/",
        conversion_test.conversion_arriving,
        name="conversion-arriving",
    ),
    path("tracking/", program_tracking.program_tracking, name="program-tracking"),
    path("tracking/edit/", program_tracking.tracking_edit, name="tracking-edit"),
    path("tracking/example/", program_tracking.tracking_example, name="tracking-example"),
    path("tracking/signals/", program_tracking.program_signals, name="program-signals"),
    path("tracking/token/", program_tracking.postback_token_show, name="postback-token-show"),
    path(
        "tracking/token/rotate/",
        program_tracking.postback_token_rotate,
        name="postback-token-rotate",
    ),
]

one_affiliate = [
    path("", affiliates.affiliate, name="affiliate"),
    path("messages/new/", threads.thread_create, name="thread-create"),
    path("partnership/begin/", partnerships.partnership_begin, name="partnership-begin"),
    path("merge/", merges.affiliate_merge, name="affiliate-merge"),
    path("approve/", affiliates.affiliate_approve, name="affiliate-approve"),
    path("reject/", affiliates.affiliate_reject, name="affiliate-reject"),
    path("suspend/", affiliates.affiliate_suspend, name="affiliate-suspend"),
    path("reinstate/", affiliates.affiliate_reinstate, name="affiliate-reinstate"),
    path("clear-account/", affiliates.affiliate_clear_account, name="affiliate-clear-account"),
    path("coupons/", affiliates.coupon_create, name="coupon-create"),
    path("line/", by_hand.line_create, name="line-create"),
    path("write-off/", by_hand.debt_write_off, name="debt-write-off"),
    path("violations/", violations.violation_file, name="violation-file"),
    path(
        "violations/<uuid:violation_id>/resolve/",
        violations.violation_resolve,
        name="violation-resolve",
    ),
    path("notes/", affiliate_care.note_write, name="note-write"),
    path("notes/<uuid:note_id>/delete/", affiliate_care.note_delete, name="note-delete"),
    path("tags/", affiliate_care.tag_add, name="tag-add"),
    path("tags/<uuid:tag_id>/remove/", affiliate_care.tag_remove, name="tag-remove"),
    path("owner/", affiliate_care.owner_assign, name="owner-assign"),
    path("tasks/", affiliate_care.task_set, name="task-set"),
    path("tier/", tiers.affiliate_tier, name="affiliate-tier"),
    path("proposals/new/", proposals.proposal_create, name="proposal-create"),
    path("contract/", terms.affiliate_contract, name="affiliate-contract"),
    path("contract/end/", terms.affiliate_contract_end, name="affiliate-contract-end"),
    path("tax/", tax.affiliate_tax, name="affiliate-tax"),
    path("tax/<uuid:form_id>/doubt/", tax.tax_doubt, name="tax-doubt"),
    path("tax/<uuid:form_id>/clear/", tax.tax_clear, name="tax-clear"),
]

one_proposal = [
    path("", proposals.proposal, name="proposal"),
    path("accept/", proposals.proposal_accept, name="proposal-accept"),
    path("counter/", proposals.proposal_counter, name="proposal-counter"),
    path("decline/", proposals.proposal_decline, name="proposal-decline"),
    path("withdraw/", proposals.proposal_withdraw, name="proposal-withdraw"),
]

one_link: list[URLPattern] = [
    path("", links.link, name="link"),
    path("edit/", links.link_edit, name="link-edit"),
    path("archive/", links.link_archive, name="link-archive"),
    path("qr.svg", links.link_qr, name="link-qr"),
    path("qr.png", links.link_qr_png, name="link-qr-png"),
    path("rule/", branches.link_rule, name="link-rule"),
    path("branches/new/", branches.branch_create, name="branch-create"),
    path("branches/<uuid:branch_id>/", branches.branch_edit, name="branch-edit"),
    path("branches/<uuid:branch_id>/remove/", branches.branch_remove, name="branch-remove"),
]

all_coupons = [
    path("", coupons.coupons, name="coupons"),
    path("export/", coupons.coupons_export, name="coupons-export"),
    path("new/", coupons.coupons_create, name="coupons-create"),
    path("<uuid:coupon_id>/archive/", coupons.coupon_archive, name="coupon-archive"),
    path("requests/", coupon_requests.coupon_requests, name="coupon-requests"),
    path(
        "requests/<uuid:request_id>/give/",
        coupon_requests.coupon_request_give,
        name="coupon-request-give",
    ),
    path(
        "requests/<uuid:request_id>/refuse/",
        coupon_requests.coupon_request_refuse,
        name="coupon-request-refuse",
    ),
]

one_conversion = [
    path("", conversion.conversion, name="conversion"),
    path("approve/", conversion.conversion_approve, name="conversion-approve"),
    path("confirm/", conversion.conversion_confirm, name="conversion-confirm"),
    path("decline/", conversion.conversion_decline, name="conversion-decline"),
    path("hold/", conversion.conversion_hold, name="conversion-hold"),
    path("release/", conversion.conversion_release, name="conversion-release"),
    path("refunds/", conversion.refund_create, name="refund-create"),
    path("reassign/", reassign.conversion_reassign, name="conversion-reassign"),
]

one_claim = [
    path("", claims.claim, name="claim"),
    path("credit/", claims.claim_credit, name="claim-credit"),
    path("refuse/", claims.claim_refuse, name="claim-refuse"),
]

one_grant = [
    path("given/", grants.grant_given, name="grant-given"),
    path("failed/", grants.grant_failed, name="grant-failed"),
    path("retry/", grants.grant_retry, name="grant-retry"),
]

one_import = [
    path("", imports.import_, name="import"),
    path("progress/", imports.import_progress, name="import-progress"),
    path("run/", imports.import_run, name="import-run"),
    path("refusals/", imports.import_refusals, name="import-refusals"),
]

one_customer = [
    path("", customers.customer, name="customer"),
    path("erase/", customers.customer_erase, name="customer-erase"),
    path("reassign/", reassign.customer_reassign, name="customer-reassign"),
]

one_batch = [
    path("", batch.batch, name="batch"),
    path("progress/", batch.batch_status, name="batch-status"),
    path("edit/", batch_edit.batch_edit, name="batch-edit"),
    path("approve/", payouts.batch_approve, name="batch-approve"),
    path("cancel/", payouts.batch_cancel, name="batch-cancel"),
    path("file/", payouts.batch_file, name="batch-file"),
    path("paid/", batch.batch_paid, name="batch-paid"),
]

all_payout_terms = [
    path("", payout_terms.payout_terms, name="payout-terms"),
    path("new/<uuid:program_id>/", payout_terms.terms_create, name="payout-terms-create"),
    path("new/<uuid:program_id>/example/", payout_terms.terms_example, name="payout-terms-example"),
    path("<uuid:terms_id>/", payout_terms.terms_edit, name="payout-terms-edit"),
    path("<uuid:terms_id>/remove/", payout_terms.terms_remove, name="payout-terms-remove"),
]

one_statement = [
    path("", statements.statement, name="statement"),
    path("apply/", statements.statement_apply, name="statement-apply"),
    path("discard/", statements.statement_discard, name="statement-discard"),
]

one_payout = [
    path("", payout.payout, name="payout"),
    path("paid/", payout.payout_paid, name="payout-paid"),
    path("failed/", payout.payout_failed, name="payout-failed"),
    path("retry/", payout.payout_retry, name="payout-retry"),
]

all_settings = [
    path("", settings.settings, name="settings"),
    path("edit/", settings.profile_edit, name="profile-edit"),
    path("members/", members.members, name="members"),
    path("members/invite/", members.member_invite, name="member-invite"),
    path("members/<uuid:member_id>/role/", members.member_role, name="member-role"),
    path("members/<uuid:member_id>/disable/", members.member_disable, name="member-disable"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/edit/", notifications.notifications_edit, name="notifications-edit"),
    path("keys/", settings.keys, name="keys"),
    path("keys/new/", settings.key_create, name="key-create"),
    path("keys/<uuid:key_id>/revoke/", settings.key_revoke, name="key-revoke"),
    path("domains/", domains.domains, name="domains"),
    path("domains/new/", domains.domain_add, name="domain-add"),
    path("domains/<uuid:domain_id>/", domains.domain_edit, name="domain-edit"),
    path("domains/<uuid:domain_id>/check/", domains.domain_check, name="domain-check"),
    path("domains/<uuid:domain_id>/remove/", domains.domain_remove, name="domain-remove"),
    path("networks/", domains.staff_networks, name="staff-networks"),
    path("networks/edit/", domains.staff_networks_edit, name="staff-networks-edit"),
    path("currencies/", fx_rates.fx_rates, name="fx-rates"),
    path("currencies/new/", fx_rates.fx_rate_create, name="fx-rate-create"),
    path("tax/", tax.tax, name="tax"),
    path("tax/payer/", tax.tax_payer, name="tax-payer"),
    path("tax/policy/", tax.tax_policy, name="tax-policy"),
    path("audit/", history.audit, name="audit"),
    path("audit/export/", history.audit_export, name="audit-export"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("switch/", home.switch, name="switch"),
    path("find/", palette.palette, name="palette"),
    path("new/", setup.merchant_create, name="merchant-create"),
    path("setup/", include(first_steps)),
    path("clicks/", clicks.clicks, name="clicks"),
    path("clicks/unknown/", missed.missed_codes_page, name="missed-codes"),
    path("programs/", programs.programs, name="programs"),
    path("programs/new/", programs.program_create, name="program-create"),
    path("programs/<uuid:program_id>/", include(one_program)),
    path("affiliates/", affiliates.affiliates, name="affiliates"),
    path("views/", saved_views.segment_save, name="segment-save"),
    path("views/<uuid:segment_id>/delete/", saved_views.segment_delete, name="segment-delete"),
    path("tasks/", affiliate_care.tasks, name="tasks"),
    path("tasks/<uuid:task_id>/finish/", affiliate_care.task_finish, name="task-finish"),
    path("affiliates/export/", affiliate_export.affiliates_export, name="affiliates-export"),
    path("affiliates/bulk/", affiliate_bulk.affiliates_bulk, name="affiliates-bulk"),
    path("affiliates/jobs/<uuid:job_id>/", affiliate_bulk.bulk_job, name="bulk-job"),
    path(
        "affiliates/jobs/<uuid:job_id>/progress/",
        affiliate_bulk.bulk_job_progress,
        name="bulk-job-progress",
    ),
    path(
        "affiliates/jobs/<uuid:job_id>/cancel/",
        affiliate_bulk.bulk_job_cancel,
        name="bulk-job-cancel",
    ),
    path("affiliates/duplicates/", merges.duplicates, name="duplicates"),
    path("affiliates/invite/", affiliates.affiliate_invite, name="affiliate-invite"),
    path("affiliates/applications/", include(all_applications)),
    path("affiliates/suggest/", affiliates.affiliate_suggest, name="affiliate-suggest"),
    path("affiliates/<uuid:enrollment_id>/", include(one_affiliate)),
    path("proposals/<uuid:proposal_id>/", include(one_proposal)),
    path("links/", links.links, name="links"),
    path("links/new/", links.link_create, name="link-create"),
    path("links/many/", link_bulk.links_create, name="links-create"),
    path("links/<uuid:link_id>/", include(one_link)),
    path("coupons/", include(all_coupons)),
    path("conversions/", conversions.conversions, name="conversions"),
    path("conversions/export/", conversions.conversions_export, name="conversions-export"),
    path("conversions/<uuid:conversion_id>/", include(one_conversion)),
    path("conversions/intake/", intake.intake_calls, name="intake-calls"),
    path("conversions/intake/<uuid:call_id>/", intake.intake_call, name="intake-call"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_create, name="import-create"),
    path("imports/example/", imports.import_example, name="import-example"),
    path("imports/<uuid:import_id>/", include(one_import)),
    path("customers/", customers.customers, name="customers"),
    path("customers/<uuid:customer_id>/", include(one_customer)),
    path("grants/", grants.grants, name="grants"),
    path("grants/<uuid:grant_id>/", include(one_grant)),
    path("messages/", include(all_messages)),
    path("recruiting/", include(all_recruiting)),
    path("partnerships/", include(all_partnerships)),
    path("deals/", include(all_deals)),
    path("cobranding/", cobranding.cobrand_waiting, name="cobrand-waiting"),
    path("claims/", claims.claims, name="claims"),
    path("claims/export/", claims.claims_export, name="claims-export"),
    path("claims/<uuid:claim_id>/", include(one_claim)),
    path("commissions/", commissions.commissions, name="commissions"),
    path("commissions/decide/", commissions.commissions_decide, name="commissions-decide"),
    path("commissions/decisions/<uuid:decision_id>/", commissions.decision, name="decision"),
    path(
        "commissions/decisions/<uuid:decision_id>/progress/",
        commissions.decision_progress,
        name="decision-progress",
    ),
    path("payouts/", payouts.payouts, name="payouts"),
    path("payouts/prepare/", prepare.prepare, name="prepare"),
    path("payouts/statements/", statements.statements, name="statements"),
    path("payouts/statements/new/", statements.statement_create, name="statement-create"),
    path("payouts/statements/<uuid:statement_id>/", include(one_statement)),
    path("payouts/rails/", rails.rails, name="rails"),
    path("payouts/rails/connect/", rails.rail_connect, name="rail-connect"),
    path("payouts/rails/<uuid:rail_id>/check/", rails.rail_check, name="rail-check"),
    path("payouts/rails/<uuid:rail_id>/archive/", rails.rail_archive, name="rail-archive"),
    path(
        "payouts/findings/<uuid:finding_id>/resolve/", rails.finding_resolve, name="finding-resolve"
    ),
    path("payouts/terms/", include(all_payout_terms)),
    path("payouts/policy/", payout_terms.payout_policy, name="payout-policy"),
    path("payouts/limits/", payout_terms.approval_limit, name="approval-limit"),
    path("payouts/calls/", calls.payout_calls, name="payout-calls"),
    path("payouts/calls/<uuid:attempt_id>/again/", calls.call_again, name="payout-call-again"),
    path(
        "payouts/calls/<uuid:attempt_id>/give-up/", calls.call_give_up, name="payout-call-give-up"
    ),
    path("payouts/withdrawals/", withdrawals.withdrawals, name="withdrawals"),
    path(
        "payouts/withdrawals/<uuid:withdrawal_id>/approve/",
        withdrawals.withdrawal_approve,
        name="withdrawal-approve",
    ),
    path(
        "payouts/withdrawals/<uuid:withdrawal_id>/decline/",
        withdrawals.withdrawal_decline,
        name="withdrawal-decline",
    ),
    path("payouts/balance/", liabilities.liabilities, name="liabilities"),
    path("payouts/balance/export/", liabilities.liabilities_export, name="liabilities-export"),
    path("payouts/documents/", documents.documents, name="documents"),
    path("payouts/documents/<uuid:document_id>/", documents.document, name="document"),
    path("payouts/annual/", documents.annual, name="annual"),
    path("payouts/annual/export/", documents.annual_export, name="annual-export"),
    path("payouts/annual/filing/", documents.annual_filing, name="annual-filing"),
    path("payouts/items/<uuid:payout_id>/", include(one_payout)),
    path("payouts/<uuid:batch_id>/", include(one_batch)),
    path("settings/", include(all_settings)),
    path("invitation/", members.invitation_accept, name="invitation-accept"),
]
