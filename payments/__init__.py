"""What was paid: receipts, their allocation to open items, collection through a gateway."""
