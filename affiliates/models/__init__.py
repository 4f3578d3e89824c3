"""Affiliates belong to the installation; what they are to a merchant is an enrollment."""

from affiliates.models.accounts import KEY_PREFIX, Affiliate, AffiliateKey, AffiliateUser, Type
from affiliates.models.enrollments import (
    MAY_COME_FROM,
    Enrollment,
    EnrollmentQuerySet,
    Status,
    TermsAcceptance,
)
from affiliates.models.joining import Application

__all__ = [
    "KEY_PREFIX",
    "MAY_COME_FROM",
    "Affiliate",
    "AffiliateKey",
    "AffiliateUser",
    "Application",
    "Enrollment",
    "EnrollmentQuerySet",
    "Status",
    "TermsAcceptance",
    "Type",
]
