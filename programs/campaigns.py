"""Parameters that are appended to destinations, and what may stand in them. Pure."""

import re
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from common.addresses import SPACE, UNSAFE
from common.refusals import BadValue

PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}", re.ASCII)
MACRO = re.compile(r"\{([^{}]*)\}")
MACROS = frozenset(  # What the edge fills into destinations and campaign parameters.
    "click_id affiliate_id enrollment_id program_id program link via source ext_click_id".split()
    + [f"sub{number}" for number in range(1, 11)]
)
OUR_PARAMETERS = frozenset({"fl_click", "via"})  # Whoever could set these could take the credit.


def read_utm_template(text: str, *, field: str) -> str:
    """Return parameters to be appended to destinations: `utm_source={via}&utm_medium=affiliate`.

    :raises BadValue: naming `field`, if it is no query string, sets a parameter of ours, or has a
        macro that nothing fills.
    """
    text = text.strip().lstrip("?&")
    if not text:
        return ""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=20)
    except ValueError as error:
        message = _("Write parameters like utm_source={via}&utm_medium=affiliate.")
        raise BadValue(field, "bad_query", message) from error
    if (
        UNSAFE.search(text)
        or SPACE.search(text)
        or "#" in text
        or not all(PARAMETER.fullmatch(name) for name, _v in pairs)
    ):
        message = _("Write parameters like utm_source={via}&utm_medium=affiliate.")
        raise BadValue(field, "bad_query", message)
    if taken := OUR_PARAMETERS.intersection(name for name, _v in pairs):
        message = _("The parameter “%s” is set by the platform.") % min(taken)
        raise BadValue(field, "reserved_parameter", message)
    if unknown := set(MACRO.findall(text)) - MACROS:
        message = _("Nothing fills the macro {%s}.") % min(unknown)
        raise BadValue(field, "unknown_macro", message)
    return text
