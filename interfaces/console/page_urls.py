"""The addresses of what a program says and wants: its page, conduct, policies, targets, log."""

from django.urls import path

from interfaces.console import policies, program_blocks, program_plans

of_a_program = [
    path("blocks/", program_blocks.program_blocks, name="program-blocks"),
    path("blocks/new/", program_blocks.block_create, name="block-create"),
    path("blocks/<uuid:block_id>/", program_blocks.block_edit, name="block-edit"),
    path("blocks/<uuid:block_id>/move/", program_blocks.block_move, name="block-move"),
    path("blocks/<uuid:block_id>/remove/", program_blocks.block_remove, name="block-remove"),
    path("conduct/", program_blocks.program_conduct, name="program-conduct"),
    path("conduct/edit/", program_blocks.conduct_edit, name="conduct-edit"),
    path("changes/", program_plans.program_changes, name="program-changes"),
    path("changes/tell/", program_plans.news_tell, name="news-tell"),
    path("targets/", program_plans.program_targets, name="program-targets"),
    path("targets/new/", program_plans.target_create, name="target-create"),
    path("targets/<uuid:target_id>/remove/", program_plans.target_remove, name="target-remove"),
    path("customers/", program_plans.program_customers, name="program-customers"),
    path("customers/edit/", program_plans.customers_edit, name="customers-edit"),
    path("listing/", program_plans.program_listing, name="program-listing"),
    path("policies/", policies.program_policies, name="program-policies"),
    path("policies/new/", policies.policy_create, name="policy-create"),
    path("policies/<uuid:policy_id>/", policies.policy_edit, name="policy-edit"),
    path("policies/<uuid:policy_id>/reviewed/", policies.policy_reviewed, name="policy-reviewed"),
    path("policies/<uuid:policy_id>/archive/", policies.policy_archive, name="policy-archive"),
    path("policies/<uuid:policy_id>/waive/", policies.waiver_grant, name="waiver-grant"),
    path("waivers/<uuid:waiver_id>/end/", policies.waiver_end, name="waiver-end"),
    path("friction/<uuid:report_id>/answer/", policies.friction_answer, name="friction-answer"),
]
