"""Pages that say what is not there, and what to do."""

from __future__ import annotations

from typing import Any

from archive.site.view import render


async def not_found(datasette: Any, request: Any) -> Any:
    """A 404 page in the site's own words."""
    return await render(datasette, request, "not_found.html", {}, status=404)
