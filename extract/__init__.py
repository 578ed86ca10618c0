"""Documents in, typed report figures out. Imports nothing of `archive` or `crawler`."""
