"""Rows of metering: events once for ever, what they come to by day, and what could not be counted.

No text of a message is stored, only its segments, its direction and its contact.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Uuid,
    text,
)

import contracts.tables as _agreed  # noqa: F401  # a meter's rows point to its subscription
from db.metadata import (
    ACCOUNT_SCOPE,
    REFERENCE_SCOPE,
    account_key,
    amount_column,
    day_column,
    instant_column,
    json_column,
    metadata,
    one_of,
    text_column,
    uuid_column,
)
from metering.sources import Identity


def _of_meter() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["account_id", "subscription_id", "meter"],
        ["usage_counted.account_id", "usage_counted.subscription_id", "usage_counted.meter"],
    )


#: Each meter of a subscription that was ever used, and the first day that no run has billed (null: none has).
#: Its row is what writers of conversations and seats lock, so that each sees the other's events.
usage_counted = Table(
    "usage_counted",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("meter", key=True),
    day_column("through", null=True),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    info=ACCOUNT_SCOPE,
)

#: What the events of a source are known by, from its first on; of a source that counts its own, the last one.
usage_sources = Table(
    "usage_sources",
    metadata,
    account_key(),
    text_column("source", key=True),
    text_column("identity"),
    Column("last_number", BigInteger, nullable=False, server_default="0"),
    one_of("identity", Identity),
    CheckConstraint("last_number >= 0", name="counts_up"),
    CheckConstraint("last_number = 0 OR identity = 'sequence'", name="numbered"),
    info=ACCOUNT_SCOPE,
)

#: What makes an event count once, for ever: a key is never taken away, whatever becomes of its event.  It is
#: computed from the account too, and leads its own index so that keys with a time meet in few pages
#: (docs/decisions/0012).
event_keys = Table(
    "event_keys",
    metadata,
    uuid_column("event_key", key=True),
    account_key(),
    uuid_column("digest"),
    instant_column("occurred_at"),
    info={**ACCOUNT_SCOPE, "key_computed_from_account": True},
)

#: Events by the month of their instant (UTC), each month a partition that can be taken away as a whole.  Rows
#: lie in the order in which they came, which is nearly that of time: a block range index finds an instant.
#: ``ordered`` events are read again by their time.  What was counted is remembered by ``event_keys``.
#: No foreign key (it is checked event by event): the subscription is read under lock in the same transaction.
usage_events = Table(
    "usage_events",
    metadata,
    Column("account_id", Uuid, nullable=False),
    text_column("source"),
    text_column("event_id"),
    uuid_column("subscription_id"),
    text_column("meter"),
    instant_column("occurred_at"),
    day_column("day"),
    text_column("dimension"),
    Column("quantity", Numeric, nullable=True),
    Column("ordered", Boolean, nullable=False),
    text_column("direction"),
    text_column("contact"),
    json_column("dimensions"),
    text_column("corrects"),
    instant_column("received_at"),
    CheckConstraint("event_id <> ''", name="has_id"),
    CheckConstraint("quantity >= 0 OR corrects <> ''", name="quantity_not_negative"),
    CheckConstraint("corrects = '' OR NOT ordered", name="corrects_a_sum"),
    CheckConstraint("direction IN ('', 'inbound', 'outbound')", name="direction_known"),
    CheckConstraint(
        "quantity IS NOT NULL OR (ordered AND direction <> '' AND contact <> '')", name="counts_for_something"
    ),
    Index("ix_usage_events_instant", "occurred_at", postgresql_using="brin"),
    Index(
        "ix_usage_events_ordered",
        "account_id",
        "subscription_id",
        "meter",
        "contact",
        "occurred_at",
        postgresql_where=text("ordered"),
    ),
    Index(
        "ix_usage_events_corrects",
        "account_id",
        "source",
        "corrects",
        postgresql_where=text("corrects <> ''"),
    ),
    info=ACCOUNT_SCOPE,
    postgresql_partition_by="RANGE (occurred_at)",
)

conversations = Table(
    "conversations",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("meter", key=True),
    text_column("contact", key=True),
    instant_column("opened_at", key=True),
    instant_column("last_at"),
    Column("messages", Integer, nullable=False),
    day_column("day"),
    text_column("dimension"),
    _of_meter(),
    CheckConstraint("messages > 0", name="not_empty"),
    CheckConstraint("last_at >= opened_at", name="runs_forward"),
    info=ACCOUNT_SCOPE,
)

#: ``quantity`` adds up over days, or is the greatest of its day, or how many values the day saw, as the meter
#: says.  Where ``closing`` says the level at the end of the day, it is the highest level of the day, and
#: ``level_seconds`` the sum of each level by the time for which it held.
usage_daily = Table(
    "usage_daily",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("meter", key=True),
    Column("day", Date, primary_key=True),
    text_column("dimension", key=True),
    amount_column("quantity"),
    Column("closing", Numeric, nullable=True),
    Column("level_seconds", Numeric, nullable=True),
    _of_meter(),
    CheckConstraint("quantity >= 0", name="quantity_not_negative"),
    CheckConstraint("closing BETWEEN 0 AND quantity", name="closing_within"),
    CheckConstraint("level_seconds IS NULL OR closing IS NOT NULL", name="levels_only"),
    Index(
        "ix_usage_daily_levels",
        "account_id",
        "subscription_id",
        "meter",
        "dimension",
        "day",
        postgresql_where=text("closing IS NOT NULL"),
    ),
    info=ACCOUNT_SCOPE,
)

#: The different values that each day saw of a meter that counts them once: contacts, mostly.
usage_values = Table(
    "usage_values",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("meter", key=True),
    day_column("day", key=True),
    text_column("dimension", key=True),
    text_column("value", key=True),
    _of_meter(),
    CheckConstraint("value <> ''", name="says_something"),
    info=ACCOUNT_SCOPE,
)

#: Days that changed after a run had billed them; the next run bills the difference.
late_usage = Table(
    "late_usage",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("meter", key=True),
    day_column("day", key=True),
    instant_column("noticed_at"),
    _of_meter(),
    info=ACCOUNT_SCOPE,
)

#: What came as an event and could not be counted, until the same event is accepted.  The account is the nil
#: id where none can be read.  The digest keeps a batch that is sent again from being listed twice.  What is
#: ``whole`` can be tried again; what was discarded stays, with who did it and why.
quarantine = Table(
    "quarantine",
    metadata,
    account_key(),
    Column("digest", LargeBinary, primary_key=True),
    text_column("source"),
    text_column("event_id"),
    text_column("raw"),
    text_column("code"),
    text_column("message"),
    text_column("field"),
    text_column("value"),
    text_column("expected"),
    text_column("place"),
    text_column("batch"),
    instant_column("received_at"),
    Column("whole", Boolean, nullable=False),
    instant_column("discarded_at", null=True),
    text_column("discarded_by"),
    text_column("discarded_why"),
    Index("ix_quarantine_event", "account_id", "source", "event_id"),
    CheckConstraint(
        "(discarded_at IS NULL) = (discarded_by = '') AND (discarded_by = '') = (discarded_why = '')",
        name="discarded_by_somebody",
    ),
    CheckConstraint("octet_length(digest) = 16", name="digest_length"),
    info=ACCOUNT_SCOPE,
)

imported_files = Table(
    "imported_files",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    text_column("name"),
    Column("bytes", BigInteger, nullable=False),
    Column("events_read", BigInteger, nullable=False),
    Column("events_quarantined", BigInteger, nullable=False),
    instant_column("finished_at"),
    CheckConstraint("octet_length(digest) = 32", name="digest_length"),
    info=REFERENCE_SCOPE,
)

#: The row of a limit on which writers meet, one for each time over which it counts (a day, a period, for
#: good), and the last threshold of which word was sent, in percent of the limit as it was then; 0 is none.
#: ``counted`` is how many different values there are, of a meter that counts them once.
#: No foreign key, here and below: the subscription is read under lock in the same transaction.
limit_spans = Table(
    "limit_spans",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("meter", key=True),
    text_column("code", key=True),
    day_column("starts_on", key=True),
    amount_column("limit_quantity"),
    Column("told_percent", Integer, nullable=False),
    instant_column("told_at", null=True),
    Column("counted", Numeric, nullable=True),
    CheckConstraint("code <> ''", name="of_a_rule"),
    CheckConstraint("told_percent >= 0", name="told_not_negative"),
    CheckConstraint("(told_percent = 0) = (told_at IS NULL)", name="told_at_an_instant"),
    info=ACCOUNT_SCOPE,
)

#: The different values that each limit has seen over the time that it counts: contacts of a plan, mostly.
limit_values = Table(
    "limit_values",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("meter", key=True),
    text_column("code", key=True),
    day_column("starts_on", key=True),
    text_column("value", key=True),
    info=ACCOUNT_SCOPE,
)

#: The months whose events lie in files: each file is a part of its month, known by the digest of its rows.
archived_months = Table(
    "archived_months",
    metadata,
    day_column("month", key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    text_column("file_name"),
    Column("events", BigInteger, nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    instant_column("archived_at"),
    text_column("archived_by"),
    CheckConstraint("EXTRACT(day FROM month) = 1", name="month_by_first_day"),
    CheckConstraint("part > 0", name="part_counts_from_one"),
    CheckConstraint("events > 0", name="not_empty"),
    CheckConstraint("octet_length(digest) = 32", name="digest_length"),
    info=REFERENCE_SCOPE,
)
