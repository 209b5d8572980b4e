"""The demo: a small book, a year of use made by a seeded generator, and the account of what happened."""
