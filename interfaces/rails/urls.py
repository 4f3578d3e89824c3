"""One address for each rail; its token tells whose it is, and the signature who speaks."""

from django.urls import path

from interfaces.rails.notices import take_notice

app_name = "rails"

urlpatterns = [path("<slug:provider>/<str:token>/", take_notice, name="notice")]
