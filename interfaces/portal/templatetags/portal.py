"""What the portal's templates say of a link."""

from urllib.parse import quote

from django import template
from django.utils.translation import gettext as _

from interfaces.portal.text import link_address
from tracking.models import Link

register = template.Library()


@register.simple_tag
def address_of(link: Link) -> str:
    """Return the address that is shared."""
    return link_address(link.code)


@register.simple_tag
def mail_link(link: Link) -> str:
    """Return a mailto: address with the link in the text, for who has no other way to share."""
    subject = _("Have a look at %(merchant)s") % {"merchant": link.program.merchant.name}
    return f"mailto:?subject={quote(subject)}&body={quote(link_address(link.code))}"
