"""A month of each contract: what was used goes in, the printed reason of every line comes out.

Each block is what ``clausula explain`` prints, save for the digest, which covers ids that are drawn anew.
"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from tests.integration.invoicing_book import Office, counted, talks, texts

pytestmark = [pytest.mark.scenario, pytest.mark.integration]


def day(text: str) -> date:
    """Return a day of 2026: 01-31."""
    return date.fromisoformat(f"2026-{text}")


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database."""
    return Office.open(engine)


FIRST_INVOICE = """\
Invoice ZMX-000001
  from Zenvia Demo México, S. de R.L. de C.V. (ZDM200115AB9)
  to   Flores del Norte, S.A. de C.V. (FLN120514T42)
  subscription conversion, plan conversion-mx v1, in MXN
  issued 2026-01-01, due 2026-01-21 [ZEN-IX-5-transfer-i]
       A transfer is due 20 days after the invoice went out by e-mail.
  terms: zenvia-general 2023-11-16, zenvia-annex-i 2023-11-16, zenvia-annex-ix 2023-11-16

  1. WhatsApp activation, 2026-01-01 to 2026-01-31 (fee)
       1 x 1,500.00 MXN = 1,500.00 MXN
       amount: 1,500.00 MXN
       IVA 16 % of 1,500.00 MXN = 240.00 MXN
       net 1,500.00 MXN, tax 240.00 MXN, to pay 1,740.00 MXN
       [ZEN-IX-4.2-i] Annex IX, clause 4.2(i): Opening WhatsApp costs a fee once, and it stays paid even if Meta says no. (zenvia-annex-ix 2023-11-16)

  2. Platform, 2026-01-01 to 2026-01-31 (fee)
       1 x 1,999.00 MXN = 1,999.00 MXN
       amount: 1,999.00 MXN
       IVA 16 % of 1,999.00 MXN = 319.84 MXN
       net 1,999.00 MXN, tax 319.84 MXN, to pay 2,318.84 MXN
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

Net    3,499.00 MXN
IVA 16 %  559.84 MXN
Total  4,058.84 MXN
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-IX-4.2-i")
@pytest.mark.clause("ZEN-IX-5-transfer-i")
def test_the_first_invoice_of_annex_ix(office: Office) -> None:
    """On the first day: the activation, once, and the fee of the month ahead, due twenty days later."""
    office.bills(day("01-01"))

    assert FIRST_INVOICE == office.told("flores", day("01-01"))


ANNEX_IX = """\
Invoice ZMX-000005
  from Zenvia Demo México, S. de R.L. de C.V. (ZDM200115AB9)
  to   Flores del Norte, S.A. de C.V. (FLN120514T42)
  subscription conversion, plan conversion-mx v1, in MXN
  issued 2026-02-01, due 2026-02-21 [ZEN-IX-5-transfer-i]
       A transfer is due 20 days after the invoice went out by e-mail.
  terms: zenvia-general 2023-11-16, zenvia-annex-i 2023-11-16, zenvia-annex-ix 2023-11-16

  1. Platform, 2026-02-01 to 2026-02-28 (fee)
       1 x 1,999.00 MXN = 1,999.00 MXN
       amount: 1,999.00 MXN
       IVA 16 % of 1,999.00 MXN = 319.84 MXN
       net 1,999.00 MXN, tax 319.84 MXN, to pay 2,318.84 MXN
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

  2. Users beyond three, 2026-01-01 to 2026-01-31 (usage)
       quantity: 5
       allowance: 3 of 5 included
       2 x 149.00 MXN = 298.00 MXN
       amount: 298.00 MXN
       IVA 16 % of 298.00 MXN = 47.68 MXN
       net 298.00 MXN, tax 47.68 MXN, to pay 345.68 MXN
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

  3. WhatsApp conversations, line in Mexico, 2026-01-01 to 2026-01-31 (usage)
       quantity: 450
       allowance: 100 of 450 included
       tier 1 to 200: 200 x 1.45 MXN = 290.00 MXN
       tier 201 to 1,000: 150 x 1.1235 MXN = 168.525 MXN
       rounded half up: 458.525 -> 458.53 MXN
       IVA 16 % of 458.53 MXN = 73.36 MXN
       net 458.53 MXN, tax 73.36 MXN, to pay 531.89 MXN
       [ZEN-IX-4.2-iii] Annex IX, clause 4.2(iii): WhatsApp use is paid by the session, whoever opens it, at the rate of the country of the customer's own line. (zenvia-annex-ix 2023-11-16)

  4. WhatsApp conversations, line in the United States, 2026-01-01 to 2026-01-31 (usage)
       quantity: 40
       40 x 0.6125 MXN = 24.50 MXN
       amount: 24.50 MXN
       IVA 16 % of 24.50 MXN = 3.92 MXN
       net 24.50 MXN, tax 3.92 MXN, to pay 28.42 MXN
       [ZEN-IX-4.2-iii] Annex IX, clause 4.2(iii): WhatsApp use is paid by the session, whoever opens it, at the rate of the country of the customer's own line. (zenvia-annex-ix 2023-11-16)

  5. SMS, 2026-01-01 to 2026-01-31 (usage)
       quantity: 7
       7 x 0.3333 MXN = 2.3331 MXN
       rounded half up: 2.3331 -> 2.33 MXN
       IVA 16 % of 2.33 MXN = 0.37 MXN
       net 2.33 MXN, tax 0.37 MXN, to pay 2.70 MXN
       [ZEN-I-A] Annex I, A: A text that does not fit into one SMS is cut up, and each piece is billed. (zenvia-annex-i 2023-11-16)

Net    2,782.36 MXN
IVA 16 %  445.17 MXN
Total  3,227.53 MXN
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-IX-4.2-ii")
@pytest.mark.clause("ZEN-IX-4.2-iii")
@pytest.mark.clause("ZEN-IX-3.1")
@pytest.mark.clause("ZEN-I-A")
def test_a_month_of_annex_ix(office: Office) -> None:
    """The highest number of users, sessions by the line's country and by tiers, SMS by their pieces, IVA."""
    office.bills(day("01-01"))
    office.gets(
        [
            *counted("flores", "users", 2, day("01-01")),
            *counted("flores", "users", 5, day("01-12")),
            *counted("flores", "users", 4, day("01-20")),
            *talks("flores", 450, day("01-20"), country="MX"),
            *talks("flores", 40, day("01-21"), country="US"),
            *texts("flores", "Su pedido llega hoy. " * 8, 3, day("01-22")),  # 168 letters: two SMS each
            *texts("flores", "Gracias", 1, day("01-31")),
        ]
    )
    office.bills(day("02-01"))

    assert ANNEX_IX == office.told("flores", day("02-01"))


LATE_USAGE = """\
Invoice ZMX-000009
  from Zenvia Demo México, S. de R.L. de C.V. (ZDM200115AB9)
  to   Flores del Norte, S.A. de C.V. (FLN120514T42)
  subscription conversion, plan conversion-mx v1, in MXN
  issued 2026-03-01, due 2026-03-21 [ZEN-IX-5-transfer-i]
       A transfer is due 20 days after the invoice went out by e-mail.
  terms: zenvia-general 2023-11-16, zenvia-annex-i 2023-11-16, zenvia-annex-ix 2023-11-16

  1. Platform, 2026-03-01 to 2026-03-31 (fee)
       1 x 1,999.00 MXN = 1,999.00 MXN
       amount: 1,999.00 MXN
       IVA 16 % of 1,999.00 MXN = 319.84 MXN
       net 1,999.00 MXN, tax 319.84 MXN, to pay 2,318.84 MXN
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

  2. WhatsApp conversations, line in Mexico, 2026-01-01 to 2026-01-31 (usage that came after its invoice)
       quantity: 470
       allowance: 100 of 470 included
       tier 1 to 200: 200 x 1.45 MXN = 290.00 MXN
       tier 201 to 1,000: 170 x 1.1235 MXN = 190.995 MXN
       rounded half up: 480.995 -> 481.00 MXN
       already billed: 450 for 458.53 MXN; the rest is 22.47 MXN
       IVA 16 % of 22.47 MXN = 3.60 MXN
       net 22.47 MXN, tax 3.60 MXN, to pay 26.07 MXN
       [ZEN-IX-4.2-iii] Annex IX, clause 4.2(iii): WhatsApp use is paid by the session, whoever opens it, at the rate of the country of the customer's own line. (zenvia-annex-ix 2023-11-16)

Net    2,021.47 MXN
IVA 16 %  323.44 MXN
Total  2,344.91 MXN
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-IX-4.2-iii")
def test_usage_that_comes_late(office: Office) -> None:
    """450 sessions of January were billed, 20 more come in February: March bills what they add to January."""
    office.bills(day("01-01"))
    office.gets(talks("flores", 450, day("01-20")))
    office.bills(day("02-01"))
    office.gets(talks("flores", 20, day("01-30")))
    office.bills(day("03-01"))

    assert LATE_USAGE == office.told("flores", day("03-01"))


STUB = """\
Invoice ZMX-000001
  from Zenvia Demo México, S. de R.L. de C.V. (ZDM200115AB9)
  to   Café Amanecer S. de R.L. (CAM150922HUA)
  subscription conversion, plan conversion-mx v1, in MXN
  issued 2026-01-15, due 2026-02-04 [ZEN-IX-5-transfer-i]
       A transfer is due 20 days after the invoice went out by e-mail.
  terms: zenvia-general 2023-11-16, zenvia-annex-i 2023-11-16, zenvia-annex-ix 2023-11-16

  1. WhatsApp activation, 2026-01-15 to 2026-01-31 (fee)
       1 x 1,500.00 MXN = 1,500.00 MXN
       amount: 1,500.00 MXN
       IVA 16 % of 1,500.00 MXN = 240.00 MXN
       net 1,500.00 MXN, tax 240.00 MXN, to pay 1,740.00 MXN
       [ZEN-IX-4.2-i] Annex IX, clause 4.2(i): Opening WhatsApp costs a fee once, and it stays paid even if Meta says no. (zenvia-annex-ix 2023-11-16)

  2. Platform, 2026-01-15 to 2026-01-31 (fee)
       17 of 31 days
       1 x 1,999.00 MXN = 1,999.00 MXN
       17/31 of the period: 1,096.225806... MXN
       rounded half up: 1,096.225806... -> 1,096.23 MXN
       IVA 16 % of 1,096.23 MXN = 175.40 MXN
       net 1,096.23 MXN, tax 175.40 MXN, to pay 1,271.63 MXN
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

Net    2,596.23 MXN
IVA 16 %  415.40 MXN
Total  3,011.63 MXN
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-IX-4.2-ii")
def test_a_contract_that_starts_inside_a_month(office: Office) -> None:
    """From 15 January, with months from the first: 17 of 31 days of the fee, on the day of the start."""
    office.bills(day("01-15"))

    assert STUB == office.told("cafe", day("01-15"))


AFTER_STUB = """\
Invoice ZMX-000005
  from Zenvia Demo México, S. de R.L. de C.V. (ZDM200115AB9)
  to   Café Amanecer S. de R.L. (CAM150922HUA)
  subscription conversion, plan conversion-mx v1, in MXN
  issued 2026-02-01, due 2026-02-21 [ZEN-IX-5-transfer-i]
       A transfer is due 20 days after the invoice went out by e-mail.
  terms: zenvia-general 2023-11-16, zenvia-annex-i 2023-11-16, zenvia-annex-ix 2023-11-16

  1. Platform, 2026-02-01 to 2026-02-28 (fee)
       1 x 1,999.00 MXN = 1,999.00 MXN
       amount: 1,999.00 MXN
       IVA 16 % of 1,999.00 MXN = 319.84 MXN
       net 1,999.00 MXN, tax 319.84 MXN, to pay 2,318.84 MXN
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

  2. Users beyond three, 2026-01-15 to 2026-01-31 (usage)
       17 of 31 days
       quantity: 7
       allowance: 3 of 7 included
       4 x 149.00 MXN = 596.00 MXN
       17/31 of the period: 326.838709... MXN
       rounded half up: 326.838709... -> 326.84 MXN
       IVA 16 % of 326.84 MXN = 52.29 MXN
       net 326.84 MXN, tax 52.29 MXN, to pay 379.13 MXN
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

Net    2,325.84 MXN
IVA 16 %  372.13 MXN
Total  2,697.97 MXN
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-IX-4.2-ii")
def test_seats_of_a_month_that_was_cut_short(office: Office) -> None:
    """Seven users from 20 January on: four beyond the three included, for 17 of 31 days."""
    office.bills(day("01-15"))
    office.gets(counted("cafe", "users", 7, day("01-20")))
    office.bills(day("02-01"))

    assert AFTER_STUB == office.told("cafe", day("02-01"))


ANNEX_X = """\
Invoice ZBR-000006
  from Zenvia Demo Brasil Ltda. (41.302.759/0001-06)
  to   Colégio Ipê Ltda. (19.465.083/0001-12)
  subscription docs, plan docs-nlu v1, in BRL
  issued 2026-02-01, due 2026-02-16 [OF-1]
       Each invoice is due fifteen days after it is sent.
  terms: zenvia-general 2023-11-16, zenvia-annex-x 2023-11-16, docs-15-days 2025-12-20

  1. Subscription, 2026-02-01 to 2026-02-28 (fee)
       1 x 1,250.00 BRL = 1,250.00 BRL
       amount: 1,250.00 BRL
       1,250.00 BRL holds taxes of 5 %: net 1,190.48 BRL
       ISS 5 % included: 59.52 BRL
       net 1,190.48 BRL, tax 59.52 BRL, to pay 1,250.00 BRL
       [ZEN-X-5] Annex X, clause 5: The subscription fee falls due on signing or when the account opens, whichever comes first, used or not. (zenvia-annex-x 2023-11-16)

  2. Package of 1,000 transactions, 2026-02-01 to 2026-02-28 (fee)
       1 x 890.00 BRL = 890.00 BRL
       amount: 890.00 BRL
       890.00 BRL holds taxes of 5 %: net 847.62 BRL
       ISS 5 % included: 42.38 BRL
       net 847.62 BRL, tax 42.38 BRL, to pay 890.00 BRL
       [ZEN-X-6] Annex X, clause 6: A package is the volume on offer, not the volume used; past it, overage begins. (zenvia-annex-x 2023-11-16)

  3. Transactions beyond the package, 2026-01-01 to 2026-01-31 (usage)
       quantity: 1,430
       allowance: 1,000 of 1,430 included
       430 x 1.12 BRL = 481.60 BRL
       amount: 481.60 BRL
       481.60 BRL holds taxes of 5 %: net 458.67 BRL
       ISS 5 % included: 22.93 BRL
       net 458.67 BRL, tax 22.93 BRL, to pay 481.60 BRL
       [ZEN-X-7] Annex X, clause 7: Overage comes on the next month's invoice; the order form says how it is paid. (zenvia-annex-x 2023-11-16)

  4. Human service, registered users, 2026-01-01 to 2026-01-31 (usage)
       quantity: 2
       2 x 79.00 BRL = 158.00 BRL
       amount: 158.00 BRL
       158.00 BRL holds taxes of 5 %: net 150.48 BRL
       ISS 5 % included: 7.52 BRL
       net 150.48 BRL, tax 7.52 BRL, to pay 158.00 BRL
       [ZEN-X-1.4.1] Annex X, clause 1.4.1: Human agents need a licence for each user on the list. (zenvia-annex-x 2023-11-16)

Net    2,647.25 BRL
ISS 5 %  132.35 BRL
Total  2,779.60 BRL
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-X-5")
@pytest.mark.clause("ZEN-X-6")
@pytest.mark.clause("ZEN-X-7")
@pytest.mark.clause("ZEN-X-9")
@pytest.mark.clause("ZEN-X-1.4.1")
def test_a_month_of_annex_x(office: Office) -> None:
    """Fee and package of February, used or not; January's overage; taxes inside; due by the order form."""
    office.bills(day("01-01"))
    office.gets(
        [
            *counted("ipe", "docs_transactions", 1000, day("01-20")),
            *counted("ipe", "docs_transactions", 430, day("01-31")),
            *counted("ipe", "human_seats", 2, day("01-20")),
        ]
    )
    office.bills(day("02-01"))

    assert ANNEX_X == office.told("ipe", day("02-01"))


INDEX_FELL = """\
Invoice ZBR-000005
  from Zenvia Demo Brasil Ltda. (41.302.759/0001-06)
  to   Escola Aroeira Ltda. (35.908.172/0001-42)
  subscription docs, plan docs-nlu v1, in BRL
  issued 2026-02-01, due 2026-02-16 [OF-1]
       Each invoice is due fifteen days after it is sent.
  terms: zenvia-general 2023-11-16, zenvia-annex-x 2023-11-16, docs-15-days 2025-01-15

  1. Subscription, 2026-02-01 to 2026-02-28 (fee)
       index factor 1 (IGPM 2025-01 to 2025-12, -1.0422 %)
       1 x 1,250.00 BRL = 1,250.00 BRL
       amount: 1,250.00 BRL
       1,250.00 BRL holds taxes of 5 %: net 1,190.48 BRL
       ISS 5 % included: 59.52 BRL
       net 1,190.48 BRL, tax 59.52 BRL, to pay 1,250.00 BRL
       [ZEN-X-5] Annex X, clause 5: The subscription fee falls due on signing or when the account opens, whichever comes first, used or not. (zenvia-annex-x 2023-11-16)

  2. Package of 1,000 transactions, 2026-02-01 to 2026-02-28 (fee)
       index factor 1 (IGPM 2025-01 to 2025-12, -1.0422 %)
       1 x 890.00 BRL = 890.00 BRL
       amount: 890.00 BRL
       890.00 BRL holds taxes of 5 %: net 847.62 BRL
       ISS 5 % included: 42.38 BRL
       net 847.62 BRL, tax 42.38 BRL, to pay 890.00 BRL
       [ZEN-X-6] Annex X, clause 6: A package is the volume on offer, not the volume used; past it, overage begins. (zenvia-annex-x 2023-11-16)

Net    2,038.10 BRL
ISS 5 %  101.90 BRL
Total  2,140.00 BRL
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-X-4-adjustment")
@pytest.mark.clause("ZEN-X-4-a")
def test_the_index_fell(office: Office) -> None:
    """Signed on 15 January 2025: the IGP-M of 2025 fell, so the price stays; it is owed, used or not."""
    office.bills(day("01-01"))
    office.bills(day("02-01"))

    assert INDEX_FELL == office.told("aroeira", day("02-01"))


INDEX_ROSE = """\
Invoice ZBR-000004
  from Zenvia Demo Brasil Ltda. (41.302.759/0001-06)
  to   Clínica Jacarandá Ltda. (28.761.430/0001-45)
  subscription conversion, plan conversion-br v1, in BRL
  issued 2026-06-01, due 2026-06-21 [ZEN-IX-5-transfer-i]
       A transfer is due 20 days after the invoice went out by e-mail.
  terms: zenvia-general 2023-11-16, zenvia-annex-ix 2023-11-16

  1. Platform, 2026-06-01 to 2026-06-30 (fee)
       index factor 1.085104 (IGPM 2024-05 to 2025-04, +8.5104 %)
       index factor 1.006196 (IGPM 2025-05 to 2026-04, +0.6196 %)
       prices x 1.091827304384
       1 x 1,538.035287139653 BRL = 1,538.035287139653 BRL
       rounded half up: 1,538.035287139653 -> 1,538.04 BRL
       ISS 5 % of 1,538.04 BRL = 76.90 BRL
       net 1,538.04 BRL, tax 76.90 BRL, to pay 1,614.94 BRL
       [ZEN-IX-4.2-ii] Annex IX, clause 4.2(ii): Each period has a fixed fee that depends on how many WhatsApp accounts and users there are. (zenvia-annex-ix 2023-11-16)

  2. WhatsApp conversations, 2026-05-01 to 2026-05-16 (usage)
       index factor 1.085104 (IGPM 2024-05 to 2025-04, +8.5104 %)
       quantity: 100
       prices x 1.085104
       tier 1 to 250: 100 x 0.45574368 BRL = 45.574368 BRL
       rounded half up: 45.574368 -> 45.57 BRL
       ISS 5 % of 45.57 BRL = 2.28 BRL
       net 45.57 BRL, tax 2.28 BRL, to pay 47.85 BRL
       [ZEN-IX-4.2-iii] Annex IX, clause 4.2(iii): WhatsApp use is paid by the session, whoever opens it, at the rate of the country of the customer's own line. (zenvia-annex-ix 2023-11-16)

  3. WhatsApp conversations, 2026-05-17 to 2026-05-31 (usage)
       index factor 1.085104 (IGPM 2024-05 to 2025-04, +8.5104 %)
       index factor 1.006196 (IGPM 2025-05 to 2026-04, +0.6196 %)
       quantity: 200
       100 rated before
       prices x 1.091827304384
       tier from 251: 300 x 0.401246534361 BRL = 120.3739603083 BRL
       less the price of 100: -45.8567467841 BRL
       rounded half up: 74.5172135242 -> 74.52 BRL
       ISS 5 % of 74.52 BRL = 3.73 BRL
       net 74.52 BRL, tax 3.73 BRL, to pay 78.25 BRL
       [ZEN-IX-4.2-iii] Annex IX, clause 4.2(iii): WhatsApp use is paid by the session, whoever opens it, at the rate of the country of the customer's own line. (zenvia-annex-ix 2023-11-16)

Net    1,658.13 BRL
ISS 5 %  82.91 BRL
Total  1,741.04 BRL
"""  # noqa: E501 as it is printed


@pytest.mark.clause("ZEN-IX-12.3")
def test_the_index_rose(office: Office) -> None:
    """Signed on 17 May 2024: the second anniversary cuts May's use, and moves the fee from June on."""
    office.bills(day("05-01"))
    office.gets([*talks("jacaranda", 100, day("05-16"), country="BR")])
    office.gets([*talks("jacaranda", 200, day("05-17"), country="BR")])
    office.bills(day("06-01"))

    assert INDEX_ROSE == office.told("jacaranda", day("06-01"))


KONECTUS = """\
Invoice KON-000003
  from Konectus Demo, S.A. de C.V. (KDM210308QX0)
  to   Taller Solís y Hermanos S.A. (TSO180207LQA)
  subscription team, plan konectus-team v1, in MXN
  issued 2026-02-01, due 2026-02-11 [OF-1]
       Each invoice is due ten days after it is sent.
  terms: konectus-general undated, konectus-10-days 2025-12-20

  1. Konectus Team, 2026-02-01 to 2026-02-28 (fee)
       1 x 899.00 MXN = 899.00 MXN
       amount: 899.00 MXN
       IVA 16 % of 899.00 MXN = 143.84 MXN
       net 899.00 MXN, tax 143.84 MXN, to pay 1,042.84 MXN
       [KON-2a] Section 2, Plan: A plan is its features, its limits and its price as the website showed them on the day of signing. (konectus-general undated)

  2. Users beyond five, 2026-01-01 to 2026-01-31 (usage)
       quantity: 7
       allowance: 5 of 7 included
       2 x 99.00 MXN = 198.00 MXN
       amount: 198.00 MXN
       IVA 16 % of 198.00 MXN = 31.68 MXN
       net 198.00 MXN, tax 31.68 MXN, to pay 229.68 MXN
       [KON-5.2] Section 5.2: Logins stay among the users that the plan pays for. (konectus-general undated)

  3. Messages beyond 2,000, in thousands, 2026-01-01 to 2026-01-31 (usage)
       quantity: 4,001
       allowance: 2,000 of 4,001 included
       3 packages of 1,000 x 120.00 MXN = 360.00 MXN
       amount: 360.00 MXN
       IVA 16 % of 360.00 MXN = 57.60 MXN
       net 360.00 MXN, tax 57.60 MXN, to pay 417.60 MXN
       [KON-2a] Section 2, Plan: A plan is its features, its limits and its price as the website showed them on the day of signing. (konectus-general undated)

Net    1,457.00 MXN
IVA 16 %  233.12 MXN
Total  1,690.12 MXN
"""  # noqa: E501 as it is printed


@pytest.mark.clause("KON-2a")
@pytest.mark.clause("KON-5.2")
@pytest.mark.clause("KON-9")
def test_a_month_of_konectus(office: Office) -> None:
    """The plan ahead, users and started thousands of messages after; due date and IVA by the order form."""
    office.bills(day("01-01"))
    office.gets(
        [*counted("solis", "messages", 4001, day("01-20")), *counted("solis", "seats", 7, day("01-20"))]
    )
    office.bills(day("02-01"))

    assert KONECTUS == office.told("solis", day("02-01"))
