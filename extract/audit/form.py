"""Does the report keep to the official layout of its year?

国办公开办函〔2019〕60号 holds for the report years 2019 and 2020, 国办公开办函〔2021〕30号 from 2021 on; reports of 2018 and before were free in form.
"""

from __future__ import annotations

from collections.abc import Iterator

from extract.model import SECTION_KINDS, Extraction, Finding

FIRST_YEAR_OF_2019_FORM = 2019
FIRST_YEAR_OF_2021_FORM = 2021
TABLES = {
    "disclosure": "主动公开政府信息情况",
    "applications": "收到和处理政府信息公开申请情况",
    "challenges": "政府信息公开行政复议、行政诉讼情况",
}
SECTIONS = dict(
    zip(SECTION_KINDS, ("总体情况", *TABLES.values(), "存在的主要问题及改进情况", "其他需要报告的事项"), strict=True)
)


def form_of_year(year: int) -> str | None:
    """The form that reports of a year must use; `None` before 2019."""
    if year < FIRST_YEAR_OF_2019_FORM:
        return None
    return "2019" if year < FIRST_YEAR_OF_2021_FORM else "2021"


def check_form(extraction: Extraction) -> tuple[Finding, ...]:
    """Findings of the check `form`; none for years without an official form.

    Nothing is reported as lacking while any part of the document, or a file that hangs on it, is unread; a chapter whose table stands there is
    not lacking, whatever became of its heading.
    """
    if extraction.year is None or form_of_year(extraction.year) is None:
        return ()
    return tuple(_findings(extraction, form_of_year(extraction.year)))


def _findings(extraction: Extraction, due_form: str | None) -> Iterator[Finding]:
    if extraction.form is not None and extraction.form != due_form:
        yield Finding(
            check="form",
            severity="warning",
            where="report",
            message=f"{extraction.year} 年度的报告应使用 {due_form} 年格式，实际使用 {extraction.form} 年格式",
        )
    for table, name in TABLES.items():
        if table not in extraction.coverage and not extraction.unread:
            yield Finding(check="form", severity="warning", where=table, message=f"缺少表格：{name}")
    present = {section.kind for section in extraction.sections}
    if present and not extraction.unread:
        present |= extraction.coverage.keys()
        for kind, name in SECTIONS.items():
            if kind not in present:
                yield Finding(check="form", severity="warning", where=kind, message=f"缺少部分：{name}")
    mixed = [figure for figure in extraction.figures if figure.table == "applications" and figure.row == "other"]
    if extraction.form == "2021" and mixed:
        yield Finding(
            check="form",
            severity="warning",
            where="applications.other.*",
            message="（六）其他处理只有一行，2021 年格式应分为三行",
            figures=tuple(figure.address for figure in mixed),
        )
