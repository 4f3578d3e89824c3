"""The addresses of what a program says and wants: its page, conduct, policies, targets, log."""

from interfaces.api.routing import at
from interfaces.api.v1 import conduct, page_blocks, plans, policies

PAGES = [
    at("programs/<uuid:id>/conduct", conduct.OneConduct, "program-conduct"),
    at("programs/<uuid:id>/changes", conduct.Changes, "program-changes"),
    at("programs/<uuid:id>/blocks", page_blocks.Blocks, "program-blocks"),
    at("programs/<uuid:id>/blocks/<uuid:block_id>", page_blocks.OneBlock, "program-block"),
    at(
        "programs/<uuid:id>/blocks/<uuid:block_id>/move",
        page_blocks.MoveBlock,
        "program-block-move",
    ),
    at(
        "programs/<uuid:id>/blocks/<uuid:block_id>/remove",
        page_blocks.RemoveBlock,
        "program-block-remove",
    ),
    at("programs/<uuid:id>/targets", plans.ProgramTargets, "program-targets"),
    at(
        "programs/<uuid:id>/targets/<uuid:target_id>/remove",
        plans.RemoveProgramTarget,
        "program-target-remove",
    ),
    at("programs/<uuid:id>/customers", plans.ProgramCustomers, "program-customers"),
    at("programs/<uuid:id>/listing", plans.ProgramListing, "program-listing"),
    at("programs/<uuid:id>/policies", policies.Policies, "program-policies"),
    at("programs/<uuid:id>/policies/<uuid:policy_id>", policies.OnePolicy, "program-policy"),
    at(
        "programs/<uuid:id>/policies/<uuid:policy_id>/review",
        policies.ReviewPolicy,
        "program-policy-review",
    ),
    at(
        "programs/<uuid:id>/policies/<uuid:policy_id>/archive",
        policies.ArchivePolicy,
        "program-policy-archive",
    ),
    at(
        "programs/<uuid:id>/policies/<uuid:policy_id>/waivers",
        policies.Waivers,
        "program-policy-waivers",
    ),
    at(
        "programs/<uuid:id>/policies/<uuid:policy_id>/waivers/<uuid:waiver_id>/end",
        policies.EndWaiver,
        "program-policy-waiver-end",
    ),
    at("programs/<uuid:id>/friction", policies.FrictionReports, "program-friction"),
    at(
        "programs/<uuid:id>/friction/<uuid:report_id>/answer",
        policies.AnswerFriction,
        "program-friction-answer",
    ),
]
