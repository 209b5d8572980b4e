"""What it costs: tiers, packages, proration, indexation, taxes and late charges.  Pure."""
