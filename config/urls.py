"""Where every address leads. An interface each; two hops from here to behaviour."""

from django.contrib import admin
from django.urls import include, path

from common import views
from interfaces import home, notifications
from interfaces.languages import choose_language

handler500 = "common.views.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("start/", home.start, name="start"),
    path("unsubscribe/", notifications.unsubscribe, name="unsubscribe"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language/", choose_language, name="language"),
    path("accounts/", include("allauth.urls")),
    path("api/", include("interfaces.api.urls")),
    path("console/", include("interfaces.console.urls")),
    path("portal/", include("interfaces.portal.urls")),
    path("", include("interfaces.files.urls")),
    path("rails/", include("interfaces.rails.urls")),
    path("", include("interfaces.portal.public_urls")),
    path("operator/", admin.site.urls),
]
