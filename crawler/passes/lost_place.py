"""The columns of a pass: those that the definition names, and where they went if they moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.warc.context import Role
from crawler.http.hosts import host_key
from crawler.pages import classify
from crawler.passes.columns import read_column
from crawler.passes.listings import listing_digest
from crawler.passes.seeking import seek_columns
from crawler.passes.window import note_window
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.passes.columns import ColumnReading
    from crawler.passes.context import PassContext
    from crawler.passes.memory import PassMemory


@dataclass(slots=True)
class ColumnsRead:
    """What reading a portal's columns brought.

    Attributes:
        readings: One for each column.
        moved: A remark for each column that was read at a new place.
        not_found: Why a search found no column; empty if there was none, or it found one.
    """

    readings: list[ColumnReading] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    not_found: str = ""


class Columns:
    """Reads the columns of a portal.

    Args:
        memory: What earlier passes learnt of the lists.
        earlier: Columns that an earlier run read: for a portal without `start`, and for one whose columns have moved.
    """

    def __init__(self, context: PassContext, memory: PassMemory, earlier: Sequence[str]) -> None:
        self._context = context
        self._memory = memory
        self._earlier = tuple(earlier)

    async def read(self) -> ColumnsRead:
        """Read all of them. A column that is gone is sought, and what was found counts if it names what the lost one named."""
        context = self._context
        wanted = list(context.portal.start or self._earlier)
        readings = [await self._read_one(column) for column in wanted]
        lost = [reading for reading in readings if reading.verdict in (classify.GONE, classify.MOVED)]
        if readings and not lost:
            return ColumnsRead(readings)
        fresh, not_found = await self._seek(wanted)
        if context.portal.start:
            fresh = [reading for reading in fresh if self._takes_the_place(reading, lost)]
        return _with_moved(readings, lost, fresh, not_found)

    async def _seek(self, wanted: Sequence[str]) -> tuple[list[ColumnReading], str]:
        """Columns besides those wanted, and why a search found none.

        A definition goes on naming a column that moved: what an earlier pass found in its place comes first.
        """
        context, not_found = self._context, ""
        others = [column for column in self._earlier if column not in wanted]
        fresh = [await self._read_one(column) for column in others]
        if not any(reading.complete for reading in fresh):
            found, not_found = await seek_columns(context.portal, context.session, context.visitor, context.pause)
            fresh += [await self._read_one(column) for column in found if column not in (*wanted, *others)]
        return fresh, not_found

    async def read_some(self, columns: Iterable[str]) -> list[ColumnReading]:
        """Read these columns; one that is gone is not sought."""
        return [await self._read_one(column) for column in columns]

    def all(self) -> list[str]:
        """The portal's columns: those that its last whole pass read, and those that the definition names besides and that are not known as gone."""
        found = dict.fromkeys(self._earlier)
        for column in self._context.portal.start:
            known = self._context.session.known.get(column)
            if known is None or known.verdict not in (classify.GONE, classify.MOVED):
                found.setdefault(column)
        return list(found)

    def is_same(self, reading: ColumnReading) -> bool:
        """Whether a list names what it named when it was last read to its end."""
        return reading.complete and self._memory.listings.get(reading.url) == listing_digest(reading.entries)

    def _takes_the_place(self, reading: ColumnReading, lost: Sequence[ColumnReading]) -> bool:
        """Whether a column that was found names at least half of the reports that lost ones named: else it is another list."""
        columns = {one.url for one in lost}
        before = {
            known.entry.title
            for known in self._context.session.known
            if known.role is Role.REPORT and known.is_listed and known.column in columns and known.entry is not None
        }
        return reading.complete and 2 * len(before & {entry.title for entry in reading.entries}) >= len(before)

    async def _read_one(self, column: str) -> ColumnReading:
        context = self._context
        context.pause()
        recorder = context.session.recorder
        is_same = False
        if recorder is not None and column in self._memory.listings:
            recorder.hold_lists()
        try:
            reading = await read_column(
                column,
                context.portal,
                context.session,
                context.visitor,
                stored=context.stored,
                pause=context.pause,
                guesses=self._memory.guesses.get(host_key(column)),
            )
            note_window(reading, context.session.known, self._memory.windows)
            is_same = self.is_same(reading)
        finally:
            if recorder is not None:
                recorder.release_lists(is_same=is_same)
        context.tally.verdicts.update(reading.verdicts)
        return reading


def _with_moved(
    readings: list[ColumnReading], lost: list[ColumnReading], fresh: list[ColumnReading], not_found: str
) -> ColumnsRead:
    """What moved is read at its new address; its old one is no news any more."""
    if not fresh:
        return ColumnsRead(readings, not_found=not_found)
    kept = [reading for reading in readings if reading not in lost]
    places = ", ".join(reading.url for reading in fresh)
    moved = [localizable(f"the column {reading.url} is gone, {places} was read in its place") for reading in lost]
    return ColumnsRead(kept + fresh, moved, not_found)
