"""Browsers of the portal's tests: who is signed in, and what they see."""

import html
import re

from django.http import HttpResponse
from django.test import Client

from users.models import User


def browser_of(user: User) -> Client:
    """Return a browser in which the user is signed in."""
    client = Client(HTTP_USER_AGENT="Browser/1", REMOTE_ADDR="203.0.113.7")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response: HttpResponse) -> str:
    """Return the page as a person reads it: no tags, one space between words."""
    page = response.content.decode()
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def figures_of(response: HttpResponse) -> dict[str, str]:
    """Return the figures of a page by their labels; of two with one label, the first."""
    page = response.content.decode()
    found: dict[str, str] = {}
    for label, value in re.findall(
        r'<div class="ui-stat-label">(.*?)</div>\s*<div class="ui-stat-value"[^>]*>(.*?)</div>',
        page,
        flags=re.S,
    ):
        plain = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", label)).split())
        found.setdefault(plain, html.unescape(value))
    return found


def errors_of(response: HttpResponse) -> list[str]:
    """Return what is written beside the fields that are wrong."""
    page = response.content.decode()
    found = re.findall(r'<div class="ui-error".*?<span>(.*?)</span>', page, flags=re.S)
    return [html.unescape(text) for text in found]
