"""Every part of a document that was not read: what its reader names, files that hang on it, tables whose cells are glued."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from extract.document.clean import squeeze
from extract.lexicon.addresses import names_image
from extract.model import SECTION_KINDS, Document, Line, Section, UnreadKind, UnreadPart
from extract.report.headings import heading_of

#: Words that stand in the official tables and in no sentence, by table.
_LABELS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "disclosure": (
        re.compile(r"第二十条第[(（]一[)）]项"),
        re.compile(r"第二十条第[(（][五六八九][)）]项"),
        re.compile(r"信息内容本年|本年制发件数|本年新制作数量"),
        re.compile(r"现行有效件数|对外公开总数量|本年处理决定数量|上一年项目数量"),
    ),
    "applications": (
        re.compile(r"本年新收政府信息公开申请数量"),
        re.compile(r"上年结转政府信息公开申请数量"),
        re.compile(r"商业企业科研机构|社会公益组织法律服务"),
        re.compile(r"结转下年度继续办理\d"),
    ),
    "challenges": (
        re.compile(r"结果维持结果纠正"),
        re.compile(r"未经复议直接起诉"),
        re.compile(r"复议后起诉"),
    ),
}
#: A line that only points to another place, where a table may stand.
_POINTER = re.compile(
    r"(?:详见|参见|见|详情请?(?:见|看)|查看|点击|下载|扫描).{0,16}?(?:附件|附表|附图|附后|图片|链接|表格|统计表|年报表|二维码|下载|网址)|^[(（]?附(?:件|表)[:：、)）\d]"
)
_LONGEST_POINTER = 60
#: Signs that may stand between glued cells.
_SEPARATORS = re.compile(r"[/\\|,，;；:：·.…_\[\]—–-]+")
#: So many of a table's words in one line of text are the table, with its cells glued to each other.
_ENOUGH = 2
_LONG_ROW, _SHORT_HEADER = 60, 20


def unread_parts(document: Document) -> tuple[UnreadPart, ...]:
    """All parts of a document that were not read, before its tables are."""
    files = (
        UnreadPart(UnreadKind.ATTACHMENT, link.text or link.url)
        for link in document.links
        if link.is_attachment and not names_image(link.url.partition("?")[0])
    )
    return tuple(dict.fromkeys((*document.unread, *files, *_glued(document))))


def _may_be_glued(text: str) -> bool:
    """Whether a line may hold cells: it is long and has figures, or is a header, which has none, and no sentence."""
    if len(text) > _LONG_ROW:
        return any(sign.isdigit() for sign in text)
    return len(text) > _SHORT_HEADER and "件" not in text and "。" not in text


def _glued(document: Document) -> list[UnreadPart]:
    found = []
    for block in document.blocks:
        if isinstance(block, Line) and _may_be_glued(block.text):
            flat = _SEPARATORS.sub("", squeeze(block.text))
            tables = [
                table
                for table, labels in _LABELS.items()
                if sum(map(bool, (p.search(flat) for p in labels))) >= _ENOUGH
            ]
            if tables:
                found.append(UnreadPart(UnreadKind.GLUED, block.where or "a line of text", tuple(tables)))
    return found


def told_elsewhere(document: Document) -> tuple[UnreadPart, ...]:
    """What the text itself says to stand in another place: 详见附件, 数据见附表."""
    lines = (block.text for block in document.blocks if isinstance(block, Line) and len(block.text) <= _LONGEST_POINTER)
    return tuple(UnreadPart(UnreadKind.ELSEWHERE, text.strip()) for text in lines if _POINTER.search(squeeze(text)))


def lost_chapters(sections: Sequence[Section]) -> tuple[UnreadPart, ...]:
    """Gaps in the numbers of the chapters, where one of the official chapters was not read: its heading may be a picture, or out of reach."""
    kinds = {section.kind for section in sections}
    lacking = tuple(kind for kind in SECTION_KINDS if kind not in kinds)
    numbers = [(heading.number, section.heading) for section in sections if (heading := heading_of(section.heading))]
    numbered = [(0, "the beginning"), *((number, text) for number, text in numbers if number)]
    gaps = [f"between {before[1]} and {after[1]}" for before, after in pairwise(numbered) if after[0] > before[0] + 1]
    return tuple(UnreadPart(UnreadKind.CHAPTERS, gap[:200], lacking) for gap in gaps) if lacking else ()


def without_tables(parts: tuple[UnreadPart, ...], coverage: Mapping[str, object]) -> tuple[UnreadPart, ...]:
    """Parts without glued tables that were read all the same, and without chapters whose table was."""
    of_tables = (UnreadKind.GLUED, UnreadKind.CHAPTERS)
    return tuple(part for part in parts if part.kind not in of_tables or set(part.may_hold) - coverage.keys())
