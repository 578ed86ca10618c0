"""A report's chapters with their text, complete and in order. Cells of tables are no text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from extract.document.clean import collapse, squeeze
from extract.lexicon.furniture import is_information, is_noise, is_page_number
from extract.model import Block, Document, Line, Section
from extract.report.headings import Heading, heading_of, is_broken_heading

_RESIDUE = re.compile(r"\[bookmark:[^\[\]]*\]")
_NUMBER = re.compile(r"[+\-−－]?[\d,，.．０-９]+(?:元|万元|亿元|件|项|条|%)?|[-—－/–]+|无|——|\|+")
#: Words of the official tables; a short line made of one of them is a cell wherever the text lost its table.
_LABEL = re.compile(
    r"第二十条第?[(（]?[一五六八九]?[)）]?项?|信息内容|本年新?制?作?制?发?件?数?量?|本年新(?:制作|公开)数量|对外公开总数量|本年(?:制发|废止)件数|现行有效件数|规章|(?:行政)?规范性文件|"
    r"上一年项目数量|本年增/?减|(?:本年)?处理决定数量|行政许可|其他对外管理服务事项|行政处罚|行政强制|行政事业性收费|采购项目数量|"
    r"(?:采购总|本年收费)金额(?:[(（].{1,10}[)）])?|政府集中采购|[(（]本列数据的勾稽关系为.*|申请人情况|自然人|法人或其他组织|商业企业|商业|企业|科研机构|"
    r"社会公益组织|社会公益|组织|法律服务机构|法律服务|机构|其他|总计|合计|"
    r"[一二]、(?:本年新收|上年结转)政府信息公开申请数量|三、本年度?办理结果|四、结转下年度继续办理|[(（][一二三四五六七][)）](?:予以公开|部分公开.*|不予公开|无法提供|不予处理|其他处理|总计)|"
    r"[1-8][.．、](?:属于国家秘密|其他法律行政法规禁止公开|危及.{0,12}|保护第三方合法权益|属于三类内部事务信息|属于四类过程性信息|属于行政执法案卷|属于行政查询事项|"
    r"本机关不掌握相关政府信息|没有现成信息需要另行制作|补正后申请内容仍不明确|信访举报投诉类申请|重复申请|要求提供公开出版物|无正当理由大量反复申请|"
    r"要求行政机关确认或重新出具已获取信息|申请人无正当理由.*|申请人逾期未按.*|其他)|行政复议|行政诉讼|结果维持|结果纠正|其他结果|尚未审结|未经复议直接起诉|复议后起诉|"
    r"单位|统计数|统计指标|指标|数量|项目"
)
_NUMBERS_ROW = re.compile(r"(?:\S{0,40}\s+)?(?:[+\-]?[\d,.]+\s+){2,}[+\-]?[\d,.]+")
_RUN = 3
#: More numbered lines than any report has; the chain is sought among fewer, because its cost grows with the square.
_MOST_HEADINGS = 400


def read_sections(document: Document) -> tuple[Section, ...]:
    """The chapters from the first heading on; without any heading there are none."""
    lines = _text_lines(document.blocks)
    headings = _chapters(
        [(place, heading) for place, line in enumerate(lines) if (heading := heading_of(line)) is not None]
    )
    sections: list[Section] = []
    for order, (place, heading) in enumerate(headings):
        end = headings[order + 1][0] if order + 1 < len(headings) else len(lines)
        body = [heading.rest] if heading.rest else []
        body += [collapse(_RESIDUE.sub("", line)) for line in lines[place + 1 : end]]
        sections.append(Section(heading.kind, heading.text, "\n".join(line for line in body if line)))
    return tuple(sections)


def preamble(document: Document) -> tuple[str, ...]:
    """The lines in front of the first chapter, title included."""
    lines = _text_lines(document.blocks)
    headings = _chapters(
        [(place, heading) for place, line in enumerate(lines) if (heading := heading_of(line)) is not None]
    )
    return tuple(lines[: headings[0][0]]) if headings else tuple(lines)


def running_text(document: Document) -> tuple[str, ...]:
    """All lines of the report without those that are cells of a table, page numbers and page furniture."""
    return tuple(_text_lines(document.blocks))


def _text_lines(blocks: Sequence[Block]) -> list[str]:
    lines = [block for block in blocks if isinstance(block, Line)]
    cells = _cell_lines([line.text for line in lines])
    kept: list[str] = []
    for place, line in enumerate(lines):
        text = line.text
        if place in cells or not text.strip() or is_page_number(text):
            continue
        if len(text) <= 200 and (is_noise(text) or is_information(text, len(kept))):
            continue
        whole = _rejoined(kept[-1], text) if kept else None
        if whole is not None:
            kept[-1] = whole
        else:
            kept.append(text)
    return kept


def _rejoined(line: str, after: str) -> str | None:
    """A heading that the page's width broke over two lines (`…行政复议、行政诉` + `讼情况`), in one piece."""
    if len(after) > 16 or len(line) > 46 or not is_broken_heading(line):
        return None
    whole = collapse(line) + collapse(after)
    heading = heading_of(whole)
    return (
        whole
        if heading is not None and heading.official and not heading.rest and not is_broken_heading(whole)
        else None
    )


def _cell_lines(texts: Sequence[str]) -> set[int]:
    """Places of the lines that are cells or rows of a table which the carrier flattened into text."""
    marks = [_is_cell(text) for text in texts]
    cells: set[int] = set()
    start = 0
    while start < len(marks):
        if not marks[start]:
            start += 1
            continue
        end = start
        last = start
        while end < len(marks) and (marks[end] or (end - last <= 2 and _may_be_cell(texts[end]))):
            if marks[end]:
                last = end
            end += 1
        run = range(start, last + 1)
        if sum(1 for place in run if marks[place]) >= _RUN or any(_is_row(texts[place]) for place in run):
            cells.update(run)
        start = last + 1
    return cells


def _is_row(text: str) -> bool:
    return text.strip("\n").count("\t") >= 2 or text.count("|") >= 2


def _is_cell(text: str) -> bool:
    if text.startswith("\t") or _is_row(text):
        return True
    flat = squeeze(text).strip("|")
    if len(flat) > 60:
        return False
    return (
        not flat
        or _NUMBER.fullmatch(flat) is not None
        or _LABEL.fullmatch(flat) is not None
        or (len(text) <= 120 and _NUMBERS_ROW.fullmatch(text.strip()) is not None)
    )


def _may_be_cell(text: str) -> bool:
    """Whether a line between cells may be one too: short, no sentence, no chapter's heading."""
    flat = squeeze(text)
    return (
        len(flat) <= 24
        and not flat.endswith(("。", "；", "："))
        and heading_of(text) is None
        and not flat.startswith("表")
    )


def _chapters(found: Iterable[tuple[int, Heading]]) -> list[tuple[int, Heading]]:
    """The chapters among all headings: one style of number, rising one by one, with as many official headings as can be.

    A stray `四、` inside chapter 一 is passed over because no chapter 二 and 三 come after a 四 (longest rising chain).
    """
    headings = list(found)
    if len(headings) > _MOST_HEADINGS:
        headings = [pair for pair in headings if pair[1].official][:_MOST_HEADINGS]
    best: list[tuple[float, int]] = []  # weight of the best chain that ends here, and where it came from
    for place, (_, heading) in enumerate(headings):
        own = 3.0 if heading.official else 1.0
        weight, before = own - (0.0 if heading.number <= 1 else 0.75 * (heading.number - 1)), -1
        for earlier in range(place):
            previous = headings[earlier][1]
            gap = _gap(previous, heading)
            if gap is None:
                continue
            candidate = best[earlier][0] + own - 0.75 * gap
            if candidate > weight:
                weight, before = candidate, earlier
        best.append((weight, before))
    if not best:
        return []
    place = max(range(len(best)), key=lambda index: best[index][0])
    chain: list[tuple[int, Heading]] = []
    while place >= 0:
        chain.append(headings[place])
        place = best[place][1]
    chain.reverse()
    if len(chain) == 1 and not chain[0][1].official:
        return []
    return chain


def _gap(previous: Heading, heading: Heading) -> int | None:
    """How many numbers lie between two headings that may follow each other; `None` if they may not. One printed twice counts as a gap."""
    if not (heading.number and previous.number):
        return None if heading.kind == previous.kind and heading.text == previous.text else 0
    if _style(heading) != _style(previous):
        return None
    if heading.number == previous.number and _is_misnumbered(previous, heading):
        return 1
    return heading.number - previous.number - 1 if heading.number > previous.number else None


def _is_misnumbered(previous: Heading, heading: Heading) -> bool:
    """Whether an official heading bears the number of the one before it: a number that was printed twice."""
    return previous.official and heading.official and previous.kind != heading.kind


def _style(heading: Heading) -> str:
    if heading.text[:1] in "（(":
        return "brackets"
    return "digits" if heading.text[:1].isdigit() and heading.text[0].isascii() else "han"
