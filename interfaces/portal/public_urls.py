"""The addresses of the public program pages."""

from django.urls import path

from interfaces.portal.brand import brand_css
from interfaces.portal.join import join

app_name = "public"
urlpatterns = [
    path("join/<slug:merchant_slug>/<slug:program_slug>/", join, name="join"),
    path("brand/<slug:merchant_slug>.css", brand_css, name="brand-css"),
]
