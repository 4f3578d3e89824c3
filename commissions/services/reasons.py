"""The reasons that people give for what they do with money."""

from django.utils.translation import gettext as _

from commissions.models import Commission
from common.refusals import BadValue, cleaned


def clean_reason(text: str, *, is_needed: bool = True) -> str:
    """Return a reason as it is stored.

    :raises BadValue: about `reason`, if it is missing or too long.
    """
    text = text.strip()
    if is_needed and not text:
        raise BadValue("reason", "required", _("Say why: the affiliate reads it."))
    try:
        reason: str = cleaned(Commission, "status_reason", text)
    except BadValue as error:
        raise BadValue("reason", error.code, str(error)) from error
    return reason
