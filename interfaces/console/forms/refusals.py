"""What a service refuses, said beside the field it is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.utils.translation import gettext as _

from common.refusals import BadValue
from programs.models import Program
from programs.services import DestinationNameTaken, HostNotAllowed, allowed_hosts_of
from tracking.services import CodeTaken, NotEnrolled

RENAMED = {"prefix": "beginning", "enrollment": "affiliate"}  # What forms call differently.


@contextmanager
def refusal_shown(form: forms.BaseForm, *, program: Program | None = None) -> Iterator[None]:
    """Put what the service refused into the form; `program` names where its links may lead."""
    try:
        yield
    except BadValue as error:
        _add(form, error.field, str(error))
    except HostNotAllowed as error:
        _add(form, error.field, where_links_lead(program) if program else str(error))
    except DestinationNameTaken:
        _add(form, "name", _("Another destination of the program has this name."))
    except CodeTaken:
        _add(form, "code", _("This code is taken. Choose another one."))
    except NotEnrolled:
        _add(form, "affiliate", _("Only approved affiliates get links and coupons."))


def where_links_lead(program: Program) -> str:
    """Return the sites that links of a program may lead to, as a sentence."""
    hosts = ", ".join(sorted(allowed_hosts_of(program)))
    return _("Links of this program may only lead to: %(hosts)s") % {"hosts": hosts}


def _add(form: forms.BaseForm, field: str, message: str) -> None:
    field = RENAMED.get(field, field).rpartition(".")[
        2
    ]  # "branches.0.weight" is the weight of this form.
    form.add_error(field if field in form.fields else None, message)
