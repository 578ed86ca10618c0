"""Whose number a sentence gives: that of the organ whose tables the report prints, or of a part, or of more than it.

A report on a whole area also tells what single organs did, an office's what the whole area did; such numbers restate no figure.
"""

from __future__ import annotations

import re
from enum import StrEnum

from extract.model import Extraction, Scope


class Speaker(StrEnum):
    """Kinds of words that say who received, decided or published."""

    OWN = "own"
    AREA = "area"
    LEVEL = "level"
    LOCAL = "local"
    LOWER = "lower"
    ORGAN = "organ"


_ORGANS = (
    r"人民政府办公室|人民政府办公厅|政府办公室|政府办公厅|政府办|府办|办公厅|办公室|管委会|管理委员会|人民政府|政府|分局|局|委员会|委|厅|中心|公司|"
    r"大队|支队|学院|医院|学校"
)
_ACTS = (
    r"(?:机关|本级)?(?:代表[\u4e00-\u9fff]{1,8}?)?(?:本年|全年|上年|今年|年度|共|累计|合计|总共|全部|新|收|受理|接|办|答复|处理|制|出台|作出|公开|主动|被|因|未|没有|无|"
    r"发生|产生|层面|\d)"
)
#: One alternative a kind, tried in this order at each place.
_SPEAKERS = re.compile(
    r"(?P<area>全[国省市区县旗州盟](?:各级|上下|各|行政机关|政府机关|政府|机关|系统|部门|单位|乡镇|街道|镇街|地|和|及|、)*|各级(?:各部门|各单位|行政机关|政府|机关|部门|单位|、|和|及)*|"
    r"各地各部门|我[省市区县旗州盟])"
    r"|(?P<own>本(?:行政)?机关|[我本]办公[室厅]|[我本](?:单位|部门|局|委|厅|办|院|部|署|处|中心|镇|乡|街道|公司|校)(?!理|公|结|年|期)|全(?:局|委|厅|院|校|镇|乡|街道))"
    r"|(?P<level>[省市区县州旗]本级|本级(?:政府|机关|行政机关)?)"
    r"|(?P<local>各[省市县区镇乡(][()省市县区镇乡、]*(?:[\u4e00-\u9fff]{0,8}?(?:局|委|办公室|政府|部门|单位))?|各?(?:县\(?市、?区\)?|县市区|市县区?|区县|县区|乡镇|镇街|镇乡|街镇)(?:政府|、|街道|和|各|\(街道\))*|各(?:乡镇|街道|镇街|部门|单位|地|科室)|街道|"
    r"[省市区县](?:级|直|直属)(?:各)?(?:部门|单位|行政机关|机关|政府)|其[他它](?:部门|单位|行政机关|机关))"
    r"|(?P<lower>全系统|下属|直属|所属|局属|二级(?:单位|机构)|基层|派出机构|分局|部门)"
    rf"|(?P<organ>(?:{_ORGANS}))(?={_ACTS})"
)
_LONGEST_NAME = 16
#: 市局 for the bureau of the city.
_SHORT = re.compile(r"([省市区县州旗])(局|委|厅)$")
#: Kinds that speak of the printed tables, by the scope of the report.
_WHOLE: dict[Scope | None, frozenset[Speaker]] = {
    Scope.REGION: frozenset({Speaker.OWN, Speaker.AREA}),
    Scope.OFFICE: frozenset({Speaker.OWN, Speaker.LEVEL}),
    Scope.DEPARTMENT: frozenset({Speaker.OWN}),
    None: frozenset({Speaker.OWN, Speaker.AREA, Speaker.LEVEL}),
}
#: The organ without those under it (市水务局机关).
_BY_ITSELF = re.compile(r"[局厅委办]机关")
#: An organ in whose name another acts (市政府办公厅代表市政府受理), or to which people turn, is no speaker.
_ON_BEHALF = re.compile(r"(?:代表|向|以|经)[\u4e00-\u9fff]{0,8}$")
_BESIDE = re.compile(r"全[省市区县旗州盟]|各级|其中|本级")
_SHORTEST_SHARED = 2


def speakers(text: str, extraction: Extraction) -> list[tuple[int, bool]]:
    """Who speaks in a sentence: the place of each mention, and whether what follows is of the printed tables."""
    return [
        (found.start(), _is_whole(found, text, extraction))
        for found in _SPEAKERS.finditer(text)
        if found.lastgroup != "organ" or _ON_BEHALF.search(text, 0, found.start()) is None
    ]


def _is_whole(found: re.Match[str], text: str, extraction: Extraction) -> bool:
    if found.lastgroup != "organ":
        return Speaker(str(found.lastgroup)) in _WHOLE[extraction.scope]
    name = text[max(0, found.start() - _LONGEST_NAME) : found.end()]
    if not _is_agency(name, extraction.agency) or _BY_ITSELF.match(text, found.start()):
        return False
    # The government itself, set beside its whole area (全市…，其中市政府…), is a part of it.
    return extraction.scope is not Scope.REGION or _BESIDE.search(text[: found.start()]) is None


def _is_agency(mention: str, agency: str | None) -> bool:
    """Whether words that end in an organ's name (`本年市水务局`) name the agency, in whatever shortened form."""
    if not agency:
        return False
    name, own = _plain(mention), _plain(agency)
    short = _SHORT.search(name)
    if short is not None and own.endswith(short[2]) and short[1] in own:
        return True
    shared = 0
    while shared < min(len(name), len(own)) and name[-1 - shared] == own[-1 - shared]:
        shared += 1
    rest = name[: len(name) - shared]
    return shared >= _SHORTEST_SHARED and not re.search(r"[省市区县旗州盟镇乡]$|[局委办厅]$", rest)


def _plain(name: str) -> str:
    short = name.replace("人民", "").replace("办公室", "办").replace("办公厅", "办").replace("政府办", "府办")
    return re.sub(r"管理委员会", "管委会", short)
