"""Invoices: what is due is drafted, numbered, frozen, posted, drawn and explained."""
