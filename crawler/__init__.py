"""Portals, politeness and the program `ogi`. May import `archive` and `extract`."""
