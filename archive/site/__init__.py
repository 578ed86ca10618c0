"""The public site: a Datasette plugin, its pages, templates and messages."""
