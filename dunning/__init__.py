"""What happens when it is not paid: reminders, notices, suspension, termination, deletion, restoration."""
