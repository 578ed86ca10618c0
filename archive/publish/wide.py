"""The wide table of a release: a row a report, a column a figure of the official forms, with the names of the figures that are in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.index.released import ReleasedReport

#: What the rows begin with: members of `ReleasedReport`, with the type and meaning of the column.
ABOUT: tuple[tuple[str, str, str], ...] = (
    ("report", "string", "Report"),
    ("agency_id", "string", "Agency"),
    ("agency", "string", "The agency's name"),
    ("kind", "string", "Kind of agency"),
    ("region", "string", "GB/T 2260 code"),
    ("province", "string", "First two digits of the code; 00 where the region is not known"),
    ("year", "year", "Report year"),
    ("form", "string", "Official layout; empty for free-form reports"),
    ("scope", "string", "Whose figures: own office, department, whole area; never add different ones"),
    ("version", "integer", "Number of the current version; 0: seen, not read"),
    ("published_on", "date", "Printed publication date"),
    ("status", "string", "present, suspect or vanished"),
)
#: What they end with: figures (`table.row.column`) and checks, separated by blanks.
DOUBTS: tuple[tuple[str, str, str], ...] = (
    ("unsure", "string", "Figures read with a confidence below 0.9"),
    ("disputed", "string", "Figures that a finding of severity error names"),
    ("findings", "string", "Codes of the checks that speak against a figure, errors and warnings"),
)


def addresses() -> tuple[tuple[str, str, str], ...]:
    """The figures of both forms, each once: table, row, column. The same in every release, whatever the reports hold."""
    found = {
        (table.code, row.code, column): None
        for form in FORMS.values()
        for table in form.tables.values()
        for row in table.rows
        for column in row.columns
    }
    return tuple(found)


def column_name(address: Sequence[str]) -> str:
    """The column of a figure: `applications_received_total`."""
    return "_".join(address)


class WideRows:
    """Makes wide rows of the long ones of `figure_rows`."""

    def __init__(self) -> None:
        self.addresses = addresses()
        self._places = {address: place for place, address in enumerate(self.addresses)}

    def row(self, about: ReleasedReport, figures: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
        """The row of a report, of its figures in the order of `FIGURE_COLUMNS`."""
        values: list[Any] = [None] * len(self.addresses)
        unsure: list[str] = []
        disputed: list[str] = []
        findings: set[str] = set()
        for figure in figures:
            address = (figure[4], figure[5], figure[6])
            place = self._places.get(address)
            if place is None:
                continue
            values[place] = figure[7]
            if figure[15]:
                unsure.append(".".join(address))
            if figure[16]:
                disputed.append(".".join(address))
            findings.update((figure[17] or "").split())
        begin = (getattr(about, name) for name, _, _ in ABOUT)
        return (*begin, *values, " ".join(unsure), " ".join(disputed), " ".join(sorted(findings)))
