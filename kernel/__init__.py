"""What everything is made of: money, rates, periods, calendars, clock, ids, errors.  Pure."""
