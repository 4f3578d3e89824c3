"""Where files and banners are, on the files' own origin."""

from urllib.parse import quote

from django.conf import settings

from materials.models import Material, StoredFile


def file_address(file: StoredFile) -> str:
    """Return where a file is; what is there never changes."""
    return f"{settings.FILES_URL}/files/{file.id}{file.extension}"


def banner_address(material: Material, code: str) -> str:
    """Return where a banner's picture is seen on the page of the link's owner."""
    return f"{settings.FILES_URL}/b/{quote(code)}/{material.id}"
