"""The addresses of partnerships."""

from django.urls import path

from interfaces.portal import partnerships

all_partnerships = [
    path("", partnerships.partnerships, name="partnerships"),
    path("<uuid:partnership_id>/", partnerships.partnership, name="partnership"),
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
        "<uuid:partnership_id>/goals/<uuid:shared_goal_id>/",
        partnerships.partner_goal,
        name="partner-goal",
    ),
    path(
        "<uuid:partnership_id>/goals/<uuid:shared_goal_id>/note/",
        partnerships.partner_goal_note,
        name="partner-goal-note",
    ),
    path("<uuid:partnership_id>/reviews/", partnerships.partner_reviews, name="partner-reviews"),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/",
        partnerships.partner_review,
        name="partner-review",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/notes/",
        partnerships.partner_review_notes,
        name="partner-review-notes",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/action/",
        partnerships.partner_review_action,
        name="partner-review-action",
    ),
    path(
        "<uuid:partnership_id>/reviews/<uuid:review_id>/comment/",
        partnerships.partner_review_comment,
        name="partner-review-comment",
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
]
