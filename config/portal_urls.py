"""What a merchant's own host serves: the portal, the program pages, and coming in."""

from django.urls import include, path
from django.views.generic import RedirectView

from interfaces.languages import choose_language

handler500 = "common.views.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="portal:home"), name="home"),
    path("language/", choose_language, name="language"),
    path("accounts/", include("allauth.urls")),
    path("portal/", include("interfaces.portal.urls")),
    path("", include("interfaces.portal.public_urls")),
]
