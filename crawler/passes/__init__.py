"""One pass over one portal."""
