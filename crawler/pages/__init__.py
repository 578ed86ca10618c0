"""One answer of a portal: its markup, its verdict."""
