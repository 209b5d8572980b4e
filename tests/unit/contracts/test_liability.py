"""Caps of liability, worked out: what counts, the least amount, and what no cap holds for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.liability import Cap, Payment, liability_cap
from contracts.life_rules import CapAnchor
from kernel.errors import CurrencyMismatch, InvalidInput
from kernel.exchange import ExchangeRate
from kernel.money import Money
from tests.unit.contracts.agreed import agreed

BREACH = date(2026, 5, 15)
RATE = ExchangeRate(Decimal("17.05"), BREACH)


def paid(amount: str, on: date, currency: str = "MXN") -> Payment:
    """Return a payment."""
    return Payment(on=on, amount=Money.of(amount, currency), reference=f"{on}")


def cap_of(
    *payments: Payment,
    documents: tuple[str, ...],
    country: str = "MX",
    rate: ExchangeRate | None = None,
    on: date = BREACH,
) -> Cap:
    """Return the cap under papers of the library."""
    contract = agreed(*documents, country=country)
    assert contract.terms.liability is not None
    return liability_cap(contract.terms.liability, payments, on=on, currency=contract.currency, rate=rate)


@pytest.mark.parametrize(
    ("document", "clause"),
    [
        pytest.param("conversso-general", "CNV-06", marks=pytest.mark.clause("CNV-06")),
        pytest.param("salexops-general", "SLX-18", marks=pytest.mark.clause("SLX-18")),
    ],
)
@pytest.mark.parametrize(
    ("amount", "share", "cap"),
    [
        ("0.00", "0.00", "8525.00"),
        ("4000.00", "5000.00", "8525.00"),
        ("6820.00", "8525.00", "8525.00"),
        ("6820.01", "8525.01", "8525.01"),
        ("12000.00", "15000.00", "15000.00"),
    ],
)
def test_500_dollars_or_125_percent_if_that_is_more(
    document: str, clause: str, amount: str, share: str, cap: str
) -> None:
    """500 USD at 17.05 are 8,525.00 MXN; 6,820.00 paid are the same at 125 %, a cent more is above it."""
    payments = [] if amount == "0.00" else [paid(amount, date(2026, 1, 10))]
    found = cap_of(*payments, documents=(document,), rate=RATE)

    assert [Money.of(share, "MXN"), Money.of("8525.00", "MXN"), Money.of(cap, "MXN")] == [
        found.share,
        found.least,
        found.cap,
    ]
    assert (clause, CapAnchor.BREACH, RATE) == (found.clause, found.counted_to, found.rate)


@pytest.mark.parametrize(
    ("on", "counts"),
    [
        (date(2025, 5, 14), False),
        (date(2025, 5, 15), True),
        (date(2026, 5, 14), True),
        (date(2026, 5, 15), False),
    ],
)
@pytest.mark.clause("CNV-06")
@pytest.mark.clause("SLX-18")
@pytest.mark.clause("KON-14.2a")
def test_twelve_months_end_with_the_day_before(on: date, *, counts: bool) -> None:
    """From 15 May 2025 to 14 May 2026: days, not whole months, and the day itself is not before it."""
    for document in ("conversso-general", "salexops-general", "konectus-general"):
        found = cap_of(paid("100.00", on), documents=(document,), rate=RATE)

        assert Money.of("100.00" if counts else "0.00", "MXN") == found.paid
        assert ("2025-05-15 to 2026-05-14", int(counts)) == (str(found.window), len(found.payments))


@pytest.mark.clause("CNV-06")
def test_dollars_need_a_rate_with_its_day() -> None:
    """A contract in pesos and a floor in dollars: the rate is asked for and not guessed; none below zero."""
    with pytest.raises(CurrencyMismatch) as caught:
        cap_of(documents=("conversso-general",))

    assert ("rate", "500.00 USD, the contract is in MXN") == (caught.value.field, caught.value.value)
    assert "--rate-date" in caught.value.expected
    with pytest.raises(InvalidInput):
        ExchangeRate(Decimal(0), BREACH)


@pytest.mark.clause("KON-14.2a")
def test_konectus_counts_back_from_the_claim_and_not_for_intent() -> None:
    """What was paid in the twelve months before the claim, all of it; three cases have no cap."""
    found = cap_of(
        paid("1000.00", date(2025, 6, 1)),
        paid("250.50", date(2026, 5, 1)),
        documents=("konectus-general",),
    )

    assert (Money.of("1250.50", "MXN"), CapAnchor.CLAIM) == (found.cap, found.counted_to)
    assert ("wilful misconduct", "fraud", "gross negligence") == found.uncapped
    assert (None, None) == (found.least, found.rate)


@pytest.mark.clause("ZEN-17.3")
def test_the_general_terms_have_five_carve_outs() -> None:
    """Twelve months' payments, and five cases for which they are no cap."""
    found = cap_of(paid("900.00", date(2026, 1, 1), "BRL"), documents=("zenvia-general",), country="BR")

    assert (Money.of("900.00", "BRL"), "ZEN-17.3", 5) == (found.cap, found.clause, len(found.uncapped))


@pytest.mark.clause("ZEN-X-18")
def test_annex_x_has_a_cap_of_its_own() -> None:
    """It prevails over the general terms: what was paid under the order form in twelve months."""
    payments = [paid("900.00", date(2025, 5, 14), "BRL"), paid("700.00", date(2026, 5, 14), "BRL")]
    found = cap_of(*payments, documents=("zenvia-general", "zenvia-annex-x"), country="BR")

    assert (Money.of("700.00", "BRL"), "ZEN-X-18") == (found.cap, found.clause)
    assert ("intent or gross negligence", "incidents under the law on personal data") == found.uncapped


def test_a_month_too_short_ends_the_window_on_its_last_day() -> None:
    """Twelve months before 29 February 2028 begin on 28 February 2027."""
    found = cap_of(documents=("konectus-general",), on=date(2028, 2, 29))

    assert "2027-02-28 to 2028-02-28" == str(found.window)
