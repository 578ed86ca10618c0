"""The official forms' tables as printed: 国办公开办函〔2019〕60号 (form 2019) and 〔2021〕30号 (form 2021).

Layout only. The extractor keeps its own description of the forms; the replica deliberately doesn't share it, so that a
mistake in one isn't hidden by the other.
"""

from __future__ import annotations

from crawler.replica.documents.model import Box, Report, Table

APPLICANTS = ("natural_person", "business", "research", "welfare", "legal_service", "other_org", "total")
OUTCOMES = ("upheld", "corrected", "other", "pending", "total")
ROUTES = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")

_OUTCOME_LABELS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
_DENIED = (
    ("denied_state_secret", "1.属于国家秘密"),
    ("denied_prohibited_by_law", "2.其他法律行政法规禁止公开"),
    ("denied_security_stability", "3.危及“三安全一稳定”"),
    ("denied_third_party", "4.保护第三方合法权益"),
    ("denied_internal_affairs", "5.属于三类内部事务信息"),
    ("denied_process", "6.属于四类过程性信息"),
    ("denied_enforcement_files", "7.属于行政执法案卷"),
    ("denied_administrative_query", "8.属于行政查询事项"),
)
_UNABLE = (
    ("unable_not_held", "1.本机关不掌握相关政府信息"),
    ("unable_needs_creation", "2.没有现成信息需要另行制作"),
    ("unable_unclear", "3.补正后申请内容仍不明确"),
)
_UNPROCESSED = (
    ("unprocessed_petition", "1.信访举报投诉类申请"),
    ("unprocessed_repeat", "2.重复申请"),
    ("unprocessed_publications", "3.要求提供公开出版物"),
    ("unprocessed_excessive", "4.无正当理由大量反复申请"),
    ("unprocessed_confirmation", "5.要求行政机关确认或重新出具已获取信息"),
)
_OTHER_2021 = (
    ("other_not_corrected", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
    ("other_fee_unpaid", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
    ("other_other", "3.其他"),
)

#: Row groups of 三、本年度办理结果: (group label, its rows); a group of one row has no label of its own.
_Group = tuple[str, tuple[tuple[str, str], ...]]
_GROUPS_2019: tuple[_Group, ...] = (
    ("", (("granted", "（一）予以公开"),)),
    ("", (("partly_granted", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),)),
    ("（三）不予公开", _DENIED),
    ("（四）无法提供", _UNABLE),
    ("（五）不予处理", _UNPROCESSED),
    ("", (("other", "（六）其他处理"),)),
    ("", (("disposed_total", "（七）总计"),)),
)
_GROUPS_2021: tuple[_Group, ...] = (*_GROUPS_2019[:5], ("（六）其他处理", _OTHER_2021), _GROUPS_2019[6])

#: Disclosure blocks: (caption, header cells, rows as (code, label), columns); the width in the grid follows from the header.
_Block = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]]
_DISCLOSURE_2021: tuple[_Block, ...] = (
    (
        "第二十条第（一）项",
        ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
        (("rules", "规章"), ("normative_documents", "行政规范性文件")),
        ("made", "repealed", "in_force"),
    ),
    ("第二十条第（五）项", ("信息内容", "本年处理决定数量"), (("licensing", "行政许可"),), ("decisions",)),
    (
        "第二十条第（六）项",
        ("信息内容", "本年处理决定数量"),
        (("penalties", "行政处罚"), ("coercion", "行政强制")),
        ("decisions",),
    ),
    ("第二十条第（八）项", ("信息内容", "本年收费金额（单位：万元）"), (("fees", "行政事业性收费"),), ("amount",)),
)


def _disclosure_2019(report: Report) -> tuple[_Block, ...]:
    made, published = (
        ("本年新 制作数量", "本年新 公开数量")
        if report.wording.spaced_headers
        else ("本年新制作数量", "本年新公开数量")
    )
    items = ("信息内容", "上一年项目数量", "本年增/减", "处理决定数量")
    columns = ("prior_items", "items_change", "decisions")
    return (
        (
            "第二十条第（一）项",
            ("信息内容", made, published, "对外公开总数量"),
            (("rules", "规章"), ("normative_documents", "规范性文件")),
            ("made", "published", "total_public"),
        ),
        ("第二十条第（五）项", items, (("licensing", "行政许可"), ("other_services", "其他对外管理服务事项")), columns),
        ("第二十条第（六）项", items, (("penalties", "行政处罚"), ("coercion", "行政强制")), columns),
        ("第二十条第（八）项", items[:3], (("fees", "行政事业性收费"),), columns[:2]),
        (
            "第二十条第（九）项",
            ("信息内容", "采购项目数量", report.wording.amount_header),
            (("procurement", "政府集中采购"),),
            ("projects", "amount"),
        ),
    )


def table_of(report: Report, name: str) -> Table:
    """A table of the report as its form prints it. Raises `KeyError` for a table that no form has."""
    builders = {
        "disclosure": _disclosure,
        "applications": _applications,
        "challenges": _challenges,
        "indicators": _indicators,
    }
    table = builders[name](report)
    if not report.wording.half_width:
        return table
    narrow = str.maketrans("（），：", "(),:")
    boxes = tuple(
        Box(box.row, box.column, box.row_span, box.column_span, box.text.translate(narrow), box.is_header)
        for box in table.boxes
    )
    return Table(table.name, table.widths, boxes)


def _disclosure(report: Report) -> Table:
    blocks = _DISCLOSURE_2021 if report.form == "2021" else _disclosure_2019(report)
    boxes: list[Box] = []
    row = 0
    for caption, header, lines, columns in blocks:
        spans = {4: (3, 3, 3, 3), 3: (4, 4, 4), 2: (3, 9)}[len(header)]
        starts = [sum(spans[:index]) for index in range(len(spans))]
        boxes.append(Box(row, 0, 1, 12, caption))
        boxes += [Box(row + 1, start, 1, span, text) for start, span, text in zip(starts, spans, header, strict=True)]
        row += 2
        for code, label in lines:
            boxes.append(Box(row, 0, 1, spans[0], label))
            for start, span, column in zip(starts[1:], spans[1:], columns, strict=True):
                raw = report.raws.get(("disclosure", code, column), "")
                boxes.append(Box(row, start, 1, span, raw, is_header=False))
            row += 1
    return Table("disclosure", (1.0,) * 12, tuple(boxes))


def _applications(report: Report) -> Table:
    boxes = [
        Box(0, 0, 3, 3, "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"),
        Box(0, 3, 1, 7, "申请人情况"),
        Box(1, 3, 2, 1, "自然人"),
        Box(1, 4, 1, 5, "法人或其他组织"),
        Box(1, 9, 2, 1, "总计"),
    ]
    organisations = ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
    boxes += [Box(2, 4 + index, 1, 1, text) for index, text in enumerate(organisations)]

    def values(row: int, code: str) -> list[Box]:
        return [
            Box(row, 3 + index, 1, 1, report.raws.get(("applications", code, column), ""), is_header=False)
            for index, column in enumerate(APPLICANTS)
        ]

    boxes += [Box(3, 0, 1, 3, "一、本年新收政府信息公开申请数量"), *values(3, "received")]
    boxes += [Box(4, 0, 1, 3, report.wording.carried_in), *values(4, "carried_in")]
    groups = _GROUPS_2021 if report.form == "2021" else _GROUPS_2019
    row = 5
    boxes.append(Box(row, 0, sum(len(lines) for _, lines in groups), 1, "三、本年度办理结果"))
    for group, lines in groups:
        if group:
            boxes.append(Box(row, 1, len(lines), 1, group))
        for code, label in lines:
            boxes.append(Box(row, 2, 1, 1, label) if group else Box(row, 1, 1, 2, label))
            boxes += values(row, code)
            row += 1
    boxes += [Box(row, 0, 1, 3, "四、结转下年度继续办理"), *values(row, "carried_out")]
    return Table("applications", (1.0, 1.5, 3.3, *(1.15,) * 7), tuple(boxes))


def _challenges(report: Report) -> Table:
    boxes = [
        Box(0, 0, 1, 5, "行政复议"),
        Box(0, 5, 1, 10, "行政诉讼"),
        Box(1, 5, 1, 5, "未经复议直接起诉"),
        Box(1, 10, 1, 5, "复议后起诉"),
    ]
    boxes += [Box(1, index, 2, 1, text) for index, text in enumerate(_OUTCOME_LABELS)]
    boxes += [Box(2, 5 + index, 1, 1, text) for index, text in enumerate(_OUTCOME_LABELS * 2)]
    places = [(route, outcome) for route in ROUTES for outcome in OUTCOMES]
    boxes += [
        Box(3, index, 1, 1, report.raws.get(("challenges", route, outcome), ""), is_header=False)
        for index, (route, outcome) in enumerate(places)
    ]
    return Table("challenges", (1.0,) * 15, tuple(boxes))


def _indicators(report: Report) -> Table:
    boxes = [Box(0, 0, 1, 1, "统　计　指　标"), Box(0, 1, 1, 1, "单位"), Box(0, 2, 1, 1, "统计数")]
    for row, indicator in enumerate(report.indicators, start=1):
        boxes += [
            Box(row, 0, 1, 1, indicator.label),
            Box(row, 1, 1, 1, indicator.unit),
            Box(row, 2, 1, 1, indicator.value, is_header=False),
        ]
    return Table("indicators", (7.0, 1.2, 1.8), tuple(boxes))
