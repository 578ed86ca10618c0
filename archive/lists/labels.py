"""Words for codes: rows, columns and tables in the language of the visitor; Chinese from the official forms, English from `labels.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

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
    found["indicators", "column", "cumulative"] = "历年累计"
    return found


@cache
def english() -> dict[str, dict[str, str]]:
    """The English words: `tables`, `columns`, `rows` by code, `groups` by what is printed."""
    text = resources.files("archive.lists").joinpath("labels.toml").read_text("utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    return found


def figure_label(table: str, row: str, column: str, language: str = "zh") -> str:
    """What a figure is called: `行政处罚 · 处理决定数量`; an indicator keeps its printed label in both languages."""
    if language == "en":
        words = [english()["rows"].get(row, row), english()["columns"].get(column, column)]
    else:
        labels = _labels()
        words = [labels.get((table, "row", row), row), labels.get((table, "column", column), column)]
    return " · ".join(word for word in words if word != "value")


def table_label(table: str, language: str = "zh") -> str:
    """What a table is called."""
    if language == "en":
        return english()["tables"].get(table, table)
    return "统计指标" if table == "indicators" else _labels().get((table, "", ""), table)


def header_label(kind: str, code: str, label: str) -> str:
    """English of a header cell of the official tables (`kind`: row, column or group); empty where there is none."""
    return english()["groups"].get(label, "") if kind == "group" else english()[f"{kind}s"].get(code, "")
