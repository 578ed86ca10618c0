"""Reads the forms from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from extract.forms.model import Column, Form, IndicatorHeaders, Row, SumRule, Table


def load_forms() -> dict[str, Form]:
    """The official forms by code (`2019`, `2021`).

    The two tables that both forms share are stored once; a row there may be limited to some forms.
    """
    shared = [_read("applications"), _read("challenges")]
    forms = {}
    for name in ("form_2019", "form_2021"):
        data = _read(name)
        code = data["code"]
        tables = [_table(data["disclosure"], code), *(_table(table, code) for table in shared)]
        forms[code] = Form(
            code=code,
            rule=data["rule"],
            first_year=data["first_year"],
            last_year=data.get("last_year"),
            tables={table.code: table for table in tables},
        )
    return forms


def load_indicator_headers() -> IndicatorHeaders:
    """The header words of the indicator tables."""
    data = _read("indicators")
    return IndicatorHeaders(
        labels=tuple(data["label_headers"]),
        units=tuple(data["unit_headers"]),
        values=tuple(data["value_headers"]),
        cumulative=tuple(data["cumulative_headers"]),
        year=data["year_headers"],
        cumulative_pattern=data["cumulative_pattern"],
        remarks=tuple(data["remark_headers"]),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("extract.forms").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _table(data: dict[str, Any], form: str) -> Table:
    columns = tuple(_column(item) for item in data["columns"])
    every_column = tuple(column.code for column in columns)
    rows = tuple(_row(item, every_column) for item in data["rows"] if form in item.get("forms", [form]))
    printed = {row.code for row in rows} | set(every_column)
    return Table(
        code=data["code"],
        label=data["label"],
        captions=tuple(data.get("captions", ())),
        columns=columns,
        rows=rows,
        identities=tuple(
            SumRule(
                check=item["check"],
                equals=tuple(item["equals"]),
                parts=tuple(part for part in item["parts"] if part in printed),
            )
            for item in data.get("identities", ())
        ),
        column_groups=tuple(data.get("column_groups", ())),
        subtotals=tuple(data.get("subtotals", ())),
        row_groups=tuple(data.get("row_groups", ())),
    )


def _column(item: dict[str, Any]) -> Column:
    return Column(
        code=item["code"],
        label=item["label"],
        variants=tuple(item.get("variants", ())),
        unit=item.get("unit", "count"),
        is_stock=item.get("stock", False),
    )


def _row(item: dict[str, Any], every_column: tuple[str, ...]) -> Row:
    return Row(
        code=item["code"],
        label=item["label"],
        columns=tuple(item.get("columns", every_column)),
        variants=tuple(item.get("variants", ())),
        group=item.get("group", ""),
        ordinal=item.get("ordinal", ""),
    )
