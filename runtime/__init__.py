"""Settings, wiring, the command line, deliveries and the demo."""
