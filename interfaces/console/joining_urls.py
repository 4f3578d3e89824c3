"""The addresses of joining: of a program's form and rules, and of the applications."""

from django.urls import path

from interfaces.console import applications, embed, form_builder, funnel, review_rules

of_a_program = [
    path("form/", form_builder.program_form, name="program-form"),
    path("form/new/", form_builder.question_create, name="question-create"),
    path("form/reapply/", form_builder.reapply_edit, name="reapply-edit"),
    path("form/<slug:question_code>/", form_builder.question_edit, name="question-edit"),
    path("form/<slug:question_code>/move/", form_builder.question_move, name="question-move"),
    path("form/<slug:question_code>/remove/", form_builder.question_remove, name="question-remove"),
    path("funnel/", funnel.program_funnel, name="program-funnel"),
    path("embed/", embed.program_embed, name="program-embed"),
    path("review/", review_rules.program_review, name="program-review"),
    path("review/new/", review_rules.review_rule_create, name="review-rule-create"),
    path("review/<uuid:review_rule_id>/", review_rules.review_rule_edit, name="review-rule-edit"),
    path(
        "review/<uuid:review_rule_id>/move/", review_rules.review_rule_move, name="review-rule-move"
    ),
    path(
        "review/<uuid:review_rule_id>/remove/",
        review_rules.review_rule_remove,
        name="review-rule-remove",
    ),
]
all_applications = [
    path("", applications.applications, name="applications"),
    path("approve/", applications.applications_approve, name="applications-approve"),
    path("<uuid:enrollment_id>/", applications.application, name="application"),
    path(
        "<uuid:enrollment_id>/approve/",
        applications.application_approve,
        name="application-approve",
    ),
    path(
        "<uuid:enrollment_id>/reject/", applications.application_reject, name="application-reject"
    ),
]
