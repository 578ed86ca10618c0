"""The checks: figures and text of one report, or of several, give findings.

`audit` needs one report. `across` and `boilerplate` compare reports that an archive holds. A check compares printed figures
only: it never changes one, and it stays silent where a figure was not read for certain (the reader has warned by then).
"""

from __future__ import annotations

from extract.audit.across import across_years
from extract.audit.boilerplate import boilerplate
from extract.audit.figures import FigureBook
from extract.audit.form import check_form
from extract.audit.identities import check_identities
from extract.audit.narrative import check_narrative
from extract.model import Extraction, Finding

__all__ = ["CHECKS", "RULES", "across_years", "audit", "boilerplate"]

#: Codes of all checks with what they say, in the order of the contract.
CHECKS: dict[str, str] = {
    "balance": "received + carried_in = disposed_total + carried_out, in each of the seven columns",
    "row_total": "the six applicant columns add up to total, in each row",
    "column_total": "the dispositions add up to disposed_total, in each column",
    "challenge_total": "the four outcomes add up to total, for each route",
    "narrative": "a number in the text restates a figure, a sum or a share of figures, and differs from it",
    "carry_over": "carried_in of a year = carried_out of the year before",
    "stock": "what was in force or listed before, plus and minus the year's changes, gives what is in force or listed now",
    "form": "the report uses another form than its year's, or leaves out a section or table",
    "boilerplate": "the text is nearly the same as another agency's, or as the same agency's of another year",
    "unit": "an amount that is implausible by a factor of 10,000 against the agency's other years",
    "backdated": "the printed publication date is earlier than a complete look at the list that did not have the report",
}

#: The same rules in the words of the official form, for the office that corrects its draft.
RULES: dict[str, str] = {
    "balance": "勾稽关系：各列中，本年新收 + 上年结转 =（七）总计 + 结转下年度继续办理",
    "row_total": "各行中，六类申请人之和 = 总计",
    "column_total": "各列中，各项办理结果之和 =（七）总计",
    "challenge_total": "结果维持 + 结果纠正 + 其他结果 + 尚未审结 = 总计",
    "narrative": "正文中的数字应与表格一致",
    "carry_over": "本年的上年结转 = 上年报告的结转下年度继续办理",
    "stock": "上年现行有效件数 + 本年制发 − 本年废止 = 现行有效件数；上一年项目数量 + 本年增/减 = 下一年报告的上一年项目数量",
    "form": "2019、2020 年度用国办公开办函〔2019〕60号的格式，2021 年度起用〔2021〕30号的格式，部分和表格应齐全",
    "boilerplate": "正文不应与其他机关或本机关其他年度的报告雷同",
    "unit": "金额与其他年度相差约一万倍时，应核对单位（元／万元）",
    "backdated": "发布日期不应早于实际可查的日期",
}


def audit(extraction: Extraction) -> tuple[Finding, ...]:
    """All findings that one report alone can give, in a stable order; none for a document that is no annual report.

    Args:
        extraction: What was read.
    """
    if extraction.year is None and not extraction.figures:
        return ()
    book = FigureBook.of(extraction)
    return (
        *check_identities(extraction, book),
        *check_narrative(extraction, book),
        *check_form(extraction),
    )
