"""How much was used, as prices look at it: asked of metering for all contracts of a chunk at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from contracts.subscriptions import Contract
from invoicing.cycles import DuePart
from invoicing.use_owed import UsageKey, usage_needed
from kernel.ids import SubscriptionKey
from metering.measure import Want, measure
from metering.store_transactions import by_dimension, combinations, transactions
from rating.use import Combinations, Transactions, Use


def used_of(
    connection: Connection, due: Sequence[tuple[Contract, Iterable[DuePart]]]
) -> Mapping[SubscriptionKey, Mapping[UsageKey, Use]]:
    """Return for each contract the quantities that its due parts depend on."""
    asked = [
        (contract, usage, _want(contract, usage))
        for contract, parts in due
        for usage in usage_needed(contract, parts)
    ]
    measured = _measured(connection, [(usage, want) for _, usage, want in asked])
    used: dict[SubscriptionKey, dict[UsageKey, Use]] = {_key(contract): {} for contract, _ in due}
    for contract, usage, want in asked:
        used[_key(contract)][usage] = measured[want, usage.singly, usage.by]
    return used


def _measured(
    connection: Connection, asked: Sequence[tuple[UsageKey, Want]]
) -> dict[tuple[Want, bool, tuple[str, ...]], Use]:
    summed = [want for usage, want in asked if not usage.singly and not usage.by]
    single = [want for usage, want in asked if usage.singly]
    apart: dict[tuple[str, ...], list[Want]] = defaultdict(list)
    for usage, want in asked:
        if usage.by:
            apart[usage.by].append(want)
    found: dict[tuple[Want, bool, tuple[str, ...]], Use] = {}
    for want, quantity in measure(connection, summed).items():
        found[want, False, ()] = quantity
    for want, amounts in transactions(connection, single).items():
        found[want, True, ()] = Transactions(amounts)
    for by, wants in apart.items():
        own = [want for want in wants if by == (want.rule.by,)]
        others = [want for want in wants if by != (want.rule.by,)]
        quantities = by_dimension(connection, own) | combinations(connection, others, by=by)
        for want, each in quantities.items():
            found[want, False, by] = Combinations(each)
    return found


def _key(contract: Contract) -> SubscriptionKey:
    return contract.account_id, contract.subscription_id


def _want(contract: Contract, usage: UsageKey) -> Want:
    return Want(
        contract.account_id,
        contract.subscription_id,
        usage.meter,
        usage.dimension,
        usage.period,
        contract.terms.meters[usage.meter].rule,
        contract.entity.time_zone,
    )
