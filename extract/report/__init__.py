"""Whose report, which year, which sections, which text counts."""
