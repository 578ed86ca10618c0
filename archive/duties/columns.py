"""Columns as witnesses: which lists could name an agency's report, and since when all of them have been read whole.

Each column is judged by itself. An agency's duty rests on its own column, if it has one (a column that names its reports and nobody else's), with
those that name several agencies; else on all columns of the portal. So an empty column of one township says nothing of the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.index.duties import ColumnState

#: A column that names so many reports of one agency, and nobody else's, is the agency's own.
OWN_REPORTS = 2
_NEVER = ("", "")


@dataclass(frozen=True, slots=True)
class PortalLists:
    """The lists of one portal up to a date.

    Attributes:
        columns: Those of the last pass that nobody stopped.
        named: For each column, how many reports of each agency it names.
        lost: The last pass that read no list at all, and why; two empty texts if there was none.
    """

    columns: Sequence[ColumnState] = ()
    named: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    lost: tuple[str, str] = _NEVER

    @property
    def last_visit(self) -> str:
        """The last time that anybody read a list, or tried to."""
        times = [at for column in self.columns for at in (column.read_at, column.failed_at) if at is not None]
        return max((*times, self.lost[0]))

    def witnesses(self, agency: str) -> Sequence[ColumnState]:
        """The columns that could name an agency's report."""
        own = [column for column in self.columns if self._is_own(column.url, agency)]
        return [*own, *(column for column in self.columns if self._is_anybodys(column.url))] if own else self.columns

    def _is_own(self, column: str, agency: str) -> bool:
        named = self.named.get(column, {})
        return set(named) == {agency} and named[agency] >= OWN_REPORTS

    def _is_anybodys(self, column: str) -> bool:
        named = self.named.get(column, {})
        return len(named) > 1 or sum(named.values()) == 1

    def read_at(self, agency: str) -> str | None:
        """Since when all columns that could name an agency's report have been read whole; `None` if one never was."""
        times = [column.read_at for column in self.witnesses(agency)]
        return min(filter(None, times)) if times and all(times) else None

    def failed_at(self, agency: str) -> tuple[str, str]:
        """The last time that one of these columns was tried in vain, and why; two empty texts if none ever was."""
        failed = [(column.failed_at or "", column.why or "failed") for column in self.witnesses(agency)]
        return max((self.lost, *failed))
