"""The addresses of the public program pages."""

from django.urls import path

from interfaces.portal.brand import brand_css
from interfaces.portal.invitations import no_letters, prospect_invitation, recruited
from interfaces.portal.join import join, started
from interfaces.portal.join_outside import join_outside
from interfaces.portal.partner_page import partner_page
from interfaces.portal.reference import reference

app_name = "public"
urlpatterns = [
    path("join/<slug:merchant_slug>/<slug:program_slug>/", join, name="join"),
    path("join/<slug:merchant_slug>/<slug:program_slug>/started/", started, name="started"),
    path("join/<slug:merchant_slug>/<slug:program_slug>/form/", join_outside, name="join-outside"),
    path(
        "join/<slug:merchant_slug>/<slug:program_slug>/by/<str:code>/", recruited, name="recruited"
    ),
    path("invitation/<str:key>/", prospect_invitation, name="prospect-invitation"),
    path("no-letters/", no_letters, name="no-letters"),
    path("reference/<str:key>/", reference, name="reference"),
    path("with/<str:code>/", partner_page, name="with-partner"),
    path("brand/<slug:merchant_slug>.css", brand_css, name="brand-css"),
]
