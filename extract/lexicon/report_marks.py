"""The words by which an annual report is distinguished from the page around it, and from other documents.

All are printed in the forms of 2019 and 2021; any two of them make a report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportMark:
    """A heading or row label of the official forms.

    Attributes:
        pattern: How it stands in text without white space.
        page: How the crawler looks for it in a page's text as it came, which may have white space; `None`: it doesn't.
    """

    pattern: re.Pattern[str]
    page: re.Pattern[str] | None = None


MARKS: tuple[ReportMark, ...] = (
    ReportMark(re.compile(r"总体情况"), re.compile(r"一[、.．]\s*总体情况")),
    ReportMark(re.compile(r"主动公开政府信息(?:的)?(?:工作)?情况"), re.compile(r"主动公开政府信息(?:的)?情况")),
    ReportMark(re.compile(r"(?:收到和)?处理政府信息公开申请(?:的)?情况"), re.compile(r"收到和处理政府信息公开申请")),
    ReportMark(re.compile(r"本年新收政府信息公开申请"), re.compile(r"本年新收政府信息公开申请数量")),
    ReportMark(
        re.compile(r"行政复议(?:、|和|及|,|，|或)?(?:提起)?行政诉讼(?:的)?(?:情况)?"),
        re.compile(r"行政复议[、和及,，]\s*(?:提起)?行政诉讼"),
    ),
    ReportMark(re.compile(r"第二十条第[(（][一五六八九][)）]项")),
    ReportMark(re.compile(r"存在的?(?:主要)?(?:问题|困难).{0,4}改进")),
    ReportMark(re.compile(r"其他需要?报告的?(?:事项|情况)")),
    ReportMark(re.compile(r"本年制发件数|本年新制作数量|现行有效件数")),
    ReportMark(re.compile(r"结转下年度继续办理")),
)
_ENOUGH = 2


def count_markers(text: str) -> int:
    """How many of the marks a text without white space has."""
    return sum(1 for mark in MARKS if mark.pattern.search(text))


def has_report_marks(text: str) -> bool:
    """Whether the text of a page, as it came, holds a report itself: any two headings of the official forms (field guide §11.2)."""
    return sum(1 for mark in MARKS if mark.page is not None and mark.page.search(text)) >= _ENOUGH
