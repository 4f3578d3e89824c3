"""What an operator sees: merchants, users and affiliates of the whole installation.

Django's admin rather than a themed one: it works under our Content-Security-Policy as it is.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from affiliates.models import Affiliate
from merchants.models import Event, Merchant
from merchants.tenancy import OPS
from tracking.models import MissedCode
from users.models import User

# Operators sign in as everybody does: with rate limits and a second factor.
admin.site.site_header = "Fairlead"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Lists and shows rows of every merchant, as ops; changes none."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that row-level security hides from the app role."""
        return super().get_queryset(request).using(OPS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: merchants and affiliates arrive through their own doors."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a change belongs to the tenant, with its event."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(Merchant)
class MerchantAdmin(ReadOnlyAdmin):
    """The tenants."""

    list_display = ("name", "slug", "currency", "website", "setup_done_at", "created_at")
    search_fields = ("name", "slug")
    ordering = ("-created_at",)


@admin.register(Affiliate)
class AffiliateAdmin(ReadOnlyAdmin):
    """Who promotes."""

    list_display = ("name", "email", "website", "country", "created_at")
    search_fields = ("name", "email")
    ordering = ("-created_at",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened, everywhere."""

    list_display = ("at", "type", "merchant", "subject_id", "actor_kind")
    list_select_related = ("merchant",)
    list_filter = ("actor_kind",)
    ordering = ("-at",)
    show_full_result_count = False


@admin.register(MissedCode)
class MissedCodeAdmin(ReadOnlyAdmin):
    """Visits to codes that lead nowhere, whether or not it is known whose they were meant to be."""

    list_display = ("day", "host", "code", "reason", "hits", "referrer_host", "last_at", "merchant")
    search_fields = ("code", "host")
    list_filter = ("reason", "day")
    ordering = ("-day", "-hits")
    show_full_result_count = False

    @admin.display(description="merchant")
    def merchant(self, missed: MissedCode) -> str:
        """Return the merchant's id, if it is known whose code was meant."""
        return str(missed.merchant_id or "")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Who can sign in. Deactivating ends a person's sessions with their next request."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login", "created_at")
    search_fields = ("email", "name")
    list_filter = ("is_active", "is_staff")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    readonly_fields = ("email", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: people sign up, or are made operators by `manage.py createsuperuser`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: history names people."""
        return False
