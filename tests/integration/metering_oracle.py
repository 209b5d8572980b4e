"""What is owed by a walk through all events in their order: slow, and plain enough to be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from math import ceil
from operator import attrgetter

from contracts.meters import (
    LEVELS,
    ConversationMeter,
    LatestMeter,
    MaximumMeter,
    OpenedBy,
    RoundEach,
    SeatMeter,
    SmsMeter,
    SumMeter,
    TimeUnit,
    UniqueMeter,
    UnitRounding,
    WeightedMeter,
    WindowKind,
)
from kernel.money import round_exact
from kernel.periods import Period
from kernel.zones import instants, local_day
from metering.events import UsageEvent
from metering.measure import Want
from tests.integration.metering_book import NUMBERS

#: Who has the numbers.
PERSON = dict(zip(NUMBERS, ("ana", "ana", "luis", "luis", "luis"), strict=True))

ZERO, ONE_DAY, ONE_HOUR = Decimal(0), timedelta(days=1), timedelta(hours=1)

#: Until when the last level holds.
END_OF_TIME = datetime(2100, 1, 1, tzinfo=UTC)

#: A level, from when and to when it held.
Held = tuple[Decimal, datetime, datetime]


def owed(events: Iterable[UsageEvent], want: Want) -> Decimal:
    """Return what ``measure`` must answer, in whatever order and however often the events are given."""
    once = {(each.source, each.id): each for each in events if each.meter == want.meter}.values()
    ordered = sorted(once, key=lambda each: (each.occurred_at, each.id, each.quantity or ZERO))
    if isinstance(want.rule, LEVELS):
        return _owed_for_levels(list(_held(ordered, want)), want)
    counting = _openers(ordered, want.rule) if isinstance(want.rule, ConversationMeter) else ordered
    inside = [each for each in counting if local_day(each.occurred_at, want.zone) in want.period]
    return _counted([each for each in inside if _is_asked(each, want)], want)


def _is_asked(event: UsageEvent, want: Want) -> bool:
    return want.dimension in ("", event.dimensions.get(want.rule.by, ""))


def _counted(inside: Sequence[UsageEvent], want: Want) -> Decimal:
    """Add up, take the greatest, or count what is different."""
    quantities = [each.quantity or ZERO for each in inside]
    match want.rule:
        case SumMeter(round_each=RoundEach.EVENT):
            return sum((_rounded(each, want.rule) for each in quantities), ZERO)
        case SumMeter():
            return _rounded(sum(quantities, ZERO), want.rule)
        case MaximumMeter():
            return max(quantities, default=ZERO)
        case UniqueMeter(of=of):
            return Decimal(len({each.dimensions[of] if of else PERSON[each.contact] for each in inside}))
        case SmsMeter():
            lengths = [len(each.text or "") for each in inside]
            return Decimal(sum(1 if length <= 160 else ceil(Fraction(length, 153)) for length in lengths))
        case _:
            return Decimal(len(inside))


def _rounded(quantity: Decimal, meter: SumMeter) -> Decimal:
    """Go up to a whole unit, if the meter rounds."""
    whole = meter.rounding is not UnitRounding.NONE
    return ceil(quantity / meter.unit_size) * meter.unit_size if whole else quantity


def _openers(messages: Iterable[UsageEvent], meter: ConversationMeter) -> Iterator[UsageEvent]:
    """Yield the messages that open: those that may, with a contact whose last window has ended.

    Of two at one instant it is that of the first dimension.
    """
    ends: dict[str, datetime] = {}
    for each in sorted(messages, key=lambda each: (each.occurred_at, each.dimensions.get(meter.by, ""))):
        may_open = meter.opened_by in (OpenedBy.EITHER, each.direction)
        opens = may_open and each.occurred_at >= ends.get(each.contact, each.occurred_at)
        if opens or (may_open and meter.window is WindowKind.SLIDING):
            ends[each.contact] = each.occurred_at + timedelta(hours=meter.hours)
        if opens:
            yield each


def _held(ordered: Iterable[UsageEvent], want: Want) -> Iterator[Held]:
    """Yield what held from each change to the next: the level asked for, or the sum of all."""
    standing: dict[str, Decimal] = {}
    changes = []
    asked = (each for each in ordered if _is_asked(each, want))
    for instant, at_once in groupby(asked, key=attrgetter("occurred_at")):
        standing |= {each.dimensions.get(want.rule.by, ""): each.quantity or ZERO for each in at_once}
        changes.append((instant, sum(standing.values(), ZERO)))
    for (since, level), (until, _) in pairwise([*changes, (END_OF_TIME, ZERO)]):
        yield level, since, until


def _owed_for_levels(held: Sequence[Held], want: Want) -> Decimal:
    """Take the highest level of a period, the last, or level times time."""
    start, end = instants(want.period, want.zone)
    inside = [level for level, since, until in held if since < end and until > start]
    match want.rule:
        case SeatMeter():
            return max(inside, default=ZERO)
        case LatestMeter():
            return inside[-1] if inside else ZERO
        case WeightedMeter(per=per):
            return round_exact(sum(_weights(held, want, hourly=per is TimeUnit.HOUR), Fraction(0)), 12)
        case _:
            raise AssertionError(want.rule)


def _weights(held: Sequence[Held], want: Want, *, hourly: bool) -> Iterator[Fraction]:
    """Yield each level times its hours, or times its share of each day, however long that is."""
    for days in range(want.period.days):
        day = want.period.start + days * ONE_DAY
        start, end = instants(Period(day, day + ONE_DAY), want.zone)
        unit = ONE_HOUR if hourly else end - start
        for level, since, until in held:
            lasted = max(min(until, end) - max(since, start), timedelta())
            yield Fraction(level) * Fraction(lasted // timedelta.resolution, unit // timedelta.resolution)
