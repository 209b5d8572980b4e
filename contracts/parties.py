"""The parties of a contract: the vendor, the legal entity of it that issues, and the customer's account."""

from __future__ import annotations

from decimal import Decimal

from contracts.clauses import Record
from kernel.calendars import BusinessCalendar
from kernel.money import Percent


class Vendor(Record, frozen=True, kw_only=True):
    """A seller, under whose terms its legal entities issue."""

    code: str
    name: str


class TaxRate(Record, frozen=True, kw_only=True):
    """A tax of the issuing country: IVA 16 % in Mexico; ISS, inside the price, in Brazil."""

    code: str
    percent: Decimal

    def __post_init__(self) -> None:
        """Refuse a tax that would pay the customer."""
        if not self.percent.is_finite() or self.percent < 0:
            message = f"percent: must be a number and not negative, is {self.percent}"
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

    @property
    def calendar(self) -> BusinessCalendar:
        """The working days on which this entity's notices and payments are counted."""
        return BusinessCalendar(self.country, self.subdivision)

    @property
    def bank_calendar(self) -> BusinessCalendar:
        """The days on which its bank takes payments: working days, where those of banks are not known."""
        return BusinessCalendar(self.country, self.subdivision, banks=self.country == "BR")


class Account(Record, frozen=True, kw_only=True):
    """A customer: the sole billing party of its subscriptions."""

    code: str
    name: str
    country: str
    email: str
    tax_id: str = ""
    address: str = ""
    language: str = "en"
