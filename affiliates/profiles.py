"""What an affiliate says of itself, to all merchants alike."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from affiliates.models import Affiliate, Type
from affiliates.people import record_account_event
from common.countries import country_codes
from common.refusals import BadValue, cleaned
from merchants.tenancy import affiliate_context
from users.models import User

TOPICS_MAX = 12


@dataclass(frozen=True, slots=True)
class Profile:
    """What merchants read of an affiliate; countries are ISO 3166-1 codes."""

    name: str
    email: str
    website: str = ""
    country: str = ""
    type: str = Type.OTHER
    about: str = ""
    audience_countries: tuple[str, ...] = ()
    audience_topics: tuple[str, ...] = ()


def profile_of(affiliate: Affiliate) -> Profile:
    """Return what the affiliate says of itself now."""
    return Profile(
        name=affiliate.name,
        email=affiliate.email,
        website=affiliate.website,
        country=affiliate.country,
        type=affiliate.type,
        about=affiliate.about,
        audience_countries=tuple(affiliate.audience_countries),
        audience_topics=tuple(affiliate.audience_topics),
    )


def edit_profile(*, affiliate: Affiliate, profile: Profile, by: User, at: datetime) -> Affiliate:
    """Change what an affiliate says of itself; return it. What changed is in its history.

    :raises BadValue: if a value cannot be.
    """
    before = asdict(profile_of(affiliate))
    after = {
        **{
            name: cleaned(Affiliate, name, getattr(profile, name))
            for name in ("name", "website", "country", "type", "about")
        },
        "email": _email(affiliate, profile.email),
        "audience_countries": _countries(profile.audience_countries),
        "audience_topics": _topics(profile.audience_topics),
    }
    changed = {name: value for name, value in after.items() if value != _plain(before[name])}
    with affiliate_context(affiliate.id):
        for name, value in changed.items():
            setattr(affiliate, name, value)
        affiliate.save(update_fields=list(changed))
        if changed:
            was = {name: before[name] for name in changed}
            facts = {"before": was, "after": changed}
            record_account_event(affiliate, "profile.updated", by=by, at=at, data=facts)
    return affiliate


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _email(affiliate: Affiliate, email: str) -> str:
    """Return the address as it is kept; the one that is in use stays, whoever let it in."""
    email = email.strip().lower()
    return email if email == affiliate.email else str(cleaned(Affiliate, "email", email))


def _countries(codes: tuple[str, ...]) -> list[str]:
    unknown = sorted(set(codes) - set(country_codes()))
    if unknown:
        raise BadValue("audience_countries", "unknown", _("Unknown: %s.") % ", ".join(unknown))
    return sorted(set(codes))


def _topics(words: tuple[str, ...]) -> list[str]:
    """Return the topics as they are kept: lower case, each once, in their order."""
    kept = list(dict.fromkeys(re.sub(r"\s+", " ", word).strip().lower() for word in words))
    topics = [word for word in kept if word]
    if len(topics) > TOPICS_MAX:
        message = _("%d topics at the most.") % TOPICS_MAX
        raise BadValue("audience_topics", "too_many", message)
    return list(cleaned(Affiliate, "audience_topics", topics))
