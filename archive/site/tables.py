"""The public tables as the page of tables lists them."""

from __future__ import annotations

from typing import Any

from archive.site.metadata import PUBLIC_TABLES
from archive.site.view import database

#: A table that takes longer to count is listed without its number.
COUNT_MS = 100


async def described_tables(datasette: Any) -> list[dict[str, Any]]:
    """Name, columns and number of rows (`None` where counting takes too long) of each public table."""
    found = database(datasette)
    counts = await found.table_counts(COUNT_MS)
    return [
        {"name": name, "columns": await found.table_columns(name), "count": counts.get(name)} for name in PUBLIC_TABLES
    ]
