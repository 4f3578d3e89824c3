"""The public page of a program: blocks that the merchant writes, in their order."""

from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program


class BlockKind(models.TextChoices):
    """What a block of the page is."""

    TEXT = "TEXT", _("Text")
    BENEFITS = "BENEFITS", _("Benefits")
    STEPS = "STEPS", _("Steps")
    FAQ = "FAQ", _("Questions and answers")
    QUOTE = "QUOTE", _("Quote")
    IMAGE = "IMAGE", _("Picture")


OF_PARTS = frozenset({BlockKind.BENEFITS, BlockKind.STEPS, BlockKind.FAQ})


class Part(NamedTuple):
    """One benefit, step or question: its first line, and what follows."""

    title: str
    text: str


class PageBlock(TenantRecord):
    """A block of a program's page: plain text, never markup.

    In a block of parts an empty line ends a part, and a part's first line is its title. The title
    of a quote is who said it, that of a picture what it shows.
    """

    program = TenantForeignKey(Program, related_name="page_blocks")
    kind = models.CharField(_("kind"), max_length=8, choices=BlockKind)
    title = models.CharField(_("title"), max_length=200, blank=True)
    body = models.TextField(_("text"), max_length=5000, blank=True)
    image_url = models.URLField(_("address of the picture"), max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="page_block_kind_known", condition=Q(kind__in=BlockKind.values)
            ),
            models.CheckConstraint(
                name="page_block_picture_is_https",
                condition=Q(image_url="") | Q(image_url__startswith="https://"),
            ),
        ]

    @property
    def parts(self) -> list[Part]:
        """The parts of a block of parts."""
        paragraphs = self.body.replace("\r\n", "\n").split("\n\n")
        split = (paragraph.strip().partition("\n") for paragraph in paragraphs if paragraph.strip())
        return [Part(title.strip(), text.strip()) for title, _line, text in split]
