"""What people call a figure: the printed labels of its row and column."""

from __future__ import annotations

import re
from functools import cache

from extract.forms import FORMS

_NUMBER = re.compile(r"^(?:[（(][一二三四五六七八]+[）)]|[一二三四五六七八]、|\d[.．、])\s*")
_ASIDE = re.compile(r"（.*）$")
_GROUPS = re.compile(r"不予公开|无法提供|不予处理|其他处理")


@cache
def _labels() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for form in FORMS.values():
        for table in form.tables.values():
            for row in table.rows:
                group = _GROUPS.search(row.group)
                label = _ASIDE.sub("", _NUMBER.sub("", row.label))
                if group:
                    label = f"{group[0]}：{label}"
                found.setdefault((table.code, row.code), "办理结果" if row.code == "disposed_total" else label)
            for column in table.columns:
                found.setdefault((table.code, column.code), column.label)
    return found


def row_name(table: str, row: str) -> str:
    """The printed label of a row, without its number."""
    return _labels().get((table, row), row)


def column_name(table: str, column: str) -> str:
    """The printed label of a column."""
    return _labels().get((table, column), column)


def name_of(address: str) -> str:
    """`applications.granted.total` → 予以公开·总计; `previous:` in front of an address says that it is of last year's report."""
    if address.startswith("previous:"):
        return "上年报告的" + name_of(address.removeprefix("previous:"))
    table, _, rest = address.partition(".")
    row, _, column = rest.rpartition(".")
    if table == "indicators":
        return re.sub(r"\s+", "", row)
    return f"{row_name(table, row)}·{column_name(table, column)}"
