"""Values in the JSON that list services send: texts that mean nothing, and times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from archive.clock import SHANGHAI
from crawler.lists.row_dates import iso_date
from crawler.pages import markup
from extract.document.clean import without_tags
from extract.document.numerals import is_whole


def text_value(value: Any) -> str:
    """A text without tags; `null`, `undefined` and other types than text and number are empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    cleaned = markup.collapse(without_tags(str(value), "", named=True))
    return "" if cleaned.lower() in ("null", "undefined", "none") else cleaned


def day_of_text(value: Any) -> str | None:
    """The ISO date at the beginning of a wall-clock text (UTC+8)."""
    return iso_date(text_value(value)[:24])


def day_of_epoch(value: Any) -> str | None:
    """The date in UTC+8 of an epoch in seconds or milliseconds, `None` for 0 and nonsense."""
    if isinstance(value, str) and is_whole(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 20_000_000_000_000:
        return None
    seconds = value / 1000 if value > 20_000_000_000 else value
    return datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI).date().isoformat()


def whole_number(value: Any) -> int | None:
    """A count that may come as a number or as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and is_whole(value.strip()) else None
