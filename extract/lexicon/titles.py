"""What the title of a row in a list says: an annual report or not, of which year, by whom, in which shape.

Lists of annual reports (政府信息公开工作年度报告) stand beside lists of other yearly reports, and mix with them. A title that
names another kind of report is rejected; one that names this kind is accepted; whatever else stands in a proven column of
reports is unsure, and the body of the page decides.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Judgement(StrEnum):
    """Whether a title names an annual report."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"


class Shape(StrEnum):
    """In which of its several shapes a report is offered."""

    TEXT = "text"
    INFOGRAPHIC = "infographic"  # 图解
    IMAGE = "image"  # 图片版
    LINKED = "linked"  # 超链版
    FILE = "file"  # PDF版, Word版
    CORRECTION = "correction"  # 更正
    INTERPRETATION = "interpretation"  # 解读


@dataclass(frozen=True, slots=True)
class Title:
    """What one title says.

    Attributes:
        judgement: Accept, reject or unsure.
        reason: Why, in a few words.
        year: The report year, `None` if the title gives none or several.
        agency: The part that names the organ, as printed, `None` if there is none.
        shape: 正文, 图解, 更正 …
        is_bare: Unsure, but of the form "unit, year": likely in a column of reports.
        is_cut: The list printed only the title's beginning.
    """

    judgement: Judgement
    reason: str
    year: int | None
    agency: str | None
    shape: Shape
    is_bare: bool = False
    is_cut: bool = False


_TAGS = re.compile(r"</?[A-Za-z][^>]*>")
_SPACES = re.compile(r"[\s\u00a0\u3000\u200b-\u200f\ufeff]+")
_CUT = re.compile(r"(?:\.{2,}|…+|。{2,}|⋯+)\Z")
_ORDINAL = re.compile(r"\A(?:\d{1,2}|[一二三四五六七八九十]{1,3})[、.．]\s*(?!\d)")
_BULLET = re.compile(r"\A[·•●○◆■►>»\-—*\s]+")

_CHINESE_DIGITS = {
    c: str(i) for i, chars in enumerate(("〇零○O", "一", "二", "三", "四", "五", "六", "七", "八", "九")) for c in chars
}
_CHINESE_YEAR = re.compile(r"(?:二[〇零○O0]|一九)[〇零○O0一二三四五六七八九]{2}(?=年|度|[^〇零○O一二三四五六七八九十])")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)(?:\s*年)?(?:度)?")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d{2}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月(?:\d{1,2}日)?)(?!\d)")
_DOCUMENT_NUMBER = re.compile(r"[〔\[【(（](?:19|20)\d{2}[〕\]】)）]\s*\d{1,4}\s*号")
_YEAR_RANGE = re.compile(r"(?<!\d)(?:19|20)\d{2}年?(?:度)?(?:[-—~～至到]|、|和|及)(?:19|20)\d{2}(?!\d)年?")

#: The field guide's expression (信息公开工作年度报告 in all its drifting forms), with a year or "关于…的" inside it allowed.
_CORE = re.compile(
    r"(?:政府|政务)?信息(?:主动)?公开(?:工作)?(?:情况)?(?:的)?"
    r"(?:[(（]?(?:19|20)\d{2}年?(?:度)?[)）]?)?"
    r"(?:年度|全年|年)?(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:总结)?(?:报告|年报)"
)
_CORE_YEAR_FIRST = re.compile(r"年(?:度)?(?:政府|政务)?信息公开(?:工作)?(?:情况)?(?:报告|年报|总结报告)")
_CORE_WEAK = re.compile(
    r"(?:政府|政务)?(?:信息公开|政务公开)(?:工作)?(?:情况)?(?:年度)?(?:工作)?(?:总结|小结|报告|年报|情况)|年报|年度报告"
)

_REJECTED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (
            r"(?:政府|政务)?(?:网站|新媒体|网上政府)(?!公开)[^,，。]{0,12}(?:报表|年报|年度报告|工作报告|年度工作报)",
            "report of a website",
        ),
        (r"网站(?:监管)?(?:工作)?年度(?:工作)?报[表告]|网站(?:工作)?年报", "report of a website"),
        (r"事业单位(?:法人)?.{0,6}(?:年度报告|年报)|法人年度报告", "report of a public institution as a legal person"),
        (r"(?<!信息公开)政府工作报告", "report on the work of the government"),
        (r"法治(?:政府)?(?:建设)?.{0,8}(?:报告|情况|年报)|依法行政.{0,6}(?:报告|情况)", "report on government by law"),
        (r"预算|决算|三公经费|绩效(?:评价|自评|目标)", "budget or accounts"),
        (r"统计(?:公报|年鉴|月报)|年鉴|国民经济和社会发展", "statistics"),
        (
            r"企业(?:信息)?(?:公示)?年(?:度)?报|(?:市场主体|个体工商户|公司|农民专业合作社).{0,8}年(?:度)?报",
            "report of companies",
        ),
        (
            r"行政(?:执法|处罚|许可|复议|应诉|检查)[^信]{0,10}(?:年度|统计)?(?:报告|年报|数据)",
            "report on enforcement or appeals",
        ),
        (r"(?:建议|提案)(?:办理)?[^信]{0,10}(?:报告|情况)", "answers to proposals"),
        (r"审计(?:工作|结果)?(?:报告|公告)", "audit"),
        (r"(?:环境|企业环境|环保)信息(?:依法)?(?:公开|披露)", "environmental disclosure of companies"),
        (r"(?:党务|院务|厂务|村务|居务|校务|警务|检务|审务)公开", "disclosure under other rules"),
        (r"学年|高校信息公开|学校信息公开|大学.{0,12}信息公开", "report of a school or university"),
        (r"社会责任报告|质量(?:年度)?报告|环境(?:质量|状况)(?:公报|报告)|水资源公报", "report of another subject"),
        (
            r"信息公开(?:工作)?(?:指南|制度|目录|规定|办法|条例|要点|方案|计划|考核|培训|会议|机构|专栏|申请|监督|投诉|保密|审查|收费|意见箱)",
            "another paper on disclosure",
        ),
        (r"政务公开(?:工作)?(?:要点|方案|计划|考核|培训|会议|标准)", "another paper on disclosure"),
        (
            r"上半年|下半年|半年度?|第?[一二三四1-4]季度|季报|月报|(?<!\d)\d{1,2}月(?:份)?(?!\d*日)",
            "not of a whole year",
        ),
        (
            r"(?:编制|编写|编报|报送|做好|撰写|起草|印发|发布|上报|公布).{0,40}(?:年度报告|年报|报告).{0,16}(?:通知|要求|说明|函|格式|模板)",
            "notice about reports",
        ),
        (r"(?:年度报告|年报).{0,16}(?:有关事项|事项)?的?(?:通知|格式|模板|培训)", "notice about reports"),
        (r"(?:招聘|招标|中标|采购(?:公告|结果)|拍卖|任免|公示)", "notice"),
    )
)
#: Rejections that give way when the title names the report itself beyond doubt, e.g. of a budget or audit office.
_OUTRANKED = frozenset({"budget or accounts", "audit", "report on enforcement or appeals", "notice", "statistics"})

_SHAPES: tuple[tuple[re.Pattern[str], Shape], ...] = (
    (re.compile(r"更正|勘误|修[订改]版?|更新版|重新发布"), Shape.CORRECTION),
    (re.compile(r"图解|一图读懂|一图看懂|图说|长图|动漫"), Shape.INFOGRAPHIC),
    (re.compile(r"图片版|扫描件|扫描版"), Shape.IMAGE),
    (re.compile(r"超链接?版|链接版|网页版"), Shape.LINKED),
    (re.compile(r"解读|问答"), Shape.INTERPRETATION),
    (
        re.compile(
            r"[(（【\[]?(?:pdf|word|docx?|ofd|wps|下载|附件)版?[)）】\]]?\Z|\.(?:pdf|docx?|ofd|wps)\Z", re.IGNORECASE
        ),
        Shape.FILE,
    ),
)

#: Labels under which menus lead to the reports, best first (field guide §10.1).
_LABELS_STRONG = re.compile(
    r"\A(?:本(?:机关|单位|部门|级))?(?:历年)?(?:[\u4e00-\u9fff]{2,12}(?:局|委|办|厅|镇|乡|街道|区|县|市|政府))?(?:政府|政务)?信息公开"
    r"(?:工作)?(?:情况)?(?:年报|年度报告|年度工作报告|工作年度报告|年度|报告)(?:专栏|栏目|公开|列表)?\Z"
)
_LABELS_WEAK = re.compile(r"\A(?:历年|公开|信息)?(?:年报|年度报告|公开年报|年度年报|工作年报|年度工作报告|年报公开)\Z")
_LABELS_FALSE = re.compile(r"网站|报表|法人|法治|预算|决算|统计|企业|财务|工作报告\Z(?<!年度工作报告)(?<!公开工作报告)")

_ORGAN_END = (
    r"(?:人民政府|政府|办公室|办公厅|政府办|委员会|管委会|管理处|管理局|分局|支队|总队|大队|[局厅委办处院署站所队社行]"
    r"|街道办事处|街道|[镇乡]|民族乡|苏木|区|县|市|省|州|旗|盟|中心|集团|公司|总社|联合会|法院|银行|服务处|开发区|新区|园区|学校)"
)
_ORGAN = re.compile(rf"[\u4e00-\u9fff·()（）“”\"A-Za-z0-9]{{1,60}}?{_ORGAN_END}\Z")
_LEAD = re.compile(
    r"\A(?:(?:\[[^\]]{0,12}\]|【[^】]{0,12}】|[(（](?:更正|更新|修订|图解|转发)[)）])|附件\d{0,2}[::：.、]?|关于(?:公布|发布|印发|报送|公开)?|公布|发布"
    r"|图解[::：|]?|一图读懂[::：|]?|一图看懂[::：|]?|转载|更正[::：]?|解读[::：]?|置顶)+"
)
_EDGE = " 　-—_|·:：,，、。.《》“”\"'的之"


def normalise(title: str) -> str:
    """A title with entities, tags, full-width digits and white space undone, Chinese years as digits."""
    text = html.unescape(_TAGS.sub("", html.unescape(title)))
    # NFKC would also turn full-width brackets and colons; that is wanted: titles mix both.
    text = _SPACES.sub("", unicodedata.normalize("NFKC", text))
    text = _BULLET.sub("", text)
    return _CHINESE_YEAR.sub(lambda found: "".join(_CHINESE_DIGITS.get(c, c) for c in found.group()), text)


def judge_title(title: str) -> Title:
    """Judge one title of a list, best its `title` attribute, because lists cut the visible text."""
    text = normalise(title)
    is_cut = bool(_CUT.search(text))
    text = _CUT.sub("", text)
    core = _core_of(text)
    shape = _shape_of(text)
    year = _year_of(text, core)
    agency = _agency_of(text, core)
    if not text or text.lower() in ("null", "undefined"):
        return Title(Judgement.UNSURE, "no title", None, None, shape, is_cut=is_cut)

    for pattern, reason in _REJECTED:
        if pattern.search(text) and not (core is not None and year is not None and reason in _OUTRANKED):
            return Title(Judgement.REJECT, reason, year, agency, shape, is_cut=is_cut)
    if core is not None:
        if shape is Shape.INTERPRETATION:
            return Title(Judgement.UNSURE, "explains a report", year, agency, shape, is_cut=is_cut)
        if year is None and _label_rank(text) is not None:
            return Title(
                Judgement.UNSURE, "names the kind of report, no year", None, None, shape, is_bare=True, is_cut=is_cut
            )
        return Title(Judgement.ACCEPT, "names the report", year, agency, shape, is_cut=is_cut)
    if is_cut and year is not None and re.search(r"(?:政府|政务)?信息公?开?(?:工?作?)?\Z|政府信?\Z", text):
        return Title(
            Judgement.UNSURE, "cut before it could name the report", year, agency, shape, is_bare=True, is_cut=True
        )
    if _CORE_WEAK.search(text):
        return Title(
            Judgement.UNSURE, "may name the report", year, agency, shape, is_bare=year is not None, is_cut=is_cut
        )
    if year is not None and (agency is not None or len(text) <= 8):
        return Title(Judgement.UNSURE, "unit and year only", year, agency, shape, is_bare=True, is_cut=is_cut)
    return Title(Judgement.UNSURE, "says nothing of reports", year, agency, shape, is_cut=is_cut)


def _core_of(text: str) -> tuple[int, int] | None:
    """Where the words that name the report stand."""
    found = _CORE.search(text) or _CORE_YEAR_FIRST.search(text)
    if found is None:
        return None
    start = found.start() + (found.group().startswith("年") and (2 if found.group().startswith("年度") else 1))
    return start, found.end()


def _shape_of(text: str) -> Shape:
    for pattern, shape in _SHAPES:
        if pattern.search(text):
            return shape
    return Shape.TEXT


def _years(text: str) -> list[tuple[int, int, int, bool]]:
    """All years that are no part of a date, a document number or a range: (start, end, year, written with 年)."""
    blanked = text
    for pattern in (_DATE, _DOCUMENT_NUMBER, _YEAR_RANGE):
        blanked = pattern.sub(lambda found: "\0" * len(found.group()), blanked)
    return [(m.start(), m.end(), int(m.group(1)), "年" in m.group()) for m in _YEAR.finditer(blanked)]


def _year_of(text: str, core: tuple[int, int] | None) -> int | None:
    """The report year: the last one before the end of the report's name, else the only one."""
    years = _years(text)
    if not years:
        return None
    if core is not None:
        before = [item for item in years if item[0] < core[1]]
        marked = [item for item in before if item[3]] or before
        if marked:
            return marked[-1][2]
    distinct = {item[2] for item in years}
    return years[0][2] if len(distinct) == 1 else None


def _agency_of(text: str, core: tuple[int, int] | None) -> str | None:
    """The part of a title that names the organ: before the year, between year and name of the report, or in brackets after it."""
    years = _years(text)
    head_end = core[0] if core is not None else len(text)
    first_year = next((item for item in years if item[0] <= head_end), None)
    candidates = []
    if first_year is not None:
        candidates += [text[: first_year[0]], text[first_year[1] : head_end] if head_end > first_year[1] else ""]
    elif core is not None:
        candidates.append(text[:head_end])
    if core is not None:
        candidates += [part for part in re.split(r"[()（）—_|:\-]+", text[core[1] :]) if part]
    for number, candidate in enumerate(candidates):
        name = _LEAD.sub("", _ORDINAL.sub("", candidate)).strip(_EDGE).removesuffix("关于").strip(_EDGE)
        name = re.sub(r"\A(?:年度?|度)", "", name).strip(_EDGE)
        joined = core is not None and number < 2 and name.endswith("人民") and text[core[0] :].startswith("政府")
        if joined:
            name += "政府"
        if len(name) >= 2 and (number == 0 or _ORGAN.match(name)) and re.search(r"[\u4e00-\u9fff]{2}", name):
            return name
    return None


def _label_rank(text: str) -> int | None:
    if _LABELS_FALSE.search(text):
        return None
    if _LABELS_STRONG.match(text):
        return 0 if "年" in text else 1
    return 2 if _LABELS_WEAK.match(text) else None


def column_label_rank(label: str) -> int | None:
    """How surely a menu label or column name means the annual reports: 0 surest, `None` not at all.

    0 names disclosure and year (政府信息公开年报), 1 names disclosure reports without a year, 2 says only 年报 or 年度报告
    and counts where the menu around it is about government information.
    """
    return _label_rank(re.sub(r"[(（]\d+[)）]\Z|[>»›]+\Z", "", normalise(label)).strip(_EDGE))
