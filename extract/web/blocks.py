"""An element of a page → lines and grids in reading order, without what belongs to the page around the report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from extract.document.clean import collapse, printable, squeeze
from extract.document.drawn import has_digit
from extract.document.limits import Budget
from extract.errors import DocumentTooLarge
from extract.lexicon.furniture import ISSUER_LABELS, head_information, is_noise
from extract.lexicon.page_parts import is_noise_name
from extract.lexicon.report_marks import count_markers
from extract.model import Block, Line
from extract.web.drawn import PageView
from extract.web.elements import BLOCKS, SILENT, string_of
from extract.web.grid import TableParts, table_parts, to_grid
from extract.web.links import is_file
from extract.web.overlaid import with_doubts

if TYPE_CHECKING:
    from lxml.etree import _Element

_INFO_LABELS = frozenset(
    [
        "索引号",
        "索取号",
        "信息索引号",
        *ISSUER_LABELS,
        "发文日期",
        "成文日期",
        "生成日期",
        "发布日期",
        "发布时间",
        "公开日期",
        "信息名称",
        "名称",
        "标题",
        "文号",
        "发文字号",
        "发布文号",
        "主题词",
        "关键词",
        "分类",
        "主题分类",
        "组配分类",
        "信息分类",
        "体裁分类",
        "公开方式",
        "公开形式",
        "公开时限",
        "公开范围",
        "有效性",
        "时效性",
        "效力状态",
        "有效期",
        "责任部门",
        "内容概述",
        "生效日期",
        "废止日期",
        "关键字",
        "统一编号",
        "登记号",
        "主题",
        "体裁",
        "服务对象",
        "服务对象分类",
        "载体类型",
        "信息来源",
        "来源",
        "公开类别",
        "公开时间",
        "信息公开类别",
        "公开程序",
        "公开责任部门",
        "编制机构",
        "编制日期",
        "记录形式",
        "文件编号",
        "效力",
        "备注",
        "是否有效",
    ]
)
_FILE_LINE = re.compile(
    r"(?:相关)?附[件]?(?:下载|列表)?|文件下载|附件下载|点击下载|下载|已下载\d*次|[\s\d.、:：;；,，【】\[\]()（）《》<>\-—|·]|"
    r"(?:KB|MB|K|M|B)\b|(?:PDF|DOCX?|WPS|OFD|XLSX?)(?:版|格式|文件)?|(?:图片版|正文下载|点击查看|点击阅读|在线浏览|预览|查看|打开)",
    re.IGNORECASE,
)
_DOWNLOADS = re.compile(
    r"(?:[(（](?:已|被|累计|总)*+|(?<!已)(?<!被)(?<!累计)(?<!总)(?:已|被|累计|总)++)?下载"
    r"(?:(?:次数|人次|量|数)\s*+[:：]?\s*+\d[\d,]*+\s*+(?:人次|次)?|\s*+[:：]?\s*+\d*+\s*+次(?!数))[)）]?"
)
#: Private-use characters around the text of links to files, gone before a line leaves this module.
_FILE_ON, _FILE_OFF = "\ue000", "\ue001"
_IN_FILE_LINK = re.compile(f"{_FILE_ON}[^{_FILE_OFF}]*{_FILE_OFF}?")
_LONG_CELL = 250
_UNDER_THE_TITLE = 12
#: The longest reports have some thousand paragraphs; menus have some hundred links.
_MOST_BLOCKS = 30_000
_MOST_LINKS = 400
_RELATED = ("相关", "推荐", "热点", "热门", "最新", "其他", "更多", "附近", "延伸阅读", "猜你喜欢", "友情链接")


class PageWalk:
    """One walk through an element; afterwards `blocks` and `metadata` hold what was found."""

    def __init__(self, root: _Element, prefix: str, budget: Budget, view: PageView) -> None:
        self.blocks: list[Block] = []
        self.metadata: dict[str, str] = {}
        self.left_out = 0
        self._tree = root.getroottree()
        self._prefix = prefix
        self._view = view
        self._budget = budget
        self._buffer: list[tuple[_Element, str]] = []
        self._owner: _Element = root
        self._heading = False
        self._after_related = False
        self._places: dict[str, dict[_Element, int]] = {}

    def run(self, element: _Element) -> None:
        """Read the element, whatever it is."""
        self._owner = element
        if element.tag == "table":
            self._table(element)
        else:
            self._walk(element)
        self._flush()

    def _walk(self, element: _Element) -> None:
        if element.text:
            self._buffer.append((element, element.text))
        for child in element:
            if isinstance(child.tag, str):
                self._child(child)
            if child.tail:
                self._buffer.append((element, child.tail))

    def _child(self, child: _Element) -> None:
        tag = child.tag
        if child in self._view.hidden:
            self.left_out += any(has_digit(string_of(table)) for table in child.iter("table"))
            return
        if tag in SILENT:
            return
        if tag == "br":
            self._flush()
        elif tag == "table":
            self._flush()
            if not self._is_page_part(child):
                self._table(child)
            self._owner = next(child.iterancestors())
        elif tag == "pre":
            self._flush()
            self._preformatted(child)
        elif tag in BLOCKS:
            self._flush()
            if self._is_page_part(child):
                return
            outer, self._owner = self._owner, child
            heading, self._heading = self._heading, self._heading or tag in ("h1", "h2", "h3", "h4", "h5", "h6")
            self._walk(child)
            self._flush()
            self._owner, self._heading = outer, heading
        elif tag == "a" and is_file(child.get("href") or "", child):
            self._buffer.append((child, _FILE_ON))
            self._walk(child)
            self._buffer.append((child, _FILE_OFF))
        elif not _is_named_noise(child):
            self._walk(child)

    def _flush(self) -> None:
        if not self._buffer:
            return
        pieces, self._buffer = self._buffer, []
        text = collapse("".join([piece for _, piece in pieces]))
        if text:
            self._line(text, pieces)

    def _line(self, text: str, pieces: Sequence[tuple[_Element, str]]) -> None:
        if _FILE_ON in text or _FILE_OFF in text:
            if "。" not in text:  # in a sentence of the report, how often something was downloaded is a figure
                text = _DOWNLOADS.sub("", text)
            if not _FILE_LINE.sub("", _IN_FILE_LINK.sub("", text)).strip(_FILE_OFF):
                return
            text = collapse(text.replace(_FILE_ON, "").replace(_FILE_OFF, ""))
        text = printable(text).strip()
        if not text:
            return
        if len(text) <= 200 and is_noise(text):
            self._after_related = text.startswith(_RELATED)
            return
        self._after_related = False
        pairs = head_information(text) if len(self.blocks) < _UNDER_THE_TITLE else None
        if pairs is not None:
            for label, value in pairs.items():
                if value:
                    self.metadata.setdefault(label, value)
            return
        if len(self.blocks) >= _MOST_BLOCKS:
            raise DocumentTooLarge(f"the page has more than {_MOST_BLOCKS} paragraphs; no report is that long")
        look = () if self._view.drawing is None else self._view.drawing.look_of_line(pieces, text)
        self.blocks.append(Line(text, self._where(self._owner), self._heading, look))

    def _where(self, element: _Element) -> str:
        """`(//p)[12]`: the twelfth paragraph of the page."""
        tag = str(element.tag)
        if tag not in self._places:
            self._places[tag] = {found: place for place, found in enumerate(self._tree.iter(tag), start=1)}
        return f"{self._prefix}(//{tag})[{self._places[tag][element]}]"

    def _preformatted(self, element: _Element) -> None:
        # Which of its lines a mark stands in isn't asked: figures in preformatted text with marks are rare enough.
        look = self._view.look(element, "0") if len(element) else ()
        for line in string_of(element).splitlines():
            if line.strip():
                self.blocks.append(Line(printable(line.rstrip()), self._where(element), look=look))

    def _is_page_part(self, element: _Element) -> bool:
        """Whether a block is a share bar, a list of neighbours, a footer: by its name, or by being nothing but links."""
        if _is_named_noise(element):
            return True
        if element.tag not in ("ul", "ol", "dl", "div", "table", "nav", "footer", "section"):
            return False
        if element.tag in ("nav", "footer"):
            return count_markers(squeeze(string_of(element))) < 2
        links = list(islice(element.iter("a"), _MOST_LINKS))
        if len(links) == _MOST_LINKS or len(links) < (1 if self._after_related else 2):
            return False
        linked = 0
        for link in links:
            href = link.get("href") or ""
            if href.startswith("#") or is_file(href, link):
                return False
            linked += len(string_of(link).strip())
        return linked >= (0.4 if self._after_related else 0.7) * len("".join(string_of(element).split()))

    def _table(self, table: _Element) -> None:
        parts = table_parts(table, self._view)
        self.left_out += parts.left_out
        info = _information(parts)
        if info is not None:
            for label, value in info.items():
                self.metadata.setdefault(label, value)
            return
        if _is_layout(parts):
            self._walk(table)
            self._flush()
            return
        for caption in table.iterchildren("caption"):
            self._owner = caption
            self._walk(caption)
            self._flush()
        if self._view.overlaid:
            parts = with_doubts(parts, table, self._view.overlaid)
        rows = {row: place for place, row in enumerate(table.iter("tr"), start=1)}
        self.blocks.append(to_grid(parts, self._where(table), rows, self._budget))
        self._budget.check_time()
        for nested in parts.nested:
            self._table(nested)


def _is_named_noise(element: _Element) -> bool:
    names = " ".join(filter(None, (element.get("id"), element.get("class"))))
    if not names or not is_noise_name(names):
        return False
    text = squeeze(string_of(element))
    return len(text) < 400 and count_markers(text) == 0 and "。" not in text


def _is_layout(parts: TableParts) -> bool:
    """Whether a table only arranges the page: one cell or column, boxes around other tables, or cells full of paragraphs."""
    filled = [text for row in parts.texts() for text in row if text]
    if not filled or max(len(cells) for _, cells in parts.rows) <= 1:
        return True
    if parts.nested and (len(filled) < 6 or len(parts.rows) < 3):
        return True
    lengthy = sum(1 for text in filled if len(text) > _LONG_CELL)
    return lengthy > 0 and lengthy * 3 >= len(filled)


def _information(parts: TableParts) -> Mapping[str, str] | None:
    """The labels and values of the information table (索引号, 发布机构, …); `None` if the table is another."""
    if len(parts.rows) > 14 or parts.nested:
        return None
    texts = parts.texts()
    flat = [text for row in texts for text in row]
    if len(flat) > 60:
        return None
    pairs: dict[str, str] = {}
    labels = 0
    for row in texts:
        label: str | None = None
        for text in row:
            name, value = _label_and_value(text)
            if name is not None:
                labels += 1
                label = name
                if value:
                    pairs.setdefault(name, value)
                    label = None
            elif label is not None and text:
                pairs.setdefault(label, text)
                label = None
    filled = sum(1 for text in flat if text)
    return pairs if labels >= 3 and labels * 3 >= filled else None


def _label_and_value(text: str) -> tuple[str | None, str]:
    """`索 引 号：11440000/2024` → (`索引号`, `11440000/2024`); no label gives (`None`, ``)."""
    head, sign, tail = re.sub("：", ":", text).partition(":")
    name = squeeze(head).strip("【】[]")
    return (name, tail.strip()) if name in _INFO_LABELS and (sign or not tail) else (None, "")
