"""The public tables as the page of tables lists them."""

from __future__ import annotations

from typing import Any

from archive.site.metadata import DATABASE, PUBLIC_TABLES

#: Tables that can be fetched whole.
TABLES = (*PUBLIC_TABLES, "report_text")
#: A table that takes longer to count is listed without its number.
COUNT_MS = 100


async def described_tables(datasette: Any) -> list[dict[str, object]]:
    """Name, columns and number of rows (`None` where counting takes too long) of each public table."""
    found = datasette.get_database(DATABASE)
    counts = await found.table_counts(COUNT_MS)
    return [
        {"name": name, "columns": await found.table_columns(name), "count": counts.get(name)} for name in PUBLIC_TABLES
    ]
