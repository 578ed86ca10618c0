"""The words by which an annual report is told from the page around it, and from other documents."""

from __future__ import annotations

import re

#: Any two of these make a report of the forms of 2019 and 2021 (all are printed in both).
MARKERS: tuple[re.Pattern[str], ...] = (
    re.compile(r"总体情况"),
    re.compile(r"主动公开政府信息(?:的)?(?:工作)?情况"),
    re.compile(r"(?:收到和)?处理政府信息公开申请(?:的)?情况"),
    re.compile(r"本年新收政府信息公开申请"),
    re.compile(r"行政复议(?:、|和|及|,|，|或)?(?:提起)?行政诉讼(?:的)?(?:情况)?"),
    re.compile(r"第二十条第[(（][一五六八九][)）]项"),
    re.compile(r"存在的?(?:主要)?(?:问题|困难).{0,4}改进"),
    re.compile(r"其他需要?报告的?(?:事项|情况)"),
    re.compile(r"本年制发件数|本年新制作数量|现行有效件数"),
    re.compile(r"结转下年度继续办理"),
)

#: A report's title, as accepted in lists and on pages (white space removed first).
TITLE = re.compile(r"(?:信息|政[务府])公开(?:工作)?.{0,14}?(?:报告|年报|总结)")

#: False friends of the same menus, whatever else their titles say.
FALSE_TITLE = re.compile(
    r"政府网站.{0,4}(?:工作)?(?:年度)?(?:工作)?(?:报表|年报)|事业单位法人|政府工作报告|法治政府建设|统计公报|统计年鉴|预算|决算|企业年报|"
    r"报告的通知|报告格式|的通知$|填报说明|公开指南$|公开目录$|公开制度$|申请表|名单|一览表$|目录$|列表$|栏目"
)


def count_markers(text: str) -> int:
    """How many of the markers the text (white space removed) has."""
    return sum(1 for marker in MARKERS if marker.search(text))


def is_report_title(title: str) -> bool:
    """Whether a title (white space removed) is an annual report's."""
    return (
        len(title) <= 90 and "。" not in title and TITLE.search(title) is not None and FALSE_TITLE.search(title) is None
    )
