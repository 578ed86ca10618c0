"""Whose figures a report gives: the organ's own, a department's, or those of a government with all its organs.

Decided from the agency's name and the words of the text, with the words as evidence; never from the size of figures.
"""

from __future__ import annotations

import re

from extract.messages import localizable
from extract.model import Scope

#: The office of a government, of a committee that governs an area, or of the party's committee there; other offices (人民防空办公室,
#: 机构编制委员会办公室) are departments.
_OFFICE = re.compile(
    r"(?:政府|管委会|[区园城岛港湖山]管理委员会|[省市县区旗州盟工]委|党委|党政(?:综合)?|国务院|行政公署)(?:办公室|办公厅|办)$|^办公[室厅]$"
)
_TOWN = re.compile(r"(?:镇|乡|民族乡|街道)(?:人民政府|政府|办事处)?$|街道办事处$|办事处$")
#: 国有资产监督管理委员会 and 城市管理委员会 govern no area.
_GOVERNMENT = re.compile(r"(?:人民政府|政府|(?<!城)(?<!资)管委会|[区园城岛港湖山]管理委员会|行政公署|区公所)$")
_DEPARTMENT = re.compile(
    r"(?:局|委|委员会|厅|部|署|院|中心|处|队|支队|总队|大队|站|所|集团|公司|大学|学院|学校|医院|银行|海关|联社|馆|台|会|总社|分局|分行|法院|公署|办公室|办)"
    r"(?:[（(].{2,20}[)）])?$"
)
#: Words that say the figures are of all organs of an area; the most telling first.
_ALL_ORGANS = tuple(
    map(
        re.compile,
        (
            r"全[省市区县旗州盟镇](?:各级)?各?(?:行政机关|政府机关|部门|单位|镇街|乡镇).{0,14}(?:收到|受理|办理|办结|新收|公开|制发|新制)",
            r"全[省市区县旗州盟](?:共|累计|全年|本年|一共|各级)?.{0,6}(?:收到|受理|办理|办结|新收|主动公开|制发|新制).{0,20}(?:申请|信息|文件)",
            r"综合全?[省市区县]?各.{0,10}(?:部门|单位|镇)|(?:全[省市区县旗州盟]|本[省市区县]|各级)各?级?(?:行政机关|政府机关)",
            r"各(?:区|县|镇|乡镇|街道)[^。]{0,10}各(?:部门|单位)[^。]{0,20}(?:公开|申请|报告)",
        ),
    )
)
_AREA = re.compile(r"我[省市区县旗州盟]|全[省市区县旗州盟]")
_OWN_ONLY = re.compile(r"(?:[省市区县]本级|本机关|本办|我办|本厅|我局|本局|本单位)(?:共|全年|主动|收到|受理|办理)")
_SENTENCE = re.compile(r"[。；\n]")
_AROUND = 30


def decide_scope(agency: str | None, title: str | None, text: str) -> tuple[Scope | None, str | None]:
    """The scope and the words that show it; (`None`, reason) where nothing decides.

    Args:
        agency: As identified.
        title: As printed.
        text: The report's running text.
    """
    if agency is None:
        return None, None
    if _OFFICE.search(agency):
        return Scope.OFFICE, f"agency: {agency}"
    if _TOWN.search(agency):
        return Scope.OFFICE, f"agency: {agency}"
    if _GOVERNMENT.search(agency):
        return _of_government(agency, text)
    if _DEPARTMENT.search(agency):
        return Scope.DEPARTMENT, f"agency: {agency}"
    return None, localizable(f"the name {agency} tells neither an office nor a department nor a government")


def _of_government(agency: str, text: str) -> tuple[Scope | None, str | None]:
    for pattern in _ALL_ORGANS:
        everyone = pattern.search(text)
        if everyone is not None:
            return Scope.REGION, localizable(f"agency: {agency}; text: {_in_context(everyone, text)}")
    own = _OWN_ONLY.search(text)
    if own is not None:
        return Scope.OFFICE, localizable(f"agency: {agency}; text: {_in_context(own, text)}")
    area = _AREA.search(text)
    if area is not None:
        return Scope.REGION, localizable(f"agency: {agency}; text: {_in_context(area, text)}")
    return None, localizable(f"agency: {agency}; the text does not say whether other organs are counted")


def _in_context(found: re.Match[str], text: str) -> str:
    """The words found with those around them in the same sentence."""
    before = _SENTENCE.split(text[max(0, found.start() - _AROUND) : found.start()])[-1]
    after = _SENTENCE.split(text[found.end() : found.end() + _AROUND])[0]
    return (before + found.group(0) + after).strip()
