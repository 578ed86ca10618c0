"""Finding a portal's columns."""
