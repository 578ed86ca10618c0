"""SQL for the values of indicators and for what speaks against them."""

from __future__ import annotations

from archive.index.doubts import checks_sql, dispute_sql
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.indicators import Indicator
from extract.forms import FORMS
from extract.model import RELIABLE

#: Columns that tell of a value whether it can be relied on, in the order of `standing_sql`.
STANDING = ("unsure", "disputed", "findings")


def sum_sql(addresses: tuple[str, ...], report: str, version: str) -> str:
    """SQL for the sum of figures of a version; NULL where none of them has a value (blanks count as 0 beside values)."""
    terms = [
        f'select sum("{column}") as s from {table} where report = {report} and version = {version} and ({condition})'
        for table, column, condition, _ in _by_table(addresses)
    ]
    return f"(select sum(s) from ({' union all '.join(terms)}))"


def number_sql(indicator: Indicator, report: str, version: str) -> str:
    """SQL for the numerator of an indicator."""
    parts = sum_sql(indicator.parts, report, version)
    return f"({parts} - {sum_sql(indicator.minus, report, version)})" if indicator.minus else parts


def doubt_sql(addresses: tuple[str, ...], report: str, version: str, form: str) -> str:
    """SQL for whether a sum can't be relied on: 1 where a figure of it has a low confidence, or was not read although the form has it."""
    terms = []
    for table, column, condition, expected in _by_table(addresses):
        place = f"'$[{FIGURE_TABLES[table].index(column) + 1}]'"
        # A cell is its place alone if it is certain; else a list with the confidence at the end (archive.index.figure_tables).
        certain = f"json_type(cells, {place}) = 'text' or json_extract(cells, {place} || '[3]') >= {RELIABLE}"
        wanted = " ".join(f"when '{code}' then {number}" for code, number in expected.items())
        terms.append(
            f"(select count(*) from {table} where report = {report} and version = {version} and ({condition}) and ({certain})) "
            f"< case {form} {wanted} else 1 end"
        )
    return f"({' or '.join(terms)})"


def standing_sql(indicator: Indicator, report: str, version: str, form: str) -> tuple[str, str, str]:
    """SQL for `STANDING`: whether a figure of the indicator was read with little confidence, whether an error finding names one (or the share is over 100 %), and which
    checks speak against one.
    """
    addresses = indicator.addresses
    disputed = dispute_sql(addresses, report, version)
    if indicator.is_share and indicator.whole:  # more than the whole is impossible, whether or not a check says so
        whole = sum_sql(indicator.whole, report, version)
        disputed = f"({disputed} or coalesce({number_sql(indicator, report, version)} > {whole}, 0))"
    return (
        doubt_sql(addresses, report, version, form),
        disputed,
        checks_sql(addresses, report, version),
    )


def _by_table(addresses: tuple[str, ...]) -> list[tuple[str, str, str, dict[str, int]]]:
    """Table, column, condition on the row, and how many figures each form has of that, for what can be read in one go."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for address in addresses:
        table, row, column = address.split(".")
        grouped.setdefault((table, column), []).append(row)
    found = []
    for (table, column), codes in grouped.items():
        exact = [code for code in codes if not code.endswith("*")]
        prefixes = [code[:-1] for code in codes if code.endswith("*")]
        conditions = [f"\"row\" = '{code}'" for code in exact]
        conditions += [f"substr(\"row\", 1, {len(prefix)}) = '{prefix}'" for prefix in prefixes]
        expected = {
            form.code: sum(
                row.code in exact or row.code.startswith(tuple(prefixes))
                for row in form.tables[table].rows
                if column in row.columns
            )
            for form in FORMS.values()
        }
        found.append((table, column, " or ".join(conditions), expected))
    return found
