"""Rotating banners: several of one size behind one address."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from common.refusals import BadValue
from materials.models import Material, MaterialKind, MaterialPart

PARTS_MAX: Final = 20


def set_parts(material: Material, banners: Sequence[Material]) -> None:
    """Say which banners rotate. The caller holds a transaction.

    :raises BadValue: if there are not at least two of the program, all of one size; or too many.
    """
    if material.kind != MaterialKind.ROTATION:
        return
    _require_alike(material, banners)
    wanted = {banner.id for banner in banners}
    rows = MaterialPart.objects.filter(merchant_id=material.merchant_id, rotation=material)
    rows.exclude(banner_id__in=wanted).delete()
    missing = wanted - set(rows.values_list("banner_id", flat=True))
    MaterialPart.objects.bulk_create(
        MaterialPart(merchant_id=material.merchant_id, rotation=material, banner_id=banner_id)
        for banner_id in sorted(missing)
    )


def _require_alike(material: Material, banners: Sequence[Material]) -> None:
    for banner in banners:
        if banner.program_id != material.program_id or banner.kind != MaterialKind.BANNER:
            raise BadValue("banners", "invalid_choice", _("This is no banner of the program."))
    if not 2 <= len({banner.id for banner in banners}) <= PARTS_MAX:
        message = _("Choose 2 to %d banners.") % PARTS_MAX
        raise BadValue("banners", "out_of_range", message)
    sizes = {(banner.file.width, banner.file.height) for banner in banners if banner.file}
    if len(sizes) != 1:
        raise BadValue("banners", "sizes_differ", _("They must all be of one size."))


def shown_parts(rotation: Material) -> list[Material]:
    """Return the banners that rotate now, the archived left out; all, if all are archived."""
    every = [part.banner for part in rotation.parts.all()]
    return [banner for banner in every if banner.archived_at is None] or every
