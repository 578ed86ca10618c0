"""Amounts in yuan: by the unit in the cell, above the column or above the table; without one, only where no other unit is in proportion.

What is printed without a unit is not yuan because the form of 2019 names none: offices print 万元 and yuan alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extract.forms import FORMS, Column
from extract.lexicon.numbers import amount_factor
from extract.messages import localizable
from extract.tables.binding import Placement, Scale, Warnings
from extract.tables.place import number
from extract.tables.tokens import Token

_TABLE = "disclosure"
_YUAN, _TEN_THOUSAND = Decimal(1), Decimal(10**4)
#: More yuan than any organ reports. Fees: all 行政事业性收费 of the largest provinces together are some 3e10 a year (finance yearbooks), a
#: city's a tenth of that. Purchases: those of the largest provinces with all their cities are a few 1e11.
_MOST = {"fees": Decimal(10**10), "procurement": Decimal(10**11)}
#: Yuan that one purchase costs on the average: at least, and at most.
_LEAST_EACH, _MOST_EACH = Decimal(100), Decimal(10**9)
_UNIT_DOUBT, _UNIT_SURE = 0.7, 0.95


@dataclass(frozen=True, slots=True)
class _Amount:
    """A printed amount with what its surroundings say of it; `each` is the number of purchases, 0 if it isn't known."""

    row: str
    value: Decimal
    each: Decimal

    def exceeds(self, factor: Decimal) -> bool:
        """Whether the amount is out of all proportion in this unit."""
        return abs(self.value) * factor >= _MOST.get(self.row, Decimal("Infinity"))

    @property
    def is_plainly_yuan(self) -> bool:
        """Whether yuan is in proportion and 万元 is not."""
        if self.exceeds(_YUAN) or not self.each or self.value < _LEAST_EACH * self.each:
            return False
        return self.exceeds(_TEN_THOUSAND) or self.value * _TEN_THOUSAND > _MOST_EACH * self.each


def amounts(warnings: Warnings, *, large_unit: bool) -> Scale:
    """How the cells of the disclosure table become counts, and yuan.

    Args:
        warnings: Where a doubt is recorded.
        large_unit: Some text says that amounts are in 万元 or the like, without being the header of a column.
    """

    def scaled(
        placement: Placement, column: str, cell: Token, value: Decimal, confidence: float
    ) -> tuple[Decimal, float]:
        code = placement.entry.code
        spec = _column(code, column)
        own = cell.printed.amount_factor if cell.printed is not None else None
        if spec is None or spec.unit != "amount":
            if own is not None and own != 1:
                warnings.add(f"{code}.{column}: {cell.text!r} has a unit of money")
                confidence = min(confidence, _UNIT_DOUBT)
            return value, confidence
        factor, ceiling, doubt = _unit(placement, column, own, _Amount(code, value, _each(placement)), large_unit)
        if doubt:
            warnings.add(f"{code}.{column}: {cell.text!r} {doubt}")
        return value * factor, min(confidence, ceiling)

    return scaled


def _unit(
    placement: Placement, column: str, own: Decimal | None, amount: _Amount, large_unit: bool
) -> tuple[Decimal, float, str]:
    """Yuan for one unit of an amount, how sure that is, and what puts it in doubt."""
    entry = placement.entry
    around = dict(entry.header.factors).get(column) if entry.header is not None else None
    if around is None:
        around = entry.factor
    if own is not None:
        return own, 1.0, ""  # number and unit stand together, whatever the column says
    if around is not None:
        doubt = _doubt_of_unit(around, amount, entry.label)
        return around, _UNIT_DOUBT if doubt else 1.0, doubt
    if not amount.value:
        return _YUAN, 1.0, ""
    if amount.is_plainly_yuan and not large_unit:
        return _YUAN, _UNIT_SURE, ""
    return _YUAN, _UNIT_DOUBT, localizable("has no unit; it was taken as yuan")


def _doubt_of_unit(around: Decimal, amount: _Amount, label: Token) -> str:
    """What puts the unit above an amount in doubt."""
    if (amount_factor(label.text) or around) != around:
        return localizable("has one unit above it and another one beside it")
    return localizable("is out of all proportion in the unit above it") if amount.exceeds(around) else ""


def _each(placement: Placement) -> Decimal:
    """The number of purchases that the row prints beside the amount."""
    return number(dict(placement.by_column()).get("projects"))


def _column(row: str, column: str) -> Column | None:
    """The column as the form defines it that prints it for this row."""
    for form in FORMS.values():
        spec = form.tables[_TABLE].rows_by_code.get(row)
        if spec is not None and column in spec.columns:
            return form.tables[_TABLE].columns_by_code[column]
    return None
