"""What a pass asks for that does not walk a whole portal: some lists and some pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.warc.context import Entry


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A report's page, by the address that its list gives; `entry` is what the list says of it, if it isn't known from a visit."""

    url: str
    column: str | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class PassScope:
    """What to ask for.

    Attributes:
        columns: Columns to be read, each with the rows that it did not name when it was last read whole.
        pages: Pages to be visited.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pages: tuple[WantedPage, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is to be asked for."""
        return bool(self.columns or self.pages)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` is the inverse."""
        pages = [(one.url, one.column, one.entry and one.entry.to_json()) for one in self.pages]
        return {"columns": {column: list(rows) for column, rows in self.columns.items()}, "pages": pages}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PassScope:
        """The inverse of `to_json`."""
        pages = (
            WantedPage(url, column, Entry.from_json(entry) if entry else None) for url, column, entry in data["pages"]
        )
        return cls({column: tuple(rows) for column, rows in data["columns"].items()}, tuple(pages))
