"""The columns that the headers above a row name.

The order of the columns is that of the headers as they stand, never that of the form: in a grid by the positions of their cells, in text by
the rows in which they stand. Where text leaves two orders open, the sums of the rows below decide (`extract.tables.order`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extract.forms import FORMS
from extract.lexicon.numbers import money_header_factor
from extract.messages import localizable
from extract.tables.labels import says_more
from extract.tables.tokens import Token

APPLICANTS = tuple(column.code for column in FORMS["2021"].tables["applications"].columns)
NATURAL_PERSON, TOTAL = APPLICANTS[0], APPLICANTS[-1]
_ORGANISATIONS = APPLICANTS[1:-1]
#: Columns that hold money.
_MONEY = frozenset(
    column.code
    for form in FORMS.values()
    for table in form.tables.values()
    for column in table.columns
    if column.unit == "amount"
)
#: What the header of money may print as its unit, and that of a count may not.
_LARGE = frozenset({"万", "亿"})
#: Columns that the form doesn't have: a sum over some applicants (小计), and a note beside the figures (备注).
SUBTOTAL, REMARK = "subtotal", "remark"
BESIDE = frozenset({SUBTOTAL, REMARK})
#: What a header row shows and what is no column: the group above the organisations, and a text that isn't known.
GROUP, UNKNOWN = "group", "unknown"


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The columns that a header names, in order; `defect` says why they can't be relied on.

    Attributes:
        positions: Where each column stands, if the carrier shows it for certain.
        spare: How many blank cells stand behind the headers: an empty column that the rows have too.
        others: Other orders that the text leaves open.
    """

    columns: tuple[str, ...]
    defect: str = ""
    factors: tuple[tuple[str, Decimal], ...] = ()
    positions: tuple[int, ...] = ()
    end: int = 0
    source: int = -1
    spare: int = 0
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def is_usual(self) -> bool:
        """Whether the columns stand in the order of the form."""
        return tuple(column for column in self.columns if column not in BESIDE) == APPLICANTS


@dataclass(frozen=True, slots=True)
class HeaderToken:
    """A text of a header with the record that it stands in; `spare` counts the blank cells behind it."""

    column: str
    token: Token
    position: int
    end: int
    source: int
    spare: int
    in_grid: bool = False


# ---- the seven columns of applicants ---------------------------------------------------------------------------------------


def applicant_header(tokens: Sequence[HeaderToken]) -> TableHeader:
    """The order of the applicants' columns from a header of one to three rows."""
    heads = _once_each(tokens)
    last = tokens[-1]
    defect = _missing(heads) or _says_more(heads)
    by_place = [] if defect else _by_place(heads)
    if by_place:
        columns = tuple(head.column for head in by_place)
        positions = tuple(head.token.column for head in by_place)
        return TableHeader(columns, "", (), positions, last.end, last.source)
    if any(head.column == UNKNOWN for head in heads):
        defect = localizable("a column header was not understood")
    first, *others = _orders(heads)
    if not defect and _are_scattered(heads):
        defect = localizable("the headers of the organisations stand in more than one row")
    return TableHeader(first, defect, (), (), last.end, last.source, 0, tuple(others))


def _once_each(tokens: Sequence[HeaderToken]) -> list[HeaderToken]:
    """The texts without repetitions; a subtotal and what isn't known may stand more than once."""
    heads: list[HeaderToken] = []
    seen: set[str] = set()
    for head in tokens:
        if head.column in (SUBTOTAL, UNKNOWN) or head.column not in seen:
            heads.append(head)
            seen.add(head.column)
    return heads


def _missing(heads: Sequence[HeaderToken]) -> str:
    named = [head.column for head in heads]
    missing = [column for column in APPLICANTS if column not in named]
    if missing:
        unknown = localizable("a column header was not understood") if UNKNOWN in named else ""
        return unknown or localizable(f"no column header for {', '.join(missing)}")
    return localizable("more than one subtotal") if named.count(SUBTOTAL) > 1 else ""


def _by_place(heads: Sequence[HeaderToken]) -> list[HeaderToken]:
    """The headers from left to right, where the carrier shows for certain in which columns they stand; else none.

    The organisations stand side by side, in one row with all others or right below the cell that names their group. Cells
    that were merged and whose spans were lost break that. A text that isn't known heads a column of its own, beside them.
    """
    columns = _beside_unknown(heads)
    places = [head.token.column for head in columns]
    is_shown = all(head.in_grid for head in heads) or len({head.end for head in heads}) == 1
    if not is_shown or min(places) < 0 or len(set(places)) < len(places) or len({head.source for head in heads}) > 1:
        return []
    if len({head.position for head in columns}) > 1 and not _are_below_group(heads):
        return []
    return sorted(columns, key=lambda head: head.token.column)


def _beside_unknown(heads: Sequence[HeaderToken]) -> list[HeaderToken]:
    """The heads of columns; a text that isn't known heads a column beside the figures, unless it stands above another head."""
    known = [head for head in heads if head.column not in (GROUP, UNKNOWN)]
    places = {head.token.column for head in known}
    unknown = [head for head in heads if head.column == UNKNOWN and head.token.column not in places]
    return [*known, *(replace(head, column=REMARK) for head in unknown)]


def _are_below_group(heads: Sequence[HeaderToken]) -> bool:
    """Whether the organisations stand side by side in one row, the first of them below the cell of their group."""
    below = [head for head in heads if head.column in _ORGANISATIONS or head.column == SUBTOTAL]
    group = next((head for head in heads if head.column == GROUP), None)
    if group is None or len({head.position for head in below}) > 1 or group.position >= below[0].position:
        return False
    first, last = min(head.token.column for head in below), max(head.token.column for head in below)
    between = [head for head in heads if head.column != GROUP and head not in below]
    return group.token.column == first and not any(first <= head.token.column <= last for head in between)


def _orders(heads: Sequence[HeaderToken]) -> list[tuple[str, ...]]:
    """The orders that a header in text may mean, the likeliest first.

    In a header of several rows the organisations stand where the cell of their group does. A total that is printed before
    the natural persons may stand first or be the last cell of the row above; so may a column beside the figures.
    """
    names = [head.column for head in heads if head.column != UNKNOWN]
    orders = _figure_orders(heads, names)
    if REMARK in names:
        orders = _with_remark(orders, is_last=names[-1] == REMARK)
    return list(dict.fromkeys(orders))


def _figure_orders(heads: Sequence[HeaderToken], names: list[str]) -> list[tuple[str, ...]]:
    """The orders that the columns of figures may have, without a column of remarks."""
    below = tuple(name for name in names if name in _ORGANISATIONS or name == SUBTOTAL)
    official = (NATURAL_PERSON, *below, TOTAL)
    if len({NATURAL_PERSON, TOTAL} & set(names)) < 2:
        return [official]
    if GROUP in names:
        in_place = _organisations_in_place(names, below)
        return [in_place, official] if _is_apart(heads) else [in_place]
    literal = tuple(name for name in names if name != REMARK)
    if _is_one_row(heads) and literal[:2] != (NATURAL_PERSON, TOTAL):
        return [literal]
    return [official, literal]


def _organisations_in_place(names: list[str], below: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of the upper row, with those of the organisations in the place of their group's first cell."""
    top = [name if name != GROUP else "" for name in names if name in (NATURAL_PERSON, TOTAL, GROUP)]
    at = top.index("")
    return (*top[:at], *below, *top[at + 1 :])


def _is_one_row(heads: Sequence[HeaderToken]) -> bool:
    """Whether the headers of the columns of figures stand in one row."""
    return len({head.position for head in heads if head.column not in (GROUP, REMARK)}) == 1


def _with_remark(orders: list[tuple[str, ...]], *, is_last: bool) -> list[tuple[str, ...]]:
    """The orders with the column of remarks: behind the figures, or, if its header is not the last, perhaps before them."""
    behind = [(*order, REMARK) for order in orders]
    return behind if is_last else [*behind, *((REMARK, *order) for order in orders)]


def _is_apart(heads: Sequence[HeaderToken]) -> bool:
    """Whether the total is printed before the natural persons and not in their row: it may be the last cell of the row above."""
    total = next(head for head in heads if head.column == TOTAL)
    natural = next(head for head in heads if head.column == NATURAL_PERSON)
    return heads.index(total) < heads.index(natural) and (
        total.position != natural.position or total.token.column < 0 or natural.token.column < 0
    )


def _are_scattered(heads: Sequence[HeaderToken]) -> bool:
    """Whether organisations in another order than the form's stand in more than one row, so that no order is stated."""
    below = [head for head in heads if head.column in _ORGANISATIONS]
    return [head.column for head in below] != list(_ORGANISATIONS) and len({head.position for head in below}) > 1


# ---- a block of the disclosure table ---------------------------------------------------------------------------------------


def block_header(tokens: Sequence[HeaderToken]) -> TableHeader:
    """The columns of a block of the disclosure table, with the units of money that the headers print."""
    heads = [head for head in tokens if head.column != GROUP]
    if all(head.in_grid for head in heads):
        heads = sorted(_beside_unknown(heads), key=lambda head: (head.position, head.token.column))
    columns = [head.column for head in heads]
    units = [(head.column, *money_header_factor(head.token.text)) for head in heads if head.column in _MONEY]
    factors = [(column, factor) for column, factor, _ in units if factor is not None]
    defect = _block_defect(heads)
    named = [column for column in columns if column not in BESIDE]
    if not defect and len(set(named)) < len(named):
        columns = columns[: len(columns) // 2]
    if not all(clear for _, _, clear in units):
        defect = defect or localizable("the unit of the amounts is not clear")
    last = tokens[-1]
    positions = tuple(head.token.column for head in heads[: len(columns)])
    return TableHeader(tuple(columns), defect, tuple(factors), positions, last.end, last.source, last.spare)


def _says_more(heads: Sequence[HeaderToken]) -> str:
    """The first header around which something stands that may change what its column counts."""
    for head in heads:
        meaning = head.token.meaning
        if head.column in (GROUP, UNKNOWN, *BESIDE) or meaning is None or not meaning.beside:
            continue
        if head.column not in _MONEY or meaning.beside not in _LARGE:
            return says_more("column header", meaning)
    return ""


def _block_defect(heads: Sequence[HeaderToken]) -> str:
    columns = [head.column for head in heads if head.column not in BESIDE]
    if UNKNOWN in columns:
        return localizable("a column header was not understood")
    if heads[0].token.column >= 0 and len({head.position for head in heads if head.column not in BESIDE}) > 1:
        return localizable("the column headers stand in more than one row")
    more = _says_more(heads)
    if more:
        return more
    half = columns[: len(columns) // 2]
    return (
        localizable("a column header stands twice") if len(set(columns)) < len(columns) and half * 2 != columns else ""
    )
