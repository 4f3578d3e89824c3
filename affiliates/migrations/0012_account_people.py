"""Users of an affiliate's account with roles: invitations, and what they changed."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids

ROLES = [("OWNER", "Owner"), ("MANAGER", "Manager"), ("VIEWER", "Viewer")]
# Like keys: its own users read and write them, and no merchant does.
OWN = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON {table}
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
"""


def record(name: str, fields: list[tuple[str, models.Field]], **options: object) -> object:
    """Return what makes a table of an affiliate's own."""
    return migrations.CreateModel(
        name=name,
        fields=[
            (
                "id",
                models.UUIDField(
                    default=common.ids.new_id, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            *fields,
        ],
        options=options,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0011_application_mails"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="affiliateuser",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["OWNER", "MANAGER", "VIEWER"])),
                name="affiliate_user_role_known",
            ),
        ),
        record(
            "AccountInvitation",
            [
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("role", models.CharField(choices=ROLES, max_length=7, verbose_name="role")),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "affiliate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="affiliates.affiliate",
                    ),
                ),
            ],
            constraints=[
                models.CheckConstraint(
                    condition=models.Q(("role__in", ["OWNER", "MANAGER", "VIEWER"])),
                    name="account_invitation_role_known",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("accepted_at", None)),
                    fields=("affiliate", "email"),
                    name="account_invitation_open_once_per_email",
                ),
            ],
        ),
        record(
            "AccountEvent",
            [
                ("type", models.CharField(max_length=60)),
                ("data", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "affiliate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="affiliates.affiliate",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            constraints=[
                models.CheckConstraint(
                    condition=models.Q(("type__regex", "^[a-z_]+\\.[a-z_]+$")),
                    name="account_event_type_is_noun_dot_past_verb",
                )
            ],
            indexes=[models.Index(fields=["affiliate", "-at"], name="account_event_by_time")],
        ),
        migrations.RunSQL(OWN.format(table="affiliates_accountinvitation"), migrations.RunSQL.noop),
        migrations.RunSQL(OWN.format(table="affiliates_accountevent"), migrations.RunSQL.noop),
    ]
