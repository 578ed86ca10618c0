"""Rich Text Format, often under a `.doc` name: text and tables with merged cells, by the RTF specification 1.9.1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from extract.document.colours import WHITE, Colour
from extract.document.detect import RTF
from extract.document.drawn import LEAST_SIZE, Look
from extract.document.limits import Budget
from extract.document.unread import large_pictures
from extract.errors import DocumentTooLarge
from extract.model import Document, Limits
from extract.office.fonts import as_printed
from extract.office.rtf_print import DEFAULT, PRINTS, PrintWords
from extract.office.story import Paragraph, ParagraphProperties, Slot, StoryBuilder, StoryRun
from extract.office.word_drawn import field_reason

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    {
        "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr", "headerf", "footer",
        "footerl", "footerr", "footerf", "footnote", "annotation", "atnid", "atnauthor", "fldinst", "object", "listtable",
        "listoverridetable", "listtext", "pntext", "xmlnstbl", "rsidtbl", "themedata", "datastore", "generator", "nonesttables",
        "bkmkstart", "bkmkend", "revtbl", "filetbl", "xe", "tc", "tcn", "upr",
    }
)  # fmt: skip
_CHARACTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "rtlmark": "‏",
}  # fmt: skip
_ESCAPED = {b"~": "\u00a0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\"}
_FONT_CHARSETS = {134: "gb18030", 136: "big5hkscs", 128: "cp932", 129: "cp949"}
_CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949", 65001: "utf-8"}


#: Parts whose words say how others are printed or what a field draws; of two equal texts (`upr`) the second is shown.
_PARTS = frozenset({"fonttbl", "colortbl", "stylesheet", "fldinst", "upr"})
#: Parts that show something which isn't text.
_BESIDE = {
    "pict": Look.PICTURE.because("a picture"),
    "object": Look.PICTURE.because("an object"),
    "listtext": Look.ADDED.because("an automatic number"),
    "pntext": Look.ADDED.because("an automatic number"),
}
#: Parts of the kind that old programs pass over, and what they show.
_STARRED = {
    "shppict": _BESIDE["pict"],
    "pn": _BESIDE["pntext"],
    "moMath": Look.OTHERWISE.because("a formula"),
    "ffdeftext": Look.FIELD.because("a default text"),
}
#: Words that show something: drawings, and numbers of the page, the section, a note or the day, which the program prints itself.
_SHOWN = {
    **dict.fromkeys(("shp", "do"), Look.PICTURE.because("a drawing")),
    **dict.fromkeys(("mmath", "mf", "msSup", "msSub"), Look.OTHERWISE.because("a formula")),
    **dict.fromkeys(("absw", "posx", "posy", "posnegx", "posnegy"), Look.MOVED.because("a frame")),
    **dict.fromkeys(
        ("chpgn", "sectnum", "chftn", "chatn", "chdate", "chdpl", "chdpa", "chtime"),
        Look.ADDED.because("a number that the program prints"),
    ),
}
#: Words of a paragraph with a number: with which numbers its text isn't seen where it stands (twips), and why. A height of lines
#: below nought is an exact one.
_LAYOUT: dict[str, tuple[Callable[[int], bool], str]] = {
    "ls": (lambda number: number > 0, _BESIDE["listtext"]),
    "sl": (lambda number: -20 * LEAST_SIZE < number < 0, Look.HIDDEN.because("its line is too low")),
    **dict.fromkeys(("li", "fi", "sb"), (lambda number: abs(number) > 6000, Look.HIDDEN.because("moved off the page"))),
}
_FORMATS = frozenset({*PRINTS, "ansicpg", "uc", "v", "deleted", "plain", "s", "cs", "pard", "intbl", "itap"})
_SHAPES = frozenset(
    {
        "rtlrow",
        "taprtl",
        "trrh",
        "clshdng",
        "clcfpat",
        "cldel",
        "trowd",
        "trleft",
        "clvmgf",
        "clvmrg",
        "clmrg",
        "clcbpat",
        "cellx",
    }
)
_ENDINGS = frozenset({"par", "sect", "page", "cell", "row", "nestcell", "nestrow"})


@dataclass(frozen=True, slots=True)
class _State:
    """What a group sets and its end restores."""

    skip: bool = False
    part: str = ""
    nested_row: bool = False
    hidden: bool = False
    deleted: bool = False
    print: StoryRun = DEFAULT
    fallback: int = 1
    font: int = 0
    depth: int = 0


#: A row of less, in points, shows no line of text.
_LOWEST_ROW = 5
#: Words of a row with which its cells aren't seen where they stand in the file. A height below nought is an exact one.
_ROW_REASONS: dict[str, tuple[Callable[[int | None], bool], str]] = {
    **dict.fromkeys(
        ("rtlrow", "taprtl"), (lambda number: number != 0, Look.TURNED.because("a row from right to left"))
    ),
    "trrh": (
        lambda number: number is not None and -20 * _LOWEST_ROW < number < 0,
        Look.HIDDEN.because("its row is too low"),
    ),
    "clshdng": (lambda number: number is not None and number >= 5000, Look.HIDDEN.because("a dark ground")),
    "cldel": (lambda _: True, Look.MOVED.because("a cell of its row is marked as deleted")),
}


@dataclass(slots=True)
class _RowShape:
    """The definition of a row as it is being read."""

    left: int = 0
    slots: list[Slot] = field(default_factory=list)
    opens: bool = False
    merged_up: bool = False
    merged_left: bool = False
    paper: Colour = WHITE
    why: tuple[str, ...] = ()

    def word(self, name: str, number: int | None, max_columns: int) -> None:
        """A word of the row's definition."""
        if name == "trleft":
            self.left = number or 0
        elif name == "clvmgf":
            self.opens = True
        elif name == "clvmrg":
            self.merged_up = True
        elif name == "clmrg":
            self.merged_left = True
        elif name in _ROW_REASONS and _ROW_REASONS[name][0](number):
            self.why = (*self.why, _ROW_REASONS[name][1])
        elif name == "cellx" and number is not None:
            self._edge(number)
            if len(self.slots) > max_columns:
                raise DocumentTooLarge(
                    f"a table has more than {max_columns} columns; the limit is the setting max_columns"
                )

    def _edge(self, right: int) -> None:
        left = self.slots[-1].right if self.slots else self.left
        self.slots.append(Slot(left, right, self.opens, self.merged_up, self.merged_left, self.paper))
        self.opens = self.merged_up = self.merged_left = False
        self.paper = WHITE


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
    return Document(
        media_type=RTF, blocks=blocks, warnings=tuple(warnings), unread=large_pictures(reader.large_pictures)
    )


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
        self._runs: list[StoryRun] = []
        self._beside: list[StoryRun] = []
        self._words = PrintWords()
        self._code = ""
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
        if self._runs:
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
            self._end_group()
            self._state = self._stack.pop()

    def _end_group(self) -> None:
        """What the end of a group says that isn't text."""
        if self._state.part == "fldinst" and not self._state.hidden:
            if reason := field_reason(self._code):
                self._add_reason(reason)
            self._code = ""

    def _add_reason(self, reason: str) -> None:
        self._beside.append(StoryRun("", why=(reason,)))

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
        elif self._state.part:
            self._part_text(text)

    def _part_text(self, text: bytes) -> None:
        """Text of a part that isn't shown itself but says how others are."""
        if self._state.part == "colortbl":
            self._words.colours.end(text.count(b";"))
        elif self._state.part == "fldinst":
            self._code += text.decode("ascii", "replace")
        elif self._state.part == "fonttbl":
            self._words.fonts[self._state.font] = self._words.fonts.get(self._state.font, "") + text.decode(
                "ascii", "replace"
            )

    def _byte(self, byte: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._is_shown:
            self._bytes += byte

    @property
    def _is_shown(self) -> bool:
        return _shows(self._state)

    def _append(self, text: str) -> None:
        self._flush()
        if self._is_shown:
            self._add(text)

    def _flush(self) -> None:
        if self._bytes:
            charset = self._font_charsets.get(self._state.font, self._charset)
            self._add(bytes(self._bytes).decode(charset, "replace"))
            self._bytes.clear()

    def _add(self, text: str) -> None:
        """Text as it is printed now; what is printed alike is one run."""
        now = self._state.print
        if self._runs and self._runs[-1][1:] == now[1:]:
            self._runs[-1] = now._replace(text=self._runs[-1].text + text)
        else:
            self._runs.append(now._replace(text=text))

    def _paragraph(self, mark: str, properties: ParagraphProperties) -> Paragraph:
        self._flush()
        text = "".join(as_printed(run.text, run.font) for run in self._runs)
        runs = (*self._runs, *self._beside)
        self._runs, self._beside = [], []
        return Paragraph(text, mark, properties, runs)

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
            self._skip_part(name)
        elif reason := _shown_by(name, number, [*self._stack[-1:], self._state]):
            self._add_reason(reason)
        elif name == "nesttableprops":
            self._state = replace(self._state, skip=False, nested_row=True)
        elif _goes_on(name, self._stack):
            self._state = replace(self._state, skip=False)
        elif name in ("picwgoal", "pichgoal"):
            self._picture[name == "pichgoal"] = number or 0
        elif self._state.skip:
            self._part_word(name, number)
        elif name in _FORMATS:
            self._format(name, number)
        elif name in _SHAPES:
            self._shape(name, number)
        elif name in _ENDINGS:
            yield from self._ending(name)

    def _skip_part(self, name: str) -> None:
        """A part whose text isn't shown, although what it stands for may be."""
        if name in _BESIDE and self._is_shown:
            self._add_reason(_BESIDE[name])
        is_read = name in _PARTS and (name != "upr" or self._is_shown)
        self._state = replace(self._state, skip=True, part=name if is_read else "")

    def _part_word(self, name: str, number: int | None) -> None:
        if self._state.part == "fonttbl":
            self._font(name, number)
        elif self._state.part == "colortbl":
            self._words.colours.word(name, number)
        elif self._state.part == "stylesheet":
            self._words.styles.word(name, number)

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
        elif name == "v":
            self._state = replace(self._state, hidden=is_on)
        elif name == "deleted":
            self._state = replace(self._state, deleted=is_on)
        elif name == "plain":
            self._state = replace(self._state, hidden=False, deleted=False, print=DEFAULT)
        elif name in ("s", "cs"):
            for word, value in self._words.styles.of(name, number or 0):
                self._format(word, value)
        elif name == "pard":
            self._set_depth(0)
        elif name == "intbl":
            self._set_depth(max(1, self._state.depth))
        elif name == "itap":
            self._set_depth(max(0, min(number or 0, self._budget.limits.max_depth)))
        else:
            if name == "f" and number is not None:
                self._state = replace(self._state, font=number)
            now = self._words.changed(self._state.print, name, number)
            if now != self._state.print:
                self._state = replace(self._state, print=now)

    def _set_depth(self, depth: int) -> None:
        """Paragraph properties outlive the group that sets them only through the enclosing one; Word never relies on it."""
        self._state = replace(self._state, depth=depth)

    def _shape(self, name: str, number: int | None) -> None:
        if name == "trowd" and self._state.nested_row:
            self._inner_row = _RowShape()
        elif name == "trowd":
            self._row = _RowShape()
        row = self._inner_row if self._state.nested_row else self._row
        if name == "clcbpat":
            row.paper = self._words.colours.at(number or 0) or WHITE
        else:
            row.word(name, number, self._budget.limits.max_columns)

    def _ending(self, name: str) -> Iterator[Paragraph]:
        depth = self._state.depth
        if name in ("par", "sect", "page"):
            yield self._paragraph("\r", ParagraphProperties(depth=depth))
        elif name == "cell":
            for reason in self._row.why:
                self._add_reason(reason)
            yield self._paragraph("\x07", ParagraphProperties(depth=1))
        elif name == "row":
            yield self._paragraph("\x07", ParagraphProperties(depth=1, ends_row=True, slots=tuple(self._row.slots)))
        elif name == "nestcell":
            yield self._paragraph("\r", ParagraphProperties(depth=max(2, depth), ends_inner_cell=True))
        elif name == "nestrow":
            slots = tuple(self._inner_row.slots)
            yield self._paragraph("\r", ParagraphProperties(depth=max(2, depth), ends_row=True, slots=slots))


def _shows(state: _State) -> bool:
    return not (state.skip or state.hidden or state.deleted)


def _goes_on(name: str, around: Sequence[_State]) -> bool:
    """Whether what is shown begins again: what an embedded object shows, or the text for programs that know Unicode."""
    return name == "result" or (name == "ud" and bool(around) and around[-1].part == "upr")


def _shown_by(name: str, number: int | None, states: Sequence[_State]) -> str:
    """Why a word makes the text around it look other than it is stored; empty for nearly all.

    `states` are those of the group around and of the word.
    """
    if name in _STARRED:
        is_within = name == "ffdeftext" and states[0].part == "fldinst"
        return _STARRED[name] if len(states) > 1 and (_shows(states[0]) or is_within) else ""
    if not _shows(states[-1]):
        return ""
    draws, reason = _LAYOUT.get(name, (None, ""))
    return reason if draws is not None and number is not None and draws(number) else _SHOWN.get(name, "")
