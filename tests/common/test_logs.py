"""Logs: what is secret in an address is never written, whoever writes the line."""

import pytest

from common.logs import mask_addresses


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("/rails/paypal/s3cr3t/", "/rails/paypal/…/"),
        ("/rails/paypal/s3cr3t", "/rails/paypal/…"),
        ("Unauthorized: /rails/wise/s3cr3t/", "Unauthorized: /rails/wise/…/"),
        ("/accounts/confirm-email/MQ:1u/", "/accounts/confirm-email/…/"),
        ("/accounts/password/reset/key/4-s3cr3t/", "/accounts/password/reset/key/…/"),
        ("/console/payouts/rails/connect/", "/console/payouts/rails/connect/"),
        ("/api/v1/rails/01920d5e-7f5c/check", "/api/v1/rails/01920d5e-7f5c/check"),
    ],
)
def test_secrets_in_addresses_are_masked(line: str, written: str) -> None:
    event = {"event": line, "path": line, "status": 401}

    assert mask_addresses(None, "info", event) == {"event": written, "path": written, "status": 401}
