"""What was agreed: parties, plans, charges, terms and their clauses, subscriptions, price indices."""
