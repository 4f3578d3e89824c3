"""`manage.py check_ledger`: prove that the books of every merchant hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from merchants.directory import merchant_ids
from merchants.tenancy import merchant_context
from payouts.selectors import check_money


class Command(BaseCommand):
    """Check every merchant; exit with an error when anything disagrees."""

    help = "Check that the ledger balances and agrees with commissions and payouts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each finding, then the verdict."""
        ids, findings = merchant_ids(), 0
        for merchant_id in ids:
            with merchant_context(merchant_id):
                for finding in check_money(merchant_id):
                    findings += 1
                    self.stderr.write(
                        f"{merchant_id}: {finding.rule}: {finding.where} by {finding.difference}"
                    )
        if findings:
            raise CommandError(f"{findings} findings in {len(ids)} merchants")
        self.stdout.write(f"The ledger holds: {len(ids)} merchants checked.")
