"""The binary format of Word 97 to 2003 (and of WPS): text pieces, and the properties that cover them.

Follows Microsoft's [MS-DOC]: the file information block (2.5), the piece table (2.8.35), formatted disk pages (2.9.33,
2.9.175) and the table properties (2.6.3). Only what tables and visible text need is read.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import olefile

from extract.document.drawn import Look
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.messages import localizable
from extract.office.fonts import as_printed
from extract.office.story import Paragraph, ParagraphProperties, Slot, StoryRun
from extract.office.word97_styles import Print, Word97Styles, old_shade_of, shade_of
from extract.office.word_drawn import field_reason

if TYPE_CHECKING:
    from extract.document.limits import Budget

_PASSWORD = localizable("the Word file is encrypted with a password; save it without one")
_OLD = localizable(
    "the file is in a format of before Word 97 (nFib {version}); open it in a word processor and save it as .docx"
)
_DAMAGED = localizable("the Word file is damaged ({what}); open it in a word processor and save it as .docx")

# Single property modifiers (sprm) by code.
_IN_TABLE, _ROW_END, _DEPTH, _INNER_CELL, _INNER_ROW_END = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
_HUGE_PAPX, _HUGE_PAPX_OLD = 0x6646, 0x6645
_DEFINE_TABLE, _VERTICAL_MERGE, _MERGE_CELLS = 0xD608, 0xD62B, 0x5624
_PICTURE_AT, _TABLE_SHADES, _OLD_TABLE_SHADES = 0x6A03, (0xD612, 0xD616, 0xD60C), 0xD609
_OPERAND_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    offset: int
    width: int


class Word97:
    """An opened file. `paragraphs` gives the body, then the text boxes; `large_pictures` counts as it goes."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        try:
            with olefile.OleFileIO(io.BytesIO(data)) as storage:
                self._main = _stream(storage, "WordDocument", budget)
                self._check_head()
                table_name = "1Table" if self._flags & 0x0200 else "0Table"
                self._table = _stream(storage, table_name, budget)
                self._data = _stream(storage, "Data", budget) if storage.exists("Data") else b""
        except (OSError, IndexError, KeyError, TypeError) as error:
            raise UnreadableDocument(_DAMAGED.format(what=error)) from error
        self._budget = budget
        self.large_pictures = 0
        try:
            self._pieces = self._read_pieces()
            self._paragraph_runs = _Runs(self._read_pages(0x102, self._paragraph_page))
            self._character_runs = _Runs(self._read_pages(0xFA, self._character_page))
            self._styles = Word97Styles(self._part(0xA2), self._part(0x112), _modifiers)
        except (struct.error, IndexError) as error:
            raise UnreadableDocument(_DAMAGED.format(what="its tables of contents are cut short")) from error

    def paragraphs(self) -> Iterator[Paragraph]:
        """Paragraphs of the main text, then those of its text boxes; notes, headers and comments are left out."""
        counts = struct.unpack_from("<7i", self._main, 0x4C)
        if any(count < 0 for count in counts):
            raise UnreadableDocument(_DAMAGED.format(what="negative lengths"))
        body, boxes = counts[0], sum(counts[:6])
        yield from self._story(0, body)
        yield from self._story(boxes, boxes + counts[6])

    def _check_head(self) -> None:
        if len(self._main) < 0x1AA or self._main[:2] != b"\xec\xa5":
            raise UnreadableDocument(_OLD.format(version="unknown"))
        version, self._flags = self._u16(2), self._u16(0x0A)
        if self._flags & 0x0100:
            raise UnreadableDocument(_PASSWORD)
        if version < 0xC1:
            raise UnreadableDocument(_OLD.format(version=version))

    def _u16(self, offset: int) -> int:
        return int.from_bytes(self._main[offset : offset + 2], "little")

    def _part(self, entry: int) -> bytes:
        """A part of the table stream that the head names."""
        if entry + 8 > len(self._main):
            return b""
        offset, length = struct.unpack_from("<II", self._main, entry)
        return self._table[offset : offset + length]

    def _read_pieces(self) -> list[_Piece]:
        offset, length = struct.unpack_from("<II", self._main, 0x1A2)
        end = offset + length
        while offset < end and self._table[offset] == 1:
            offset += 3 + struct.unpack_from("<H", self._table, offset + 1)[0]
        if offset >= end or self._table[offset] != 2:
            raise UnreadableDocument(_DAMAGED.format(what="no piece table"))
        size = struct.unpack_from("<I", self._table, offset + 1)[0]
        count = (size - 4) // 12
        places = struct.unpack_from(f"<{count + 1}I", self._table, offset + 5)
        pieces = []
        for number in range(count):
            at = struct.unpack_from("<I", self._table, offset + 5 + 4 * (count + 1) + 8 * number + 2)[0]
            narrow = bool(at & 0x40000000)
            at &= 0x3FFFFFFF
            pieces.append(_Piece(places[number], places[number + 1], at // 2 if narrow else at, 1 if narrow else 2))
        return pieces

    def _read_pages(self, entry: int, read_page: _PageReader) -> list[tuple[int, int, bytes]]:
        """All runs (first and last byte in the main stream, properties) of the formatted disk pages."""
        offset, length = struct.unpack_from("<II", self._main, entry)
        count = max(0, (length - 4) // 8)
        runs: list[tuple[int, int, bytes]] = []
        for number in range(count):
            page = struct.unpack_from("<I", self._table, offset + 4 * (count + 1) + 4 * number)[0] & 0x3FFFFF
            block = self._main[page * 512 : page * 512 + 512]
            if len(block) == 512:
                runs.extend(read_page(block))
        return runs

    @staticmethod
    def _paragraph_page(block: bytes) -> Iterator[tuple[int, int, bytes]]:
        count = block[511]
        if count * 17 + 4 > 511:
            return
        places = struct.unpack_from(f"<{count + 1}I", block)
        for number in range(count):
            at = block[4 * (count + 1) + 13 * number] * 2
            if at == 0:
                yield places[number], places[number + 1], b""
            elif block[at]:
                yield places[number], places[number + 1], block[at + 1 : at + 2 * block[at]]
            else:
                yield places[number], places[number + 1], block[at + 2 : at + 2 + 2 * block[at + 1]]

    @staticmethod
    def _character_page(block: bytes) -> Iterator[tuple[int, int, bytes]]:
        count = block[511]
        if count * 5 + 4 > 511:
            return
        places = struct.unpack_from(f"<{count + 1}I", block)
        for number in range(count):
            at = block[4 * (count + 1) + number] * 2
            yield places[number], places[number + 1], block[at + 1 : at + 1 + block[at]] if at else b""

    def _story(self, first: int, last: int) -> Iterator[Paragraph]:
        text = _StoryText()
        for seen, (position, character, shown) in enumerate(self._characters(first, last), start=1):
            if seen % 20_000 == 0:
                self._budget.check_time()
            if character in "\r\x07\x0c" and not text.in_code:
                properties = self._paragraph_properties(position)
                raw = self._paragraph_runs.at(position)
                if text.has_text and self._styles.is_numbered(_style_of(raw), self._unfolded(raw[2:])):
                    text.add_reason(Look.ADDED.because("an automatic number"))
                yield text.close("\x07" if character == "\x07" else "\r", properties)
            elif character == "\x01" and not text.in_code:
                self.large_pictures += self._is_large_picture(position)
                text.add_reason(Look.PICTURE.because("a picture"))
            else:
                text.add(character, shown)
        if text.has_text:
            yield text.close("\r", ParagraphProperties())

    def _characters(self, first: int, last: int) -> Iterator[tuple[int, str, Print]]:
        """Visible characters with their byte offset in the main stream, and how they are printed."""
        for piece in self._pieces:
            start, end = max(piece.start, first), min(piece.end, last)
            if start >= end:
                continue
            offset = piece.offset + (start - piece.start) * piece.width
            raw = self._main[offset : offset + (end - start) * piece.width]
            text = raw.decode("cp1252", "replace") if piece.width == 1 else _units(raw)
            for number, character in enumerate(text):
                at = offset + number * piece.width
                style = _style_of(self._paragraph_runs.at(at))
                shown = self._styles.print_of(style, self._character_runs.at(at))
                if not shown.gone or character in "\x07\r":
                    yield at, character, shown

    def _is_large_picture(self, offset: int) -> bool:
        for code, operand in _modifiers(self._character_runs.at(offset)):
            if code == _PICTURE_AT and len(operand) == 4:
                at = int.from_bytes(operand, "little")
                if at + 36 <= len(self._data):
                    width, height, scale_x, scale_y = struct.unpack_from("<4H", self._data, at + 28)
                    # Twips times per mille: 8 by 3 centimetres and more can hold a table.
                    return bool(width * scale_x >= 4_535_000 and height * scale_y >= 1_700_000)
        return False

    def _paragraph_properties(self, offset: int) -> ParagraphProperties:
        raw = self._paragraph_runs.at(offset)[2:]
        depth, in_table, ends_row, ends_inner_cell = 0, False, False, False
        slots: tuple[Slot, ...] = ()
        for code, operand in self._unfolded(raw):
            if code == _IN_TABLE:
                in_table = operand != b"\x00"
            elif code in (_ROW_END, _INNER_ROW_END):
                ends_row = ends_row or operand != b"\x00"
            elif code == _INNER_CELL:
                ends_inner_cell = operand != b"\x00"
            elif code == _DEPTH:
                depth = int.from_bytes(operand, "little", signed=True)
            elif code == _DEFINE_TABLE:
                slots = _slots(operand)
            elif code in _TABLE_SHADES:
                slots = _with_papers(slots, operand[1:], 10, 22 * _TABLE_SHADES.index(code))
            elif code == _OLD_TABLE_SHADES:
                slots = _with_papers(slots, operand[1:], 2, 0)
            elif code == _VERTICAL_MERGE and len(operand) >= 3:
                slots = _with_merge(slots, operand[1], operand[2])
            elif code == _MERGE_CELLS and len(operand) == 2:
                slots = _with_left_merge(slots, operand[0], operand[1])
        return ParagraphProperties(depth or int(in_table), ends_row, ends_inner_cell, slots)

    def _unfolded(self, raw: bytes) -> Iterator[tuple[int, bytes]]:
        """The modifiers of a paragraph, those that had to move to the data stream put back."""
        for code, operand in _modifiers(raw):
            if code in (_HUGE_PAPX, _HUGE_PAPX_OLD):
                at = int.from_bytes(operand, "little")
                length = int.from_bytes(self._data[at : at + 2], "little")
                yield from _modifiers(self._data[at + 2 : at + 2 + length])
            else:
                yield code, operand


class _StoryText:
    """The text of a paragraph as it is collected, in runs of one print; the codes of fields are left out."""

    def __init__(self) -> None:
        self._runs: list[tuple[Print, list[str]]] = []
        self._reasons: list[str] = []
        self._fields: list[bool] = []  # per open field: whether its result has begun
        self._code: list[str] = []

    @property
    def in_code(self) -> bool:
        """Whether what comes is the code of a field, which isn't shown."""
        return bool(self._fields) and not all(self._fields)

    @property
    def has_text(self) -> bool:
        """Whether there is any text yet."""
        return bool(self._runs)

    def add(self, character: str, shown: Print) -> None:
        if character == "\x13":
            self._fields.append(False)
        elif character in "\x14\x15":
            self._end_code(character)
        elif self.in_code:
            self._code.append(character)
        elif character == "\x02":
            self.add_reason(Look.RAISED.because("the mark of a note"))
        elif character == "\x08":
            self.add_reason(Look.PICTURE.because("a drawing"))
        elif character >= " " or character in "\t\x0b\x1e":
            if not self._runs or self._runs[-1][0] is not shown:
                self._runs.append((shown, []))
            self._runs[-1][1].append({"\x0b": "\n", "\x1e": "-"}.get(character, character))

    def _end_code(self, mark: str) -> None:
        if reason := field_reason("".join(self._code)):
            self.add_reason(reason)
        self._code.clear()
        if self._fields and mark == "\x14":
            self._fields[-1] = True
        elif self._fields:
            self._fields.pop()

    def add_reason(self, reason: str) -> None:
        """Note that something shows that isn't text."""
        self._reasons.append(reason)

    def close(self, mark: str, properties: ParagraphProperties) -> Paragraph:
        """The paragraph; what follows begins another one."""
        texts = [("".join(characters), shown) for shown, characters in self._runs]
        runs = [StoryRun(text, shown.font, shown.paper, shown.why) for text, shown in texts]
        runs += [StoryRun("", why=(reason,)) for reason in self._reasons]
        self._runs, self._reasons = [], []
        return Paragraph("".join(as_printed(text, shown.font) for text, shown in texts), mark, properties, tuple(runs))


def _style_of(paragraph: bytes) -> int:
    """The number of the style that stands before a paragraph's modifiers."""
    return int.from_bytes(paragraph[:2], "little")


class _Runs:
    """Properties by byte offset."""

    def __init__(self, runs: list[tuple[int, int, bytes]]) -> None:
        self._runs = sorted(runs, key=lambda run: run[0])
        self._starts = [run[0] for run in self._runs]

    def at(self, offset: int) -> bytes:
        number = bisect_right(self._starts, offset) - 1
        if number < 0 or offset >= self._runs[number][1]:
            return b""
        return self._runs[number][2]


if TYPE_CHECKING:
    from collections.abc import Callable

    _PageReader = Callable[[bytes], Iterator[tuple[int, int, bytes]]]


def _stream(storage: olefile.OleFileIO, name: str, budget: Budget) -> bytes:
    if not storage.exists(name):
        raise UnreadableDocument(_DAMAGED.format(what=f"no stream {name}"))
    size = storage.get_size(name)
    if size > budget.unpacked_left:
        raise DocumentTooLarge("the Word file claims more than max_unpacked_bytes")
    budget.add_unpacked(size)
    return bytes(storage.openstream(name).read())


def _units(raw: bytes) -> str:
    """UTF-16 as code units, so that positions stay true; surrogates are put together when the text is joined."""
    return "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw[: len(raw) // 2 * 2])))


def _modifiers(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The property modifiers of a list; stops where the list is cut."""
    at = 0
    while at + 2 <= len(raw):
        code = int.from_bytes(raw[at : at + 2], "little")
        at += 2
        kind = code >> 13
        if kind != 6:
            length = _OPERAND_BYTES[kind]
        elif code == _DEFINE_TABLE:
            length = int.from_bytes(raw[at : at + 2], "little") + 1
        elif code == 0xC615 and raw[at : at + 1] == b"\xff":  # sprmPChgTabs with a computed length
            deleted = raw[at + 1] if at + 1 < len(raw) else 0
            added_at = at + 2 + 4 * deleted
            added = raw[added_at] if added_at < len(raw) else 0
            length = 3 + 4 * deleted + 3 * added
        else:
            length = (raw[at] if at < len(raw) else 0) + 1
        yield code, raw[at : at + length]
        at += length


def _slots(operand: bytes) -> tuple[Slot, ...]:
    """Cells of a row from `sprmTDefTable`: a count, edges, 20 bytes a cell of which trailing ones may be missing."""
    count = operand[2] if len(operand) > 2 else 0
    if not 0 < count <= 64 or len(operand) < 3 + 2 * (count + 1):
        return ()
    edges = struct.unpack_from(f"<{count + 1}h", operand, 3)
    base = 3 + 2 * (count + 1)
    slots = []
    for number in range(count):
        flags = int.from_bytes(operand[base + 20 * number : base + 20 * number + 2], "little")
        slots.append(
            Slot(
                left=edges[number],
                right=edges[number + 1],
                opens_merge=bool(flags & 0x40),
                merged_up=bool(flags & 0x20) and not flags & 0x40,
                merged_left=bool(flags & 0x02) and not flags & 0x01,
            )
        )
    return tuple(slots)


def _with_merge(slots: tuple[Slot, ...], index: int, how: int) -> tuple[Slot, ...]:
    if index >= len(slots):
        return slots
    old = slots[index]
    new = replace(old, opens_merge=how == 3, merged_up=how == 1)
    return (*slots[:index], new, *slots[index + 1 :])


def _with_papers(slots: tuple[Slot, ...], raw: bytes, size: int, first: int) -> tuple[Slot, ...]:
    """The slots from a first one on with the grounds of a list of shadings."""
    changed = list(slots)
    for number in range(first, min(len(slots), first + len(raw) // size)):
        piece = raw[(number - first) * size :]
        paper = shade_of(piece[:10]) if size == 10 else old_shade_of(piece[:2])
        changed[number] = replace(slots[number], paper=paper) if paper is not None else slots[number]
    return tuple(changed)


def _with_left_merge(slots: tuple[Slot, ...], first: int, last: int) -> tuple[Slot, ...]:
    return tuple(
        replace(slot, merged_left=True) if first < number < last else slot for number, slot in enumerate(slots)
    )
