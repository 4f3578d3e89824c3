"""The addresses of deals."""

from django.urls import path

from interfaces.console import deals

all_deals = [
    path("", deals.deals, name="deals"),
    path("export/", deals.deals_export, name="deals-export"),
    path("terms/<uuid:program_id>/", deals.deal_terms, name="deal-terms"),
    path("<uuid:deal_id>/", deals.deal, name="deal"),
    path("<uuid:deal_id>/approve/", deals.deal_approve, name="deal-approve"),
    path("<uuid:deal_id>/reject/", deals.deal_reject, name="deal-reject"),
    path("<uuid:deal_id>/win/", deals.deal_win, name="deal-win"),
    path("<uuid:deal_id>/lose/", deals.deal_lose, name="deal-lose"),
    path("<uuid:deal_id>/extend/", deals.deal_extend, name="deal-extend"),
]
