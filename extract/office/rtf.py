"""Rich Text Format, often under a `.doc` name: text and tables with merged cells, by the RTF specification 1.9.1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from extract.document.detect import RTF
from extract.document.limits import Budget
from extract.document.marks import raised, struck
from extract.errors import DocumentTooLarge
from extract.model import Document, Limits
from extract.office.story import Paragraph, ParagraphProperties, Slot, StoryBuilder

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    {
        "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr", "headerf", "footer",
        "footerl", "footerr", "footerf", "footnote", "annotation", "atnid", "atnauthor", "fldinst", "object", "listtable",
        "listoverridetable", "listtext", "pntext", "xmlnstbl", "rsidtbl", "themedata", "datastore", "generator", "nonesttables",
        "bkmkstart", "bkmkend", "revtbl", "filetbl",
    }
)  # fmt: skip
_CHARACTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002",
}  # fmt: skip
_ESCAPED = {b"~": "\u00a0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\"}
_FONT_CHARSETS = {134: "gb18030", 136: "big5hkscs", 128: "cp932", 129: "cp949"}
_CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949", 65001: "utf-8"}


@dataclass(frozen=True, slots=True)
class _State:
    """What a group sets and its end restores."""

    skip: bool = False
    fonts: bool = False
    nested_row: bool = False
    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    raised: bool = False
    fallback: int = 1
    font: int = 0
    depth: int = 0


@dataclass(slots=True)
class _RowShape:
    """The definition of a row as it is being read."""

    left: int = 0
    slots: list[Slot] = field(default_factory=list)
    opens: bool = False
    merged_up: bool = False
    merged_left: bool = False

    def edge(self, right: int) -> None:
        left = self.slots[-1].right if self.slots else self.left
        self.slots.append(Slot(left, right, self.opens, self.merged_up, self.merged_left))
        self.opens = self.merged_up = self.merged_left = False


def read(data: bytes, limits: Limits) -> Document:
    """Read an RTF file. Raises `DocumentTooLarge` when its groups are nested too deeply or it has too many cells."""
    budget = Budget(limits)
    reader = _Reader(data, budget)
    builder = StoryBuilder(budget)
    for paragraph in reader.paragraphs():
        builder.add(paragraph)
    blocks = tuple(builder.finish())
    warnings = list(builder.warnings)
    if reader.large_pictures:
        warnings.append(
            f"{reader.large_pictures} large images in the document were not read; a table among them is unread"
        )
    return Document(media_type=RTF, blocks=blocks, warnings=tuple(warnings))


class _Reader:
    """Follows the control words; gives paragraphs with what they say about tables."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data = data
        self._budget = budget
        self._state = _State()
        self._stack: list[_State] = []
        self._charset = "gb18030"
        self._font_charsets: dict[int, str] = {}
        self._row = _RowShape()
        self._inner_row = _RowShape()
        self._text: list[str] = []
        self._bytes = bytearray()
        self._to_skip = 0
        self._picture = [0, 0]
        self.large_pictures = 0

    def paragraphs(self) -> Iterator[Paragraph]:
        """The paragraphs of the body in order."""
        at, count = 0, 0
        while at < len(self._data):
            found = _TOKEN.match(self._data, at)
            if found is None:
                at += 1
                continue
            at = found.end()
            count += 1
            if count % 50_000 == 0:
                self._budget.check_time()
            word, number, code, symbol, brace, text = found.groups()
            if word is not None:
                name = word.decode("ascii")
                if name == "bin":
                    at += max(0, int(number or 0))
                yield from self._word(name, int(number) if number is not None else None)
            elif brace is not None:
                self._brace(brace)
            elif code is not None:
                self._byte(bytes.fromhex(code.decode("ascii")))
            elif symbol is not None:
                self._symbol(symbol)
            elif text is not None:
                self._plain(text)
        self._flush()
        if self._text:
            yield self._paragraph("\r", ParagraphProperties())

    def _brace(self, brace: bytes) -> None:
        self._flush()
        if brace == b"{":
            if len(self._stack) > 20 * self._budget.limits.max_depth:
                raise DocumentTooLarge("the RTF groups are nested too deeply; the limit is the setting max_depth")
            self._stack.append(self._state)
        elif self._stack:
            width, height = self._picture
            if width >= 4535 and height >= 1700:  # 8 by 3 centimetres in twips: a table may be in the picture
                self.large_pictures += 1
            self._picture = [0, 0]
            self._state = self._stack.pop()

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._state = replace(self._state, skip=True)
        elif symbol in (b"\n", b"\r"):
            self._append("\n")
        else:
            self._append(_ESCAPED.get(symbol, ""))

    def _plain(self, text: bytes) -> None:
        if self._to_skip:
            dropped = min(self._to_skip, len(text))
            self._to_skip -= dropped
            text = text[dropped:]
        if self._is_shown:
            self._bytes += text

    def _byte(self, byte: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._is_shown:
            self._bytes += byte

    @property
    def _is_shown(self) -> bool:
        state = self._state
        return not (state.skip or state.hidden or state.deleted)

    def _append(self, text: str) -> None:
        self._flush()
        if self._is_shown:
            self._text.append(self._marked(text))

    def _flush(self) -> None:
        if self._bytes:
            charset = self._font_charsets.get(self._state.font, self._charset)
            self._text.append(self._marked(bytes(self._bytes).decode(charset, "replace")))
            self._bytes.clear()

    def _marked(self, text: str) -> str:
        """The text as it shows if it is struck out or raised."""
        if self._state.struck:
            return struck(text)
        return raised(text) if self._state.raised else text

    def _paragraph(self, mark: str, properties: ParagraphProperties) -> Paragraph:
        self._flush()
        text = "".join(self._text)
        self._text.clear()
        return Paragraph(text, mark, properties)

    def _word(self, name: str, number: int | None) -> Iterator[Paragraph]:
        if name == "u" and number is not None:
            self._append(chr(number & 0xFFFF))
            self._to_skip = self._state.fallback
            return
        self._to_skip = 0
        if name in _CHARACTERS:
            self._append(_CHARACTERS[name])
            return
        self._flush()
        if name in _SKIPPED:
            self._state = replace(self._state, skip=True, fonts=name == "fonttbl")
        elif name == "nesttableprops":
            self._state = replace(self._state, skip=False, nested_row=True)
        elif name == "result":  # what an embedded object shows
            self._state = replace(self._state, skip=False)
        elif name in ("picwgoal", "pichgoal"):
            self._picture[name == "pichgoal"] = number or 0
        elif self._state.skip:
            if self._state.fonts:
                self._font(name, number)
        else:
            self._format(name, number)
            self._shape(name, number)
            yield from self._ending(name)

    def _font(self, name: str, number: int | None) -> None:
        if name == "f" and number is not None:
            self._state = replace(self._state, font=number)
        elif name == "fcharset" and number in _FONT_CHARSETS:
            self._font_charsets[self._state.font] = _FONT_CHARSETS[number]

    def _format(self, name: str, number: int | None) -> None:
        is_on = number != 0
        if name == "ansicpg" and number is not None:
            self._charset = _CODE_PAGES.get(number, self._charset)
        elif name == "uc":
            self._state = replace(self._state, fallback=1 if number is None else max(0, number))
        elif name == "f" and number is not None:
            self._state = replace(self._state, font=number)
        elif name == "v":
            self._state = replace(self._state, hidden=is_on)
        elif name == "deleted":
            self._state = replace(self._state, deleted=is_on)
        elif name in ("strike", "striked"):
            self._state = replace(self._state, struck=is_on)
        elif name in ("super", "sub", "nosupersub"):
            self._state = replace(self._state, raised=name != "nosupersub" and is_on)
        elif name == "plain":
            self._state = replace(self._state, hidden=False, deleted=False, struck=False, raised=False)
        elif name == "pard":
            self._set_depth(0)
        elif name == "intbl":
            self._set_depth(max(1, self._state.depth))
        elif name == "itap":
            self._set_depth(max(0, min(number or 0, self._budget.limits.max_depth)))

    def _set_depth(self, depth: int) -> None:
        """Paragraph properties outlive the group that sets them only through the enclosing one; Word never relies on it."""
        self._state = replace(self._state, depth=depth)

    def _shape(self, name: str, number: int | None) -> None:
        if name == "trowd":
            if self._state.nested_row:
                self._inner_row = _RowShape()
            else:
                self._row = _RowShape()
        row = self._inner_row if self._state.nested_row else self._row
        if name == "trleft":
            row.left = number or 0
        elif name == "clvmgf":
            row.opens = True
        elif name == "clvmrg":
            row.merged_up = True
        elif name == "clmrg":
            row.merged_left = True
        elif name == "cellx" and number is not None:
            row.edge(number)
            if len(row.slots) > self._budget.limits.max_columns:
                raise DocumentTooLarge(
                    f"a table has more than {self._budget.limits.max_columns} columns; the limit is the setting max_columns"
                )

    def _ending(self, name: str) -> Iterator[Paragraph]:
        depth = self._state.depth
        if name in ("par", "sect", "page"):
            yield self._paragraph("\r", ParagraphProperties(depth=depth))
        elif name == "cell":
            yield self._paragraph("\x07", ParagraphProperties(depth=1))
        elif name == "row":
            yield self._paragraph("\x07", ParagraphProperties(depth=1, ends_row=True, slots=tuple(self._row.slots)))
        elif name == "nestcell":
            yield self._paragraph("\r", ParagraphProperties(depth=max(2, depth), ends_inner_cell=True))
        elif name == "nestrow":
            slots = tuple(self._inner_row.slots)
            yield self._paragraph("\r", ParagraphProperties(depth=max(2, depth), ends_row=True, slots=slots))
