"""Members answer what affiliates ask for."""

from django.urls import reverse

from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Withdrawal, WithdrawalStatus
from tests.cast import Company, Promoter, add_member
from tests.console.conftest import SignIn
from tests.portal.asking import store_withdrawal

LIST = reverse("console:withdrawals")


def again(company: Company, withdrawal: Withdrawal) -> Withdrawal:
    """Return the request as it is now."""
    with merchant_context(company.id):
        return Withdrawal.objects.get(id=withdrawal.id)


def test_nobody_has_asked(acme: Company, sign_in: SignIn) -> None:
    assert "Nobody has asked" in sign_in(acme.owner.user).get(LIST).content.decode()


def test_a_request_is_approved_from_the_list(acme: Company, bob: Promoter, sign_in: SignIn) -> None:
    withdrawal = store_withdrawal(acme, bob)
    finn = sign_in(add_member(acme, "Finn", Role.FINANCE).user)
    page = finn.get(LIST).content.decode()

    answer = finn.post(reverse("console:withdrawal-approve", args=[withdrawal.id]), follow=True)

    assert "€10.00" in page
    assert "Approved: the next batch takes what is due to Bob." in answer.content.decode()
    assert again(acme, withdrawal).status == WithdrawalStatus.APPROVED


def test_a_request_is_declined_with_a_reason_or_not_at_all(
    acme: Company, bob: Promoter, sign_in: SignIn
) -> None:
    withdrawal = store_withdrawal(acme, bob)
    url = reverse("console:withdrawal-decline", args=[withdrawal.id])
    owner = sign_in(acme.owner.user)

    owner.post(url, {"reason": ""})
    unsaid = again(acme, withdrawal)
    owner.post(url, {"reason": "Please send your invoice first."})
    said = again(acme, withdrawal)

    assert unsaid.status == WithdrawalStatus.REQUESTED
    assert (said.status, said.status_reason) == (
        WithdrawalStatus.DECLINED,
        "Please send your invoice first.",
    )


def test_whoever_cannot_prepare_payouts_reads_only(
    acme: Company, bob: Promoter, sign_in: SignIn
) -> None:
    withdrawal = store_withdrawal(acme, bob)
    vic = sign_in(add_member(acme, "Vic", Role.VIEWER).user)

    page = vic.get(LIST)
    answer = vic.post(reverse("console:withdrawal-approve", args=[withdrawal.id]))

    assert (page.status_code, answer.status_code) == (200, 403)
    assert f"approve-{withdrawal.id}" not in page.content.decode()
    assert again(acme, withdrawal).status == WithdrawalStatus.REQUESTED
