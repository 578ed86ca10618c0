"""Definitions of portals, and those that are shipped."""
