"""Words for codes: rows, columns and tables in the language of the visitor, from the official forms."""

from __future__ import annotations

from functools import cache

from extract.forms import FORMS


@cache
def _labels() -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for form in FORMS.values():
        for table in form.tables.values():
            found.setdefault((table.code, "", ""), table.label)
            for row in table.rows:
                found.setdefault((table.code, "row", row.code), row.label)
            for column in table.columns:
                found.setdefault((table.code, "column", column.code), column.label)
    return found


def figure_label(table: str, row: str, column: str, language: str = "zh") -> str:
    """What a figure is called: `行政处罚 · 处理决定数量`, in English its codes in plain words."""
    if language == "en":
        return " · ".join(part.replace("_", " ") for part in (row, column))
    labels = _labels()
    words = [labels.get((table, "row", row), row), labels.get((table, "column", column), column)]
    return " · ".join(word for word in words if word != "value")


def table_label(table: str, language: str = "zh") -> str:
    """What a table is called."""
    if language == "en":
        return table
    return "统计指标" if table == "indicators" else _labels().get((table, "", ""), table)
