"""The one tree of errors.

::

    ClausulaError                        anything that this engine refuses or cannot do
    ├── InvalidInput                     the input cannot be accepted as it stands
    │   ├── CurrencyMismatch             two currencies met in one sum
    │   ├── UnknownCurrency              a currency whose minor unit is not known
    │   ├── InvalidMoney                 an amount with more places than its currency has
    │   ├── InvalidPeriod                a period that is empty or runs backwards
    │   ├── InvalidTerms                 a terms document that does not say what it must
    │   ├── InvalidPlan                  a plan that cannot price every quantity
    │   ├── InvalidBook                  a file of a book that cannot be read
    │   ├── InvalidEvent                 a usage event that cannot be counted
    │   ├── AmbiguousSubscription        a usage event that more than one subscription could count
    │   ├── EventInFuture                a usage event further ahead of the clock than its terms allow
    │   ├── EventTooOld                  a usage event further back than its terms allow
    │   ├── InvalidCorrection            a correction of a usage event that cannot be what it says
    │   ├── InvalidArchive               a file that is not what an archive of events wrote
    │   ├── InvalidReceipt               a receipt that cannot be booked
    │   ├── InvalidRequest               a request whose shape or size is not allowed
    │   ├── TooLarge                     more came than one request may carry
    │   ├── UnsupportedContent           a request whose content is not of a kind that is read here
    │   └── UnbalancedEntry              a journal entry whose postings do not sum to zero
    ├── NotFound                         what was named does not exist
    │   ├── UnknownClause                a rule cites a clause that no document holds
    │   ├── UnknownAccount               no account bears this code
    │   ├── UnknownMeter                 no plan of the subscription has this meter
    │   ├── UnknownDimension             no charge prices this dimension of a meter
    │   ├── UnknownArchive               no archived month has such a file
    │   ├── UnknownEvent                 a correction names a usage event that was never counted
    │   ├── EventOutsideSubscription     a usage event of a day on which no subscription was in force
    │   ├── UnknownInvoice               no invoice bears this number
    │   └── IndexNotPublished            a month of a price index is not known yet
    ├── Conflict                         it contradicts what is already recorded
    │   ├── SubscriptionOverlap          a second subscription of one product in the same days
    │   ├── EventConflict                the same event id came again with another body
    │   ├── MonthArchived                single events are needed of months that lie in an archive
    │   ├── MonthInUse                   a month that is to be archived is being read or written
    │   ├── SequenceGap                  a source that numbers its events left one out
    │   ├── IdempotencyConflict          the same idempotency key came with another request
    │   ├── IdempotencyInProgress        the first request with this idempotency key is still running
    │   ├── SeatsExhausted               every seat of the contract is taken
    │   ├── SeatTaken                    the person has a seat already
    │   ├── SeatNotTransferable          the terms let no seat pass to another person
    │   ├── AffiliateNotCovered          the terms give no seat to another company's people
    │   ├── PeriodClosed                 the month is closed to postings
    │   └── DoubleBilling                a period would be billed twice
    ├── OutOfBalance                     two sums of the books that must be equal differ
    ├── GatewayUnavailable               the payment gateway gave no answer: the outcome is not known
    ├── GatewayRefused                   the payment gateway refuses the request itself, not the card
    ├── NotDelivered                     an effect outside that its receiver did not take; it waits
    ├── NotAuthenticated                 nobody knows who calls
    ├── Denied                           the caller may not do this
    ├── DatabaseUnavailable              no database could be started or reached
    └── SchemaOutOfDate                  the database has another version's schema

Each class has a stable ``code``; callers and tests match on it, never on the text.
HTTP statuses are given in ``api/errors.py`` and nowhere else.
"""

from __future__ import annotations

from typing import ClassVar


class ClausulaError(Exception):
    """Anything that the engine refuses: what, where, which value, and what would be right."""

    code: ClassVar[str] = "error"

    def __init__(
        self, message: str, *, field: str = "", value: object = "", expected: str = "", place: str = ""
    ) -> None:
        """Keep the parts apart, so that a log, a table and a JSON body can each show them."""
        super().__init__(message)
        self.message = message
        self.field = field
        self.value = str(value)
        self.expected = expected
        self.place = place

    def __str__(self) -> str:
        """Return the parts in the order in which a person reads them."""
        parts = [f"{self.place}: {self.message}" if self.place else self.message]
        if self.field:
            parts.append(f"field: {self.field}")
        if self.value:
            parts.append(f"value: {self.value}")
        if self.expected:
            parts.append(f"expected: {self.expected}")
        return "; ".join(parts)


class InvalidInput(ClausulaError):
    """The input cannot be accepted as it stands."""

    code = "invalid_input"


class CurrencyMismatch(InvalidInput):
    """Two currencies met in one sum."""

    code = "currency_mismatch"


class UnknownCurrency(InvalidInput):
    """A currency whose minor unit is not known here."""

    code = "unknown_currency"


class InvalidMoney(InvalidInput):
    """An amount that is not a number, or has more places than its currency."""

    code = "invalid_money"


class InvalidPeriod(InvalidInput):
    """A period that is empty or runs backwards."""

    code = "invalid_period"


class InvalidTerms(InvalidInput):
    """A terms document that does not say what it must."""

    code = "invalid_terms"


class InvalidPlan(InvalidInput):
    """A plan that cannot price every quantity."""

    code = "invalid_plan"


class InvalidBook(InvalidInput):
    """A file of a book that cannot be read."""

    code = "invalid_book"


class InvalidEvent(InvalidInput):
    """A usage event that cannot be counted."""

    code = "invalid_event"


class AmbiguousSubscription(InvalidInput):
    """A usage event that more than one subscription could count."""

    code = "ambiguous_subscription"


class EventInFuture(InvalidInput):
    """A usage event further ahead of the clock than its terms allow."""

    code = "event_in_future"


class EventTooOld(InvalidInput):
    """A usage event further back than its terms allow, which only a backfill brings in."""

    code = "event_too_old"


class InvalidCorrection(InvalidInput):
    """A correction of a usage event that cannot be what it says."""

    code = "invalid_correction"


class InvalidArchive(InvalidInput):
    """A file that is not what an archive of events wrote, or not all of it."""

    code = "invalid_archive"


class InvalidReceipt(InvalidInput):
    """A receipt that cannot be booked."""

    code = "invalid_receipt"


class InvalidRequest(InvalidInput):
    """A request whose shape or size is not allowed."""

    code = "invalid_request"


class TooLarge(InvalidInput):
    """More came than one request may carry."""

    code = "too_large"


class UnsupportedContent(InvalidInput):
    """A request whose content is not of a kind that is read here."""

    code = "unsupported_content"


class UnbalancedEntry(InvalidInput):
    """A journal entry whose postings do not sum to zero."""

    code = "unbalanced_entry"


class NotFound(ClausulaError):
    """What was named does not exist."""

    code = "not_found"


class UnknownClause(NotFound):
    """A rule cites a clause that no document holds."""

    code = "unknown_clause"


class UnknownAccount(NotFound):
    """No account bears this code."""

    code = "unknown_account"


class UnknownMeter(NotFound):
    """No plan of the subscription has this meter."""

    code = "unknown_meter"


class UnknownDimension(NotFound):
    """No charge prices this dimension of a meter."""

    code = "unknown_dimension"


class UnknownArchive(NotFound):
    """No archived month has such a file: it was put back already, or belongs to another database."""

    code = "unknown_archive"


class UnknownEvent(NotFound):
    """A correction names a usage event that was never counted."""

    code = "unknown_event"


class EventOutsideSubscription(NotFound):
    """A usage event of a day on which no subscription was in force."""

    code = "event_outside_subscription"


class UnknownInvoice(NotFound):
    """No invoice bears this number."""

    code = "unknown_invoice"


class IndexNotPublished(NotFound):
    """A month of a price index is not known yet."""

    code = "index_not_published"


class Conflict(ClausulaError):
    """It contradicts what is already recorded."""

    code = "conflict"


class SubscriptionOverlap(Conflict):
    """A second subscription of one product in the same days."""

    code = "subscription_overlap"


class EventConflict(Conflict):
    """The same event id came again with another body."""

    code = "event_conflict"


class MonthArchived(Conflict):
    """Single events are needed of months that lie in an archive; what would be right names the files."""

    code = "month_archived"


class MonthInUse(Conflict):
    """A month that is to be archived is being read or written; the same command again goes on."""

    code = "month_in_use"


class SequenceGap(Conflict):
    """A source that numbers its events left one out."""

    code = "sequence_gap"


class IdempotencyConflict(Conflict):
    """The same idempotency key came with another request."""

    code = "idempotency_conflict"


class IdempotencyInProgress(Conflict):
    """The first request with this idempotency key is still running."""

    code = "idempotency_in_progress"


class SeatsExhausted(Conflict):
    """Every seat of the contract is taken."""

    code = "seats_exhausted"


class SeatTaken(Conflict):
    """The person has a seat already: one person takes one."""

    code = "seat_taken"


class SeatNotTransferable(Conflict):
    """The terms let no seat pass to another person."""

    code = "seat_not_transferable"


class AffiliateNotCovered(Conflict):
    """The terms give no seat to another company's people."""

    code = "affiliate_not_covered"


class PeriodClosed(Conflict):
    """The month is closed to postings."""

    code = "period_closed"


class DoubleBilling(Conflict):
    """A period would be billed twice."""

    code = "double_billing"


class OutOfBalance(ClausulaError):
    """Two sums of the books that must be equal differ."""

    code = "out_of_balance"


class GatewayUnavailable(ClausulaError):
    """The payment gateway gave no answer: the outcome is not known."""

    code = "gateway_unavailable"


class GatewayRefused(ClausulaError):
    """The payment gateway refuses the request itself, not the card."""

    code = "gateway_refused"


class NotDelivered(ClausulaError):
    """An effect outside that its receiver did not take; it waits and will come again."""

    code = "not_delivered"


class NotAuthenticated(ClausulaError):
    """Nobody knows who calls: no key, or none that is valid."""

    code = "not_authenticated"


class Denied(ClausulaError):
    """The caller may not do this."""

    code = "denied"


class DatabaseUnavailable(ClausulaError):
    """No database could be started or reached."""

    code = "database_unavailable"


class SchemaOutOfDate(ClausulaError):
    """The database has the schema of another version."""

    code = "schema_out_of_date"
