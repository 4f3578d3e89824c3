"""Tags in a letter to a prospect, and what stands in their place."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.refusals import BadValue
from messaging.text import plain_line, plain_text
from recruiting.models import Prospect

TAG = re.compile(r"\{([A-Za-z_]{1,30})\}")
LINK: Final = "{link}"  # Filled when the letter goes out: the key is nowhere stored before.


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag stands for, in words, and what takes its place."""

    label: Promise
    fill: Callable[[Prospect], str]


TAGS: Final[dict[str, Tag]] = {
    "name": Tag(gettext_lazy("the prospect's name"), lambda row: row.name),
    "website": Tag(gettext_lazy("their website"), lambda row: row.website),
    "channels": Tag(gettext_lazy("their channels"), lambda row: row.channels),
    "introduced_by": Tag(gettext_lazy("who introduced them"), lambda row: row.introduced_by),
    "program": Tag(gettext_lazy("the program"), lambda row: row.program.name),
    "merchant": Tag(gettext_lazy("your name"), lambda row: row.program.merchant.name),
    "link": Tag(gettext_lazy("their own link to the form, filled in"), lambda _row: LINK),
}


def require_known_tags(subject: str, body: str) -> None:
    """Refuse tags that nothing would stand in for, and a letter that leads nowhere.

    :raises BadValue: naming the field.
    """
    for field, text in (("subject", subject), ("body", body)):
        for name in TAG.findall(text):
            if name not in TAGS:
                known = ", ".join(f"{{{tag}}}" for tag in TAGS)
                message = _("There is no {%(name)s}. There are %(known)s.")
                raise BadValue(field, "unknown_tag", message % {"name": name, "known": known})
    if LINK in subject:
        raise BadValue("subject", "link_in_subject", _("A link belongs into the text."))
    if LINK not in body:
        raise BadValue("body", "no_link", _("The text needs {link}: it is how they join."))


def filled(text: str, prospect: Prospect) -> str:
    """Return the text for a prospect. What stands in for a tag is not searched for tags."""

    def stand_in(found: re.Match[str]) -> str:
        tag = TAGS.get(found[1])
        return _inert(tag, found[0], prospect) if tag else found[0]

    return plain_text(TAG.sub(stand_in, text))


def _inert(tag: Tag, text: str, prospect: Prospect) -> str:
    """Return what takes a tag's place: what was typed about somebody makes no link of ours."""
    if text == LINK:
        return LINK
    return plain_line(tag.fill(prospect)).replace("{", "(").replace("}", ")")
