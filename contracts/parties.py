"""The parties of a contract: the vendor, the legal entity of it that issues, and the customer's account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from contracts.clauses import Record
from kernel.calendars import BusinessCalendar
from kernel.money import Percent


class Vendor(Record, frozen=True, kw_only=True):
    """A seller, under whose terms its legal entities issue."""

    code: str
    name: str


class TaxBase(StrEnum):
    """What the rate of a tax is taken on: the price before taxes, or the price that holds the tax itself."""

    NET = "net"
    GROSS = "gross"


#: A tax on the gross of this rate would leave nothing for the price itself.
WHOLE_PERCENT = 100


class TaxRate(Record, frozen=True, kw_only=True):
    """A tax of the issuing country: IVA 16 % in Mexico; ISS, inside the price, in Brazil.

    ``base`` gross is Brazil's "por dentro": ISS of 5 % on a net of 95.00 is 5.00, for the base is 100.00.
    ``region`` limits a rate to customers who bear that tax region (IVA 8 % at Mexico's border); it takes the
    place of the rate of the same code without one.  From ``effective_from`` on a rate takes the place of the
    earlier one of the same code and region.  ``withheld`` is a tax that the customer keeps back and pays
    itself (retenciones): it lowers what is payable and not the total.
    """

    code: str
    percent: Decimal
    base: TaxBase = TaxBase.NET
    region: str = ""
    effective_from: date | None = None
    withheld: bool = False

    def __post_init__(self) -> None:
        """Refuse a tax that would pay the customer, or leave nothing of the price or of what is payable."""
        if not self.percent.is_finite() or self.percent < 0:
            message = f"percent: must be a number and not negative, is {self.percent}"
            raise ValueError(message)
        if (self.withheld or self.base is TaxBase.GROSS) and self.percent >= WHOLE_PERCENT:
            message = f"percent: less than {WHOLE_PERCENT} on the gross, or withheld, is {self.percent}"
            raise ValueError(message)

    @property
    def rate(self) -> Percent:
        """The rate as a percent."""
        return Percent(self.percent)


class LegalEntity(Record, frozen=True, kw_only=True):
    """Who issues: its country, currency, time zone and taxes decide how an invoice reads.

    ``series`` begins the number of each of its invoices; ``tax_id`` is an RFC or a CNPJ.
    """

    code: str
    vendor: str
    name: str
    tax_id: str
    country: str
    subdivision: str = ""
    currency: str
    time_zone: str
    taxes: tuple[TaxRate, ...] = ()
    address: str = ""
    email: str = ""
    bank_account: str = ""
    series: str

    def __post_init__(self) -> None:
        """Refuse two rates of a tax of which none goes before the other."""
        keys = [(rate.code, rate.region, rate.effective_from) for rate in self.taxes]
        twins = [key for key in keys if keys.count(key) > 1]
        if twins:
            message = f"taxes: two rates of {twins[0][0]} hold in one region from one day on"
            raise ValueError(message)

    @property
    def calendar(self) -> BusinessCalendar:
        """The working days on which this entity's notices and payments are counted."""
        return BusinessCalendar(self.country, self.subdivision)

    @property
    def bank_calendar(self) -> BusinessCalendar:
        """The days on which its bank takes payments: working days, where those of banks are not known."""
        return BusinessCalendar(self.country, self.subdivision, banks=self.country == "BR")


class Account(Record, frozen=True, kw_only=True):
    """A customer: the sole billing party of its subscriptions.

    ``tax_region`` names where it is taxed, if an issuer's rates tell regions apart; ``tax_exempt`` is the
    reason why it bears no taxes; ``withholds`` holds the codes of the taxes that it keeps back, with spaces
    between them.
    """

    code: str
    name: str
    country: str
    email: str
    tax_id: str = ""
    address: str = ""
    language: str = "en"
    tax_region: str = ""
    tax_exempt: str = ""
    withholds: str = ""
