"""What can be compared across agencies and years: definitions, denominators, and where the series breaks."""

from __future__ import annotations

from dataclasses import dataclass

from archive.index.doubts import checks_sql, dispute_sql
from archive.index.figure_tables import FIGURE_TABLES
from extract.forms import FORMS
from extract.model import RELIABLE

#: Report years from which the form of 2021 holds; a series that the forms define differently breaks here.
BREAK_YEAR = 2021


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure, or a share of figures, with what must be known to read it.

    `parts` and `whole` are figure addresses; several add up; `*` ends a row code that stands for all that begin so.
    """

    code: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    parts: tuple[str, ...]
    whole: tuple[str, ...] = ()
    breaks: bool = False

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage."""
        return bool(self.whole)


INDICATORS: tuple[Indicator, ...] = (
    Indicator("received", "新收申请", "requests received", "本年新收政府信息公开申请数量（总计）", "Requests received in the year (total column)", ("applications.received.total",)),
    Indicator("disposed", "办结申请", "requests disposed of", "（七）总计的总计", "All dispositions of the year (total column)", ("applications.disposed_total.total",)),
    Indicator(
        "granted_share", "公开率", "share granted", "予以公开加部分公开，占办理结果总计的百分比", "Granted plus partly granted, in percent of all dispositions",
        ("applications.granted.total", "applications.partly_granted.total"), ("applications.disposed_total.total",),
    ),
    Indicator("denied_share", "不予公开率", "share denied", "（三）不予公开各项之和，占办理结果总计的百分比", "Denied on any of the eight grounds, in percent of all dispositions", ("applications.denied_*.total",), ("applications.disposed_total.total",)),
    Indicator("unable_share", "无法提供率", "share unable to provide", "（四）无法提供各项之和，占办理结果总计的百分比", "Unable to provide, in percent of all dispositions", ("applications.unable_*.total",), ("applications.disposed_total.total",)),
    Indicator("other_share", "其他处理率", "share otherwise handled", "（六）其他处理，占办理结果总计的百分比；2021 年格式起分三项", "Other handling, in percent of all dispositions; three rows since the form of 2021", ("applications.other*.total",), ("applications.disposed_total.total",), True),
    Indicator("carried_out", "结转下年", "carried over", "结转下年度继续办理（总计）", "Carried over to the next year (total column)", ("applications.carried_out.total",)),
    Indicator("challenges", "复议诉讼", "challenges", "行政复议与两类行政诉讼的总计之和", "Administrative reconsideration and both routes of litigation, totals", ("challenges.reconsideration.total", "challenges.litigation_direct.total", "challenges.litigation_after_reconsideration.total")),
    Indicator(
        "corrected_share", "纠正率", "share corrected", "结果纠正，占复议诉讼总计的百分比（含尚未审结）", "Outcome corrected, in percent of all challenges (pending ones included)",
        ("challenges.reconsideration.corrected", "challenges.litigation_direct.corrected", "challenges.litigation_after_reconsideration.corrected"),
        ("challenges.reconsideration.total", "challenges.litigation_direct.total", "challenges.litigation_after_reconsideration.total"),
    ),
    Indicator("licensing", "行政许可决定", "licensing decisions", "行政许可处理决定数量", "Decisions on licences", ("disclosure.licensing.decisions",)),
    Indicator("penalties", "行政处罚决定", "penalty decisions", "行政处罚处理决定数量", "Decisions on penalties", ("disclosure.penalties.decisions",)),
    Indicator("normative_made", "规范性文件制发", "normative documents made", "规范性文件：2019 年格式为本年新制作数量，2021 年格式为本年制发件数", "Normative documents made in the year; worded differently in the two forms", ("disclosure.normative_documents.made",), (), True),
)  # fmt: skip

#: Columns that tell of a value whether it can be relied on, in the order of `standing_sql`.
STANDING = ("unsure", "disputed", "findings")
BY_CODE = {indicator.code: indicator for indicator in INDICATORS}


def sum_sql(addresses: tuple[str, ...], report: str, version: str) -> str:
    """SQL for the sum of figures of a version; NULL where none of them has a value (blanks count as 0 beside values)."""
    terms = [
        f'select sum("{column}") as s from {table} where report = {report} and version = {version} and ({condition})'
        for table, column, condition, _ in _by_table(addresses)
    ]
    return f"(select sum(s) from ({' union all '.join(terms)}))"


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
    """SQL for `STANDING`: whether a figure of the indicator was read with little confidence, whether an error finding names one, and which
    checks speak against one.
    """
    addresses = indicator.parts + indicator.whole
    return (
        doubt_sql(addresses, report, version, form),
        dispute_sql(addresses, report, version),
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
