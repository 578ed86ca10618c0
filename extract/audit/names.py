"""What people call a figure: the printed labels of its row and column."""

from __future__ import annotations

import re
from functools import cache

from extract.forms import FORMS

_NUMBER = re.compile(r"^(?:[（(][一二三四五六七八]+[）)]|[一二三四五六七八]、|\d[.．、])\s*")
_ASIDE = re.compile(r"（.*）$")
_GROUPS = re.compile(r"不予公开|无法提供|不予处理|其他处理")


#: Addresses of other reports' figures: `previous:` for last year's report, a year for any other.
_OF = re.compile(r"^(?P<of>previous|\d{4}):")


@cache
def _cells() -> dict[str, str]:
    """The name of every cell of the official tables by address; where the forms differ, the newer form's."""
    found: dict[str, str] = {}
    for form in sorted(FORMS.values(), key=lambda form: form.first_year, reverse=True):
        for table in form.tables.values():
            for code, column in table.cells:
                row = table.rows_by_code[code]
                group = _GROUPS.search(row.group)
                label = _ASIDE.sub("", _NUMBER.sub("", row.label)) if code != "disposed_total" else "办理结果"
                label = f"{group[0]}：{label}" if group else label
                found.setdefault(f"{table.code}.{code}.{column}", f"{label}·{table.columns_by_code[column].label}")
    return found


def name_of(address: str) -> str:
    """`applications.granted.total` → 予以公开·总计, with the report in front if it is another's."""
    of = _OF.match(address)
    if of is not None:
        report = "上年报告的" if of["of"] == "previous" else f"{of['of']} 年报告的"
        return report + name_of(address[of.end() :])
    table, _, rest = address.partition(".")
    if table == "indicators":
        return re.sub(r"\s+", "", rest.removesuffix(".value"))
    return _cells().get(address, address)


def row_name(table: str, row: str) -> str:
    """The printed label of a row, without its number."""
    return next((name.partition("·")[0] for cell, name in _cells().items() if cell.startswith(f"{table}.{row}.")), row)


def column_name(table: str, column: str) -> str:
    """The printed label of a column."""
    return next(
        (
            name.partition("·")[2]
            for cell, name in _cells().items()
            if cell.startswith(f"{table}.") and cell.endswith(f".{column}")
        ),
        column,
    )
