"""The site's pages: one module a kind of page, each with `ROUTES`, a tuple of (regular expression, view)."""
