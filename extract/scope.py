"""Whose figures a report gives: the organ's own, a department's, or those of a government with all its organs.

Decided from the agency's name and the words of the text, with the words as evidence; never from the size of figures.
"""

from __future__ import annotations

import re

from extract.model import Scope

_OFFICE = re.compile(r"(?:人民政府|政府|管委会|管理委员会|党委|区委|市委|县委|国务院)?(?:办公室|办公厅)$")
_TOWN = re.compile(r"(?:镇|乡|民族乡|街道)(?:人民政府|政府|办事处)?$|街道办事处$|办事处$")
_GOVERNMENT = re.compile(r"(?:人民政府|政府|管委会|管理委员会|行政公署|区公所)$")
_DEPARTMENT = re.compile(
    r"(?:局|委|委员会|厅|部|署|院|中心|处|队|支队|总队|大队|站|所|集团|公司|大学|学院|学校|医院|银行|海关|联社|馆|台|会|总社|分局|分行|法院|公署)"
    r"(?:[（(].{2,20}[)）])?$"
)
#: Words that say the figures are of all organs of an area, next to what is counted.
_ALL_ORGANS = re.compile(
    r"[^。；\n]{0,30}(?:"
    r"全[省市区县旗州盟](?:各级)?(?:各)?(?:行政机关|政府机关|部门|单位|政务公开)?.{0,14}(?:收到|受理|办理|办结|新收|共收|主动公开|公开政府信息|制发|新制|依申请)|"
    r"(?:全[省市区县旗州盟]|本[省市区县]|各级)各?(?:级)?(?:行政机关|政府机关)|综合全?[省市区县]?各(?:部门|政务公开责任单位|单位|镇)|"
    r"各(?:区|县|镇|乡镇|街道)[^。]{0,10}各(?:部门|单位)[^。]{0,20}(?:公开|申请|报告)|我[省市区县旗]"
    r")[^。；\n]{0,30}"
)
_OWN_ONLY = re.compile(
    r"[^。；\n]{0,20}(?:[省市区县]本级|本机关|本办|我办|本厅|我局|本局|本单位)(?:共|全年|主动|收到|受理|办理)[^。；\n]{0,30}"
)


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
    return None, f"the name {agency} tells neither an office nor a department nor a government"


def _of_government(agency: str, text: str) -> tuple[Scope | None, str | None]:
    everyone = _ALL_ORGANS.search(text)
    own = _OWN_ONLY.search(text)
    if everyone is not None:
        return Scope.REGION, f"agency: {agency}; text: {everyone.group(0).strip()}"
    if own is not None:
        return Scope.OFFICE, f"agency: {agency}; text: {own.group(0).strip()}"
    return None, f"agency: {agency}; the text does not say whether other organs are counted"
