"""Looking figures up by address, with the arithmetic of blanks.

A blank or a dash counts as 0 in arithmetic (contract, "Codes of the checks"); an unread or doubtful figure makes a sum unknown, so that a
reading doubt never becomes a finding about the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extract.forms import FORMS
from extract.model import Extraction, Figure, State

APPLICANTS = ("natural_person", "business", "research", "welfare", "legal_service", "other_org")
COLUMNS = (*APPLICANTS, "total")
OUTCOMES = ("upheld", "corrected", "other", "pending")
ROUTES = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
#: Rows of the applications table that are no disposition.
STOCK_ROWS = ("received", "carried_in", "disposed_total", "carried_out")
_ROWS = [
    {row.code for row in form.tables["applications"].rows} - set(STOCK_ROWS)
    for form in sorted(FORMS.values(), key=lambda form: form.first_year)
]
#: The dispositions of both forms, and （六）其他处理 in one row or in three.
_DISPOSITIONS = frozenset(_ROWS[0] & _ROWS[1])
_OTHERS = (frozenset(_ROWS[0] - _ROWS[1]), frozenset(_ROWS[1] - _ROWS[0]))


@dataclass(frozen=True, slots=True)
class FigureBook:
    """The figures of one report by address, and the rows of each table in the order read."""

    by_address: Mapping[str, Figure]
    rows_of: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, extraction: Extraction) -> FigureBook:
        """Index the figures of an extraction."""
        rows: dict[str, dict[str, None]] = {}
        for figure in extraction.figures:
            rows.setdefault(figure.table, {})[figure.row] = None
        return cls(
            {figure.address: figure for figure in extraction.figures},
            {table: tuple(found) for table, found in rows.items()},
        )

    def get(self, address: str) -> Figure | None:
        """The figure at an address, if the document has it."""
        return self.by_address.get(address)

    def amount(self, address: str) -> Decimal | None:
        """The figure's value with blanks as 0; `None` if it is absent, unread or doubtful."""
        figure = self.by_address.get(address)
        if figure is None or figure.state is State.UNREAD or not figure.is_reliable:
            return None
        return figure.value if figure.value is not None else Decimal(0)

    def is_filled(self, address: str) -> bool:
        """Whether the cell shows a number."""
        figure = self.by_address.get(address)
        return figure is not None and figure.value is not None

    def shown(self, address: str, gap: str = "") -> str:
        """The figure for a message: its number, with a gap in front, or 空白."""
        amount = self.amount(address)
        return f"{gap}{amount}" if amount is not None and self.is_filled(address) else "空白"

    def sum(self, addresses: Iterable[str]) -> Decimal | None:
        """The sum of the figures, `None` if one of them is unknown."""
        total = Decimal(0)
        for address in addresses:
            amount = self.amount(address)
            if amount is None:
                return None
            total += amount
        return total

    def rows(self, table: str) -> Sequence[str]:
        """Row codes of a table in the order read."""
        return self.rows_of.get(table, ())

    def disposition_rows(self, prefix: str = "") -> list[str]:
        """The rows of the applications table that add up to `disposed_total`, or those of one group.

        Empty if the report lacks one of them: a row that was not read, or that the document leaves out, makes the sum unknown.
        """
        rows = [row for row in self.rows("applications") if row not in STOCK_ROWS]
        others = _OTHERS[0] if _OTHERS[0] & set(rows) else _OTHERS[1]
        lacking = (_DISPOSITIONS | others) - set(rows)
        return [] if any(row.startswith(prefix) for row in lacking) else [row for row in rows if row.startswith(prefix)]

    def addends(self, address: str) -> tuple[str, ...]:
        """The figures that tell what stands at an address: itself, or the row's parts where its total is blank and they are filled."""
        table, row, column = address.rsplit(".", 2)
        if column == "total" and not self.is_filled(address) and address in self.by_address:
            parts = APPLICANTS if table == "applications" else OUTCOMES
            addresses = tuple(f"{table}.{row}.{part}" for part in parts)
            if any(self.is_filled(part) for part in addresses):
                return addresses
        return (address,)

    def measured(self, address: str) -> Decimal | None:
        """As `amount`, but a blank total of a row whose parts are filled is the sum of the parts."""
        return self.sum(self.addends(address))

    def measured_sum(self, addresses: Iterable[str]) -> Decimal | None:
        """The sum of `measured` figures, `None` if one is unknown."""
        return self.sum(part for address in addresses for part in self.addends(address))
