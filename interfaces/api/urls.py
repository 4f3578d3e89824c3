"""The addresses of the API."""

from django.urls import path, re_path

from interfaces.api import docs
from interfaces.api.v1 import conversions, me, why
from interfaces.api.v1.partner import me as partner_me

app_name = "api"
urlpatterns = [
    path("v1/me", me.Me.as_view(), name="me"),
    path("v1/conversions", conversions.Conversions.as_view(), name="conversions"),
    path("v1/conversions/bulk", conversions.ConversionsBulk.as_view(), name="conversions-bulk"),
    path("v1/conversions/<uuid:id>", conversions.OneConversion.as_view(), name="conversion"),
    path("v1/conversions/<uuid:id>/why", why.Why.as_view(), name="conversion-why"),
    path(
        "v1/conversions/<uuid:id>/approve",
        conversions.ApproveConversion.as_view(),
        name="conversion-approve",
    ),
    path(
        "v1/conversions/<uuid:id>/decline",
        conversions.DeclineConversion.as_view(),
        name="conversion-decline",
    ),
    path(
        "v1/conversions/<uuid:id>/hold",
        conversions.HoldConversion.as_view(),
        name="conversion-hold",
    ),
    path(
        "v1/conversions/<uuid:id>/release",
        conversions.ReleaseConversion.as_view(),
        name="conversion-release",
    ),
    path(
        "v1/conversions/<uuid:id>/refunds", conversions.Refunds.as_view(), name="conversion-refunds"
    ),
    path("v1/partner/me", partner_me.PartnerMe.as_view(), name="partner-me"),
    path("v1/openapi.json", docs.openapi, name="openapi"),
    path("v1/docs/", docs.Pages.as_view(), name="docs"),
    re_path(r"^.*$", docs.nothing_here, name="nothing-here"),
]
