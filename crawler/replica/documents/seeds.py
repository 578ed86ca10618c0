"""The five real reports that came with the project, as shipped data: narrative with places for the tables, and figures as printed."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from crawler.replica.documents.model import Indicator, Paragraph, Report, Role, TableSlot, Wording

SLUGS = ("haishu-office-2020", "yuyao-2019", "keqiao-2020", "ningbo-hightech-2019", "ouhai-2020")

_HEADING = re.compile(r"[一二三四五六七]、(?!是)")
_SUBHEADING = re.compile(r"[（(][一二三四五六七][）)].{2,24}$")
_SIGNATURE = re.compile(r"20\d\d年\d+月\d+日$")

#: slug → agency, year, title as the portal prints it, paragraphs of the narrative that are its title, departures from the form.
_FACTS: dict[str, tuple[str, int, str, int, Wording]] = {
    "haishu-office-2020": (
        "宁波市海曙区人民政府办公室", 2020, "宁波市海曙区人民政府办公室2020年政府信息公开工作年度报告", 1, Wording(),
    ),
    "yuyao-2019": ("余姚市人民政府", 2019, "余姚市人民政府2019年政府信息公开工作年度报告", 2, Wording()),
    "keqiao-2020": (
        "绍兴市柯桥区人民政府", 2020, "2020柯桥区政府信息公开年度报告", 1,
        Wording(amount_header="采购总金额(单位：万元)", carried_in="一、上年结转政府信息公开申请数量"),
    ),
    "ningbo-hightech-2019": (
        "宁波国家高新区(新材料科技城)管委会办公室", 2019,
        "宁波国家高新区（新材料科技城）管委会办公室2019年政府信息公开工作年度报告", 0,
        Wording(half_width=True, spaced_headers=True),
    ),
    "ouhai-2020": (
        "温州市瓯海区人民政府", 2020, "瓯海区人民政府2020年度政府信息公开工作年度报告", 1,
        Wording(amount_header="采购总金额(单位:元)", half_width=True),
    ),
}  # fmt: skip


@cache
def load(slug: str) -> Report:
    """One of the five reports. Raises `KeyError` for another name."""
    agency, year, title, title_lines, wording = _FACTS[slug]
    folder = files("crawler.replica").joinpath("data", "seeds")
    lines = folder.joinpath(f"{slug}.txt").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(folder.joinpath(f"{slug}.csv").read_text(encoding="utf-8").splitlines())
    raws = {(row["table"], row["row"], row["column"]): row["raw"] for row in rows}
    indicators = folder.joinpath(f"{slug}.indicators.tsv")
    return Report(
        title=title,
        agency=agency,
        year=year,
        form="2019",
        blocks=tuple(_block(index, line, title_lines) for index, line in enumerate(lines)),
        raws=raws,
        indicators=_indicators(indicators.read_text(encoding="utf-8")) if indicators.is_file() else (),
        wording=wording,
    )


def _block(index: int, line: str, title_lines: int) -> Paragraph | TableSlot:
    if line.startswith("{{"):
        return TableSlot(line.strip("{}"))
    if index < title_lines:
        return Paragraph(line, Role.TITLE)
    if (_HEADING.match(line) and len(line) < 40) or _SUBHEADING.match(line):
        return Paragraph(line, Role.HEADING)
    if re.fullmatch(r"表[一二三四]", line) or line.endswith("(部分截图)"):
        return Paragraph(line, Role.CAPTION)
    if _SIGNATURE.match(line):
        return Paragraph(line, Role.SIGNATURE)
    return Paragraph(line)


def _indicators(text: str) -> tuple[Indicator, ...]:
    rows = (line.split("\t") for line in text.splitlines())
    return tuple(Indicator(label.replace("<br>", "\n"), unit, value) for label, unit, value in rows)
