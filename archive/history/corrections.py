"""Notices of correction (更正, 勘误) that stand beside a report and hold none: which report they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index import register, reports
from extract.lexicon.titles import Shape, judge_title, normalise

if TYPE_CHECKING:
    from sqlite_utils import Database

#: Characters of a notice of correction that its change states.
MOST_OF_NOTICE = 2_000


def report_corrected_by(db: Database, portal: str, title: str) -> str | None:
    """The report that a notice's title says it corrects; `None` if it is no such notice, or nobody can tell.

    The report must be known with a version: a notice alone shows no report. Of agencies whose names stand in the title the longest counts,
    because titles put words around them: 关于对…财政局…年度报告部分数据进行更正的公告.
    """
    named = judge_title(title)
    if Shape.CORRECTION not in named.shapes or named.year is None:
        return None
    whose = register.find_agency(db, portal, named.agency) if named.agency else None
    known = reports.report_of(db, whose, named.year) if whose is not None else None
    if known is None:
        said = normalise(title)
        found = [
            (name, one) for one, name in reports.reports_of_year(db, portal, named.year) if normalise(name) in said
        ]
        known = max(found, key=lambda pair: len(pair[0]))[1] if found else None
    return known if known is not None and reports.current_version(db, known) is not None else None
