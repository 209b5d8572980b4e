"""PostgreSQL: embedded server, engine, unit of work, column types, outbox, idempotency keys, API keys."""
