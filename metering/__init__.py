"""What was used: events, SMS segments, 24-hour conversations, seats, and their sums by day."""
