"""Functions of the site in SQL: search as the archive indexes it."""

from __future__ import annotations

from typing import Any

from archive.index.search import highlight, match_query, snippet

#: Longer words to look for are cut, and of longer texts only the beginning is looked through: SQLite can't interrupt a function while it runs.
QUERY_LENGTH, TEXT_LENGTH = 500, 200_000


def _match(query: str | None) -> str:
    return match_query(str(query or "")[:QUERY_LENGTH])


def _snippet(text: str | None, query: str | None, width: int = 80) -> str:
    return snippet(str(text or "")[:TEXT_LENGTH], str(query or "")[:QUERY_LENGTH], max(1, min(int(width), 5000)))


def _highlight(text: str | None, query: str | None) -> str:
    return highlight(str(text or "")[:TEXT_LENGTH], str(query or "")[:QUERY_LENGTH])


def add_functions(connection: Any) -> None:
    """Put `zh_match`, `zh_snippet`, `zh_highlight` on a connection, and the bigram query in place of Datasette's `escape_fts`."""
    connection.create_function("escape_fts", 1, _match)
    connection.create_function("zh_match", 1, _match, deterministic=True)
    connection.create_function("zh_snippet", 2, _snippet, deterministic=True)
    connection.create_function("zh_snippet", 3, _snippet, deterministic=True)
    connection.create_function("zh_highlight", 2, _highlight, deterministic=True)
