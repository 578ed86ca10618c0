"""What the engine gives back."""

from __future__ import annotations

from dataclasses import dataclass

from extract.model import Figure


@dataclass(frozen=True, slots=True)
class TablesResult:
    """The figures of a document's official tables.

    `coverage` has an entry for each table that the document has: figures bound and figures expected. A table that is there
    but could not be read has 0 bound and a warning; a table that the document lacks has no entry.
    """

    figures: tuple[Figure, ...]
    coverage: dict[str, tuple[int, int]]
    form: str | None
    warnings: tuple[str, ...]
