"""REST for the admin portal: thin, and the only package that knows HTTP."""
