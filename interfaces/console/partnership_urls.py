"""The addresses of partnerships."""

from django.urls import path

from interfaces.console import partnership_reviews, partnerships

all_partnerships = [
    path("", partnerships.partnerships, name="partnerships"),
    path("<uuid:partnership_id>/", partnerships.partnership, name="partnership"),
    path("<uuid:partnership_id>/edit/", partnerships.partnership_edit, name="partnership-edit"),
    path("<uuid:partnership_id>/end/", partnerships.partnership_end, name="partnership-end"),
    path(
        "<uuid:partnership_id>/people/add/",
        partnerships.partner_person_add,
        name="partner-person-add",
    ),
    path(
        "<uuid:partnership_id>/people/<uuid:person_id>/remove/",
        partnerships.partner_person_remove,
        name="partner-person-remove",
    ),
    path("<uuid:partnership_id>/plan/", partnerships.partner_plan, name="partner-plan"),
    path("<uuid:partnership_id>/plan/add/", partnerships.partner_item_add, name="partner-item-add"),
    path(
        "<uuid:partnership_id>/plan/<uuid:item_id>/", partnerships.partner_item, name="partner-item"
    ),
    path(
        "<uuid:partnership_id>/plan/<uuid:item_id>/move/",
        partnerships.partner_item_move,
        name="partner-item-move",
    ),
    path(
        "<uuid:partnership_id>/plan/<uuid:item_id>/comment/",
        partnerships.partner_item_comment,
        name="partner-item-comment",
    ),
    path(
        "<uuid:partnership_id>/sheets/<slug:sheet>/",
        partnerships.partner_sheet,
        name="partner-sheet",
    ),
    path(
        "<uuid:partnership_id>/sheets/<slug:sheet>/fill/",
        partnerships.partner_sheet_fill,
        name="partner-sheet-fill",
    ),
    path(
        "<uuid:partnership_id>/sheets/<slug:sheet>/comment/",
        partnerships.partner_sheet_comment,
        name="partner-sheet-comment",
    ),
    path(
        "<uuid:partnership_id>/goals/new/",
        partnership_reviews.partner_goal_create,
        name="partner-goal-create",
    ),
    path(
        "<uuid:partnership_id>/goals/<uuid:shared_goal_id>/",
        partnership_reviews.partner_goal,
        name="partner-goal",
    ),
    path(
        "<uuid:partnership_id>/goals/<uuid:shared_goal_id>/note/",
        partnership_reviews.partner_goal_note,
        name="partner-goal-note",
    ),
    path(
        "<uuid:partnership_id>/goals/<uuid:shared_goal_id>/archive/",
        partnership_reviews.partner_goal_archive,
        name="partner-goal-archive",
    ),
    path(
        "<uuid:partnership_id>/reviews/",
        partnership_reviews.partner_reviews,
        name="partner-reviews",
    ),
    path(
        "<uuid:partnership_id>/reviews/plan/",
        partnership_reviews.partner_review_plan,
        name="partner-review-plan",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/",
        partnership_reviews.partner_review,
        name="partner-review",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/notes/",
        partnership_reviews.partner_review_notes,
        name="partner-review-notes",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/action/",
        partnership_reviews.partner_review_action,
        name="partner-review-action",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/comment/",
        partnership_reviews.partner_review_comment,
        name="partner-review-comment",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/freeze/",
        partnership_reviews.partner_review_freeze,
        name="partner-review-freeze",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/hold/",
        partnership_reviews.partner_review_hold,
        name="partner-review-hold",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/cancel/",
        partnership_reviews.partner_review_cancel,
        name="partner-review-cancel",
    ),
]
