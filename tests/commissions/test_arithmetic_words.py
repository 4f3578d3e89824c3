"""The arithmetic of a trace in words: each form that traces have, and what has none."""

import pytest

from commissions.words.arithmetic import describe_arithmetic

NET = "10000 paid − 0 tax − 0 shipping = 10000 net"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{NET}; × 1000 bps = 1000", "10% of €100.00 = €10.00"),
        (
            "12900 paid − 1900 tax − 1000 shipping = 10000 net; × 1000 bps = 1000",
            "€129.00 paid − €19.00 tax − €10.00 shipping = €100.00 net; 10% of €100.00 = €10.00",
        ),
        (
            "9000 paid + 1000 discount = 10000 net; × 750 bps = 750",
            "€90.00 paid + €10.00 discount = €100.00 net; 7.5% of €100.00 = €7.50",
        ),
        ("fixed 700", "Fixed: €7.00"),
        ("fixed 500 + 1000 = 1500", "€5.00 + €10.00 = €15.00"),
        ("BOOT-43: 2 × 150 = 300", "BOOT-43: 2 × €1.50 = €3.00"),
        ("BOOT: red: 8000 × 500 bps = 400", "BOOT: red: 5% of €80.00 = €4.00"),
        ("GIFT-1: nothing", "GIFT-1: nothing is paid"),
        ("sum 700", "Together: €7.00"),
        (
            "21 conversions in the period (month): the step from 21",
            "21 conversions in the period: the step from 21",
        ),
        (
            "150000 of amounts in the period (year): the step from 100000",
            "€1,500.00 in the period: the step from €1,000.00",
        ),
        ("FREE_MONTHS 2", "2 free months"),
        (
            "depth 1: 1000 earned × 1000 bps = 100",
            "Recruited at depth 1: 10% of €10.00 earned = €1.00",
        ),
        ("depth 2: no rule", "depth 2: no rule"),
        ("<b>anything</b>", "<b>anything</b>"),
    ],
)
def test_each_form_has_words(text: str, said: str) -> None:
    assert describe_arithmetic(text, currency="EUR", language="en") == said
