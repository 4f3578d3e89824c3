"""What JSON values may be: no coercion, so that "10", 10.0 and true are never taken for 10."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.validators import RegexValidator, URLValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from common.money import CURRENCIES, MINOR_MAX
from interfaces.api.words import lower, outside

URL_MAX = 2000
RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(hours=1)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Text(serializers.CharField):
    """A string, kept as it was sent."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Name(Text):
    """A string for people, without white space around it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=True, **options)


class Plain(Text):
    """A string of a pattern."""

    def __init__(self, pattern: str, **options: Any) -> None:
        super().__init__(**options)
        self.pattern = pattern.replace(r"\Z", "$")  # As the schema writes it.
        self.validators.append(RegexValidator(pattern, _("This has not the required form.")))


class Maybe(serializers.CharField):
    """A stored text that is null outside when it is empty. For answers only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)

    def to_representation(self, value: Any) -> Any:
        return str(value) or None


class Address(serializers.EmailField):
    """An e-mail address, in lower case: one mailbox is one address."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data).lower()


class WebAddress(serializers.URLField):
    """An http(s) address."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", URL_MAX)
        super().__init__(**options)
        self.validators = [row for row in self.validators if not isinstance(row, URLValidator)]
        self.validators.append(URLValidator(schemes=["http", "https"]))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """An integer written as one."""

    default_error_messages = {"not_an_integer": _("Write a whole number, without decimals.")}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:  # bool is an int to Python.
            self.fail("not_an_integer")
        return int(data)


class Minor(Whole):
    """An amount in the currency's minor unit: 1250 is 12.50 EUR, 1250 JPY or 1.250 KWD."""

    default_error_messages = {
        "not_an_integer": _("Write a whole number of minor units: 1250 for 12.50 EUR.")
    }

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        super().__init__(max_value=MINOR_MAX, **options)


class SignedMinor(serializers.IntegerField):
    """An amount in an answer, which may be negative: a take-back."""


class Digits(serializers.IntegerField):
    """An integer in a query string."""

    default_error_messages = {"not_an_integer": _("Write a whole number.")}

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(data), re.ASCII):
            self.fail("not_an_integer")
        return int(data)


class Switch(serializers.ChoiceField):
    """true or false in a query string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=["true", "false"], **options)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data) == "true"


class Flag(serializers.BooleanField):
    """true or false, and nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Id(serializers.UUIDField):
    """A UUID in its usual form of 36 characters."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or len(data) != 36:
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """An RFC 3339 time with its zone; in UTC from here on."""

    default_error_messages = {
        "no_moment": _("Write an RFC 3339 time with its zone: 2026-03-02T12:00:00Z."),
        "out_of_range": _("Write a time between the years 1970 and 2199."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not RFC_3339.fullmatch(value):
            self.fail("no_moment")
        try:
            moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except OverflowError:
            self.fail("out_of_range")
        except ValueError:
            self.fail("no_moment")
        if not EARLIEST <= moment < LATEST:
            self.fail("out_of_range")
        return moment


class PastMoment(Moment):
    """When something happened: not in the future, as far as clocks agree."""

    default_error_messages = {"in_future": _("This is in the future.")}

    def to_internal_value(self, value: Any) -> datetime:
        moment = super().to_internal_value(value)
        if moment > self.context["at"] + CLOCKS_DIFFER:
            self.fail("in_future")
        return moment


class Day(serializers.DateField):
    """A calendar day: 2026-03-02."""

    default_error_messages = {"no_day": _("Write a day: 2026-03-02.")}

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            self.fail("no_day")
        return super().to_internal_value(value)


class Word(serializers.ChoiceField):
    """One of a closed set: upper case in the database, lower case outside."""

    def __init__(self, known: type[TextChoices], **options: Any) -> None:
        self.known = known
        super().__init__(choices=list(outside(known).items()), **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        word = super().to_internal_value(data)
        return next(member for member in self.known if lower(member.value) == word)

    def to_representation(self, value: Any) -> Any:
        return lower(value)


class MaybeWord(Word):
    """Such a word, or null where the database has none."""

    def __init__(self, known: type[TextChoices], **options: Any) -> None:
        super().__init__(known, allow_null=True, **options)

    def to_representation(self, value: Any) -> Any:
        return lower(value) if value else None


class Currency(serializers.ChoiceField):
    """An active ISO 4217 code in upper case."""

    default_error_messages = {"invalid_choice": _('"{input}" is not an ISO 4217 currency code.')}

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=sorted(CURRENCIES), **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Country(Plain):
    """An ISO 3166 country code of two letters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^[A-Z]{2}\Z", **options)


class Strict(serializers.Serializer[Any]):
    """An object whose fields are all known: another one is an error that names it."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(data.keys() - self.fields.keys()) if isinstance(data, Mapping) else []
        refusal = [ErrorDetail(str(_("There is no such field.")), "unknown_field")]
        errors: dict[str, Any] = dict.fromkeys(unknown, refusal)
        try:
            found = super().to_internal_value(data)
        except ValidationError as error:
            if isinstance(error.detail, Mapping):
                errors |= error.detail
        if errors:
            raise ValidationError(errors)
        return found


class NoBody(Strict):
    """Nothing is to be said: an empty object, or no body at all."""
