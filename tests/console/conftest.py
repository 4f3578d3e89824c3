"""A signed-in person at a known time."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.cast import NOON, PASSWORD, Company
from users.models import User

SignIn = Callable[[User], Client]

TODAY = NOON + timedelta(hours=6)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Live on the evening of the day on which the cast trades; a test may move on."""
    with time_machine.travel(TODAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def sign_in() -> SignIn:
    """Return what signs a user in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def alice(acme: Company, sign_in: SignIn) -> Client:
    """Return the browser of Acme's owner."""
    return sign_in(acme.owner.user)


def reauthenticate(client: Client) -> None:
    """Let the user give their password afresh."""
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302


def words(html: bytes) -> str:
    """Return the page's text as a person reads it: a space for each tag, single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.decode())).split())
