"""Whether a charge can be rated by what its meter keeps: checked when a plan meets the terms."""

from __future__ import annotations

from contracts.charges import Matrix, Percentage, UsageCharge
from contracts.meters import (
    ConversationMeter,
    CountMeter,
    Meter,
    RoundEach,
    SmsMeter,
    SumMeter,
    UnitRounding,
    adds_up,
)
from kernel.errors import InvalidPlan


def refuse_unfit_meter(charge: UsageCharge, meter: Meter, *, field: str) -> None:
    """Refuse a charge that looks at single events, pools or rolls over what its meter cannot tell apart.

    The events of a conversation or of a level have no quantity of their own, and a sum that is rounded for
    its period is not the sum of its events.  Conversations are known by the one dimension that their meter
    names.  A highest number of seats is not used up, so none is left.
    """
    by_its_own = (
        isinstance(meter, ConversationMeter) and isinstance(charge, Matrix) and charge.by == (meter.by,)
    )
    if needs_events(charge) and not by_its_own and not _counts_events(meter):
        raise InvalidPlan(
            "the charge prices single events, and its meter does not count by them",
            field=f"{field}.meter",
            value=charge.meter,
            expected="a meter of kind sum (not rounded by the period), count or sms_segments; "
            "conversations in a matrix by the dimension of their meter alone",
        )
    if (charge.pool or charge.rollover_limit) and not adds_up(meter):
        raise InvalidPlan(
            "an allowance is shared or rolled over only where use adds up",
            field=f"{field}.meter",
            value=charge.meter,
            expected="a meter whose use adds up, or no pool and no rollover_limit",
        )


def needs_events(charge: UsageCharge) -> bool:
    """Tell whether a price depends on single events: their amounts, or several of their dimensions."""
    return isinstance(charge, Matrix) or (isinstance(charge, Percentage) and charge.by_transaction)


def _counts_events(meter: Meter) -> bool:
    match meter:
        case SumMeter():
            return meter.rounding is UnitRounding.NONE or meter.round_each is RoundEach.EVENT
        case CountMeter() | SmsMeter():
            return True
        case _:
            return False
