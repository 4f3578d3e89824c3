"""What the fields of a program may hold: the one place that says so, for every interface."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.utils.translation import gettext as _

from common.addresses import read_host, require_address
from common.money import MINOR_MAX
from common.refusals import BadValue, cleaned
from merchants.networks import read_networks
from programs.campaigns import PARAMETER, read_utm_template
from programs.models import Program

HOSTS_MAX = 50
LEGACY_PARAMETERS_MAX = 20
# What the snippet reads and the platform sets by itself.
RESERVED = frozenset({"fl_click", "via", "source", "ext_click_id"}) | {
    f"sub{number}" for number in range(1, 11)
}


def clean_program(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as they are to be stored.

    :raises BadValue: naming the first field that cannot be.
    """
    return {name: _clean(name, value) for name, value in facts.items()}


def _clean(name: str, value: Any) -> Any:
    check = CHECKS.get(name)
    value = check(value) if check else value
    return cleaned(Program, name, value)


def _landing_url(address: str) -> str:
    return require_address(address, field="landing_url")


def _fallback_url(address: str) -> str:
    return require_address(address, field="fallback_url") if address else ""


def _allowed_hosts(hosts: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(read_host(host, field="allowed_hosts") for host in hosts))
    if len(found) > HOSTS_MAX:
        raise BadValue("allowed_hosts", "too_many", _("%d hosts at the most.") % HOSTS_MAX)
    return found


def _legacy_parameters(names: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(names))
    for name in found:
        if not PARAMETER.fullmatch(name) or "." in name:
            message = _("“%s” is no parameter: use letters, digits, - and _.") % name[:60]
            raise BadValue("legacy_parameters", "bad_parameter", message)
        if name.lower() in RESERVED:
            message = _("The parameter “%s” has a meaning of its own.") % name
            raise BadValue("legacy_parameters", "reserved_parameter", message)
    if len(found) > LEGACY_PARAMETERS_MAX:
        message = _("%d parameters at the most.") % LEGACY_PARAMETERS_MAX
        raise BadValue("legacy_parameters", "too_many", message)
    return found


def _postback_networks(networks: Iterable[str]) -> list[str]:
    return read_networks(networks, field="postback_networks")


def _utm_template(text: str) -> str:
    return read_utm_template(text, field="utm_template")


def _payout_minor_min(amount_minor: int) -> int:
    if not 0 <= amount_minor <= MINOR_MAX:
        raise BadValue("payout_minor_min", "out_of_range", _("This amount is too large."))
    return amount_minor


CHECKS: Final[dict[str, Callable[[Any], Any]]] = {  # Beyond what the columns say themselves.
    "landing_url": _landing_url,
    "fallback_url": _fallback_url,
    "allowed_hosts": _allowed_hosts,
    "legacy_parameters": _legacy_parameters,
    "postback_networks": _postback_networks,
    "utm_template": _utm_template,
    "payout_minor_min": _payout_minor_min,
}
