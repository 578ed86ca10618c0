"""The two forms as they are printed, typed from 国办公开办函〔2019〕60号 and 〔2021〕30号: what generated documents take their labels from.

Nothing here comes from `extract.forms`: a label that the reader knows wrongly, or doesn't know, shows in the benchmark. The second word of a
pair is another wording met in print; the reader need not know it by heart, but it must not take it for something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extract.forms import Column, Form, Row, SumRule, Table

_Labels = Sequence[tuple[str, str, str]]

_APPLICANTS: _Labels = (
    ("natural_person", "自然人", ""),
    ("business", "商业企业", ""),
    ("research", "科研机构", ""),
    ("welfare", "社会公益组织", ""),
    ("legal_service", "法律服务机构", ""),
    ("other_org", "其他", ""),
    ("total", "总计", ""),
)
_RESULTS = "三、本年度办理结果"
_DENIED, _UNABLE, _UNPROCESSED, _OTHER = "（三）不予公开", "（四）无法提供", "（五）不予处理", "（六）其他处理"
#: Group, code, label, other wording.
_BEFORE_OTHER = (
    ("", "received", "一、本年新收政府信息公开申请数量", "一、本年新收政府信息公开申请"),
    ("", "carried_in", "二、上年结转政府信息公开申请数量", "二、上年度结转政府信息公开申请数量"),
    (_RESULTS, "granted", "（一）予以公开", ""),
    (_RESULTS, "partly_granted", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "（二）部分公开"),
    (_DENIED, "denied_state_secret", "1.属于国家秘密", ""),
    (_DENIED, "denied_prohibited_by_law", "2.其他法律行政法规禁止公开", "2.其他法律、行政法规禁止公开"),
    (_DENIED, "denied_security_stability", "3.危及“三安全一稳定”", "3.危及三安全一稳定"),
    (_DENIED, "denied_third_party", "4.保护第三方合法权益", ""),
    (_DENIED, "denied_internal_affairs", "5.属于三类内部事务信息", ""),
    (_DENIED, "denied_process", "6.属于四类过程性信息", ""),
    (_DENIED, "denied_enforcement_files", "7.属于行政执法案卷", "7.属于行政执法案卷信息"),
    (_DENIED, "denied_administrative_query", "8.属于行政查询事项", ""),
    (_UNABLE, "unable_not_held", "1.本机关不掌握相关政府信息", "1.本机关不掌握"),
    (_UNABLE, "unable_needs_creation", "2.没有现成信息需要另行制作", "2.没有现成信息，需要另行制作"),
    (_UNABLE, "unable_unclear", "3.补正后申请内容仍不明确", "3.补正后仍不明确"),
    (_UNPROCESSED, "unprocessed_petition", "1.信访举报投诉类申请", "1.信访、举报、投诉类申请"),
    (_UNPROCESSED, "unprocessed_repeat", "2.重复申请", ""),
    (_UNPROCESSED, "unprocessed_publications", "3.要求提供公开出版物", ""),
    (_UNPROCESSED, "unprocessed_excessive", "4.无正当理由大量反复申请", ""),
    (
        _UNPROCESSED,
        "unprocessed_confirmation",
        "5.要求行政机关确认或重新出具已获取信息",
        "5.要求行政机关确认或者重新出具已获取信息",
    ),
)
_OTHER_OF = {
    "2019": ((_RESULTS, "other", "（六）其他处理", ""),),
    "2021": (
        (
            _OTHER,
            "other_not_corrected",
            "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
            "1.申请人无正当理由逾期不补正，行政机关不再处理其政府信息公开申请",
        ),
        (
            _OTHER,
            "other_fee_unpaid",
            "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
            "2.申请人逾期未按收费通知要求缴纳费用，行政机关不再处理其政府信息公开申请",
        ),
        (_OTHER, "other_other", "3.其他", ""),
    ),
}
_BEHIND_OTHER = (
    (_RESULTS, "disposed_total", "（七）总计", ""),
    ("", "carried_out", "四、结转下年度继续办理", "四、结转下一年度继续办理"),
)

_ARTICLE = "第二十条第（{}）项"
#: Number of the item of article 20, its columns, and its rows.
_DISCLOSURE = {
    "2019": (
        (
            "一",
            (
                ("made", "本年新制作数量", ""),
                ("published", "本年新公开数量", ""),
                ("total_public", "对外公开总数量", ""),
            ),
            (("rules", "规章", ""), ("normative_documents", "规范性文件", "行政规范性文件")),
        ),
        (
            "五",
            (
                ("prior_items", "上一年项目数量", ""),
                ("items_change", "本年增/减", ""),
                ("decisions", "处理决定数量", ""),
            ),
            (("licensing", "行政许可", ""), ("other_services", "其他对外管理服务事项", "其他对外管理服务")),
        ),
        (
            "六",
            (
                ("prior_items", "上一年项目数量", ""),
                ("items_change", "本年增/减", ""),
                ("decisions", "处理决定数量", ""),
            ),
            (("penalties", "行政处罚", ""), ("coercion", "行政强制", "")),
        ),
        (
            "八",
            (("prior_items", "上一年项目数量", ""), ("items_change", "本年增/减", "")),
            (("fees", "行政事业性收费", ""),),
        ),
        (
            "九",
            (("projects", "采购项目数量", ""), ("amount", "采购总金额", "")),
            (("procurement", "政府集中采购", ""),),
        ),
    ),
    "2021": (
        (
            "一",
            (("made", "本年制发件数", ""), ("repealed", "本年废止件数", ""), ("in_force", "现行有效件数", "")),
            (("rules", "规章", ""), ("normative_documents", "行政规范性文件", "规范性文件")),
        ),
        ("五", (("decisions", "本年处理决定数量", ""),), (("licensing", "行政许可", ""),)),
        (
            "六",
            (("decisions", "本年处理决定数量", ""),),
            (("penalties", "行政处罚", ""), ("coercion", "行政强制", "")),
        ),
        ("八", (("amount", "本年收费金额", ""),), (("fees", "行政事业性收费", ""),)),
    ),
}
_OUTCOMES: _Labels = (
    ("upheld", "结果维持", ""),
    ("corrected", "结果纠正", ""),
    ("other", "其他结果", ""),
    ("pending", "尚未审结", ""),
    ("total", "总计", ""),
)
_ROUTES: _Labels = (
    ("reconsideration", "行政复议", ""),
    ("litigation_direct", "未经复议直接起诉", ""),
    ("litigation_after_reconsideration", "复议后起诉", ""),
)


def _others(wording: str) -> tuple[str, ...]:
    return (wording,) if wording else ()


def _columns(labels: Iterable[tuple[str, str, str]]) -> tuple[Column, ...]:
    return tuple(
        Column(code, label, _others(other), "amount" if code == "amount" else "count") for code, label, other in labels
    )


def _disclosure(form: str) -> Table:
    columns: dict[str, Column] = {}
    rows: list[Row] = []
    for number, heads, labels in _DISCLOSURE[form]:
        columns.update((column.code, column) for column in _columns(heads))
        codes = tuple(code for code, _, _ in heads)
        rows += [Row(code, label, codes, _others(other), _ARTICLE.format(number)) for code, label, other in labels]
    captions = ("信息内容", *(_ARTICLE.format(number) for number, _, _ in _DISCLOSURE[form]))
    return Table("disclosure", "主动公开政府信息情况", captions, tuple(columns.values()), tuple(rows))


def _applications(form: str) -> Table:
    columns = _columns(_APPLICANTS)
    codes = tuple(column.code for column in columns)
    labels = (*_BEFORE_OTHER, *_OTHER_OF[form], *_BEHIND_OTHER)
    rows = tuple(Row(code, label, codes, _others(other), group) for group, code, label, other in labels)
    results = tuple(row.code for row in rows if row.group and row.code != "disposed_total")
    return Table(
        "applications",
        "收到和处理政府信息公开申请情况",
        ("申请人情况", "本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和"),
        columns,
        rows,
        (
            SumRule("row_total", ("total",), codes[:-1]),
            SumRule("column_total", ("disposed_total",), results),
            SumRule("balance", ("disposed_total", "carried_out"), ("received", "carried_in")),
        ),
        ("法人或其他组织",),
        ("小计",),
        (_RESULTS, _DENIED, _UNABLE, _UNPROCESSED, _OTHER),
    )


def _challenges() -> Table:
    codes = tuple(code for code, _, _ in _OUTCOMES)
    rows = tuple(Row(code, label, codes, _others(other)) for code, label, other in _ROUTES)
    rule = SumRule("challenge_total", ("total",), codes[:-1])
    return Table("challenges", "政府信息公开行政复议、行政诉讼情况", ("行政诉讼",), _columns(_OUTCOMES), rows, (rule,))


def _form(code: str, rule: str, first: int, last: int | None) -> Form:
    tables = (_disclosure(code), _applications(code), _challenges())
    return Form(code, rule, first, last, {table.code: table for table in tables})


FORMS = {
    "2019": _form("2019", "国办公开办函〔2019〕60号", 2019, 2020),
    "2021": _form("2021", "国办公开办函〔2021〕30号", 2021, None),
}
