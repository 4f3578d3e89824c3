"""The operator's pages: staff only, reading over all merchants."""

import pytest
from django.test import Client

from merchants.models import Merchant
from tests.cast import Company, Promoter, make_user
from users.models import User

PAGES = [
    "/operator/",
    "/operator/merchants/merchant/",
    "/operator/merchants/event/",
    "/operator/affiliates/affiliate/",
    "/operator/tracking/missedcode/",
    "/operator/users/user/",
]


@pytest.fixture
def operator() -> User:
    """Return an operator of the installation."""
    user = make_user("Olga")
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


@pytest.mark.parametrize("page", PAGES)
def test_an_operator_sees_every_merchants_rows(
    client: Client, operator: User, acme: Company, globex: Company, bob: Promoter, page: str
) -> None:
    client.force_login(operator)

    response = client.get(page)

    assert response.status_code == 200
    if "merchant/" in page:
        assert b"Acme" in response.content
        assert b"Globex" in response.content


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_gets_in(client: Client, acme: Company, page: str) -> None:
    assert client.get(page).status_code == 302
    client.force_login(acme.owner.user)
    assert client.get(page).status_code in (302, 403)


def test_an_operator_changes_no_merchant(client: Client, operator: User, acme: Company) -> None:
    client.force_login(operator)

    response = client.post(f"/operator/merchants/merchant/{acme.id}/change/", {"name": "Renamed"})

    assert response.status_code == 403
    assert Merchant.objects.using("ops").get(id=acme.id).name == "Acme"
