"""The columns that the headers above a row name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from extract.forms import FORMS
from extract.lexicon.numbers import money_header_factor
from extract.tables.tokens import Token

APPLICANTS = tuple(column.code for column in FORMS["2021"].tables["applications"].columns)
NATURAL_PERSON, TOTAL = APPLICANTS[0], APPLICANTS[-1]
#: Columns that hold money.
_MONEY = frozenset(
    column.code
    for form in FORMS.values()
    for table in form.tables.values()
    for column in table.columns
    if column.unit == "amount"
)
#: A column that the form doesn't have: a sum over some applicants (小计).
SUBTOTAL = "subtotal"


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The columns that a header names, in order; `defect` says why they can't be relied on.

    `spare` counts the blank cells behind the headers: an empty column that the rows have too.
    """

    columns: tuple[str, ...]
    defect: str = ""
    factors: tuple[tuple[str, Decimal], ...] = ()
    positions: tuple[int, ...] = ()
    end: int = 0
    source: int = -1
    spare: int = 0


@dataclass(frozen=True, slots=True)
class HeaderToken:
    """A column header with the record that it stands in."""

    column: str
    token: Token
    position: int
    end: int
    source: int
    spare: int


def applicant_header(tokens: Sequence[HeaderToken], unknown: int) -> TableHeader:
    """The order of the applicants' columns from a header of one to three rows.

    The five organisations stand in a row of their own below 法人或其他组织, so natural persons and the total are ordered by
    the row in which they stand together with another column.
    """
    columns: list[str] = []
    positions: dict[str, int] = {}
    for head in tokens:
        if head.column == SUBTOTAL or head.column not in positions:
            columns.append(head.column)
            positions.setdefault(head.column, head.position)
    named = [column for column in columns if column != SUBTOTAL]
    organisations = [column for column in columns if column not in (NATURAL_PERSON, TOTAL)]
    ordered = [NATURAL_PERSON, *organisations, TOTAL]
    defect = ""
    if unknown:
        defect = "a column header was not understood"
    elif set(named) != set(APPLICANTS):
        missing = [column for column in APPLICANTS if column not in named]
        defect = f"no column header for {', '.join(missing)}"
    elif columns.count(SUBTOTAL) > 1:
        defect = "more than one subtotal"
    else:
        official = [column for column in APPLICANTS if column in organisations]
        if [c for c in organisations if c != SUBTOTAL] != official and len({positions[c] for c in official}) > 1:
            defect = "the headers of the organisations stand in more than one row"
        together = positions[NATURAL_PERSON] == positions[TOTAL]
        one_row = together and all(positions[column] == positions[NATURAL_PERSON] for column in organisations)
        if one_row and columns.index(TOTAL) < columns.index(organisations[0]) and columns[0] == NATURAL_PERSON:
            one_row = False  # a header of three rows that was flattened
        if one_row:
            ordered = columns
        elif together and columns.index(TOTAL) < columns.index(NATURAL_PERSON):
            defect = "the total stands before the natural persons"
    ends = {head.end for head in tokens}
    places: list[int] = []
    if not defect and len(ends) == 1 and len(tokens) == len(columns):
        by_column = {head.column: head.token.column for head in tokens}
        places = [by_column[column] for column in ordered]
        if sorted(set(places)) != places:
            places = []
    return TableHeader(tuple(ordered), defect, (), tuple(places), tokens[-1].end, tokens[-1].source)


def block_header(tokens: Sequence[HeaderToken], unknown: int) -> TableHeader:
    """The columns of a block of the disclosure table, with the units of money that the headers print."""
    columns = [head.column for head in tokens]
    units = [(head.column, *money_header_factor(head.token.text)) for head in tokens if head.column in _MONEY]
    factors = [(column, factor) for column, factor, _ in units if factor is not None]
    defect = ""
    if unknown:
        defect = "a column header was not understood"
    elif tokens[0].token.column >= 0 and len({head.position for head in tokens}) > 1:
        defect = "the column headers stand in more than one row"
    elif len(set(columns)) != len(columns):
        half = columns[: len(columns) // 2]
        if half * 2 == columns:
            columns = half
        else:
            defect = "a column header stands twice"
    if not all(clear for _, _, clear in units):
        defect = defect or "the unit of the amounts is not clear"
    last = tokens[-1]
    positions = tuple(head.token.column for head in tokens[: len(columns)])
    return TableHeader(tuple(columns), defect, tuple(factors), positions, last.end, last.source, last.spare)
