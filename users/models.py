"""The account a person signs in with."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.models import Record


class UserManager(BaseUserManager["User"]):
    """Makes users; the e-mail address is the name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store and return a user; without a password it can only sign in by other means."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store and return an operator of the installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(Record, AbstractBaseUser, PermissionsMixin):
    """A person. Roles hang on Member (merchants) and AffiliateUser (affiliates)."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    # One of settings.LANGUAGES; empty as long as nothing was chosen.
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)  # An operator of the installation.

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_lower_case", condition=Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Store addresses in lower case, so that one mailbox is one user."""
        super().clean()
        self.email = self.email.lower()

    def get_full_name(self) -> str:
        """Return the name, or the address of who gave none."""
        return self.name or self.email
