"""Captures, history, index and publication. May import `extract`, never `crawler`."""
