"""What is owed: the open-item journal, aging, roll-forward, exports."""
