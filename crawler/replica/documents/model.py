"""A report before it has a carrier: narrative, places of the official tables, and the figures as they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

#: (table, row, column) in the contract's codes.
Address = tuple[str, str, str]


class Role(StrEnum):
    """What a paragraph is, for the writers' typography."""

    TITLE = "title"
    HEADING = "heading"
    TEXT = "text"
    CAPTION = "caption"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the narrative."""

    text: str
    role: Role = Role.TEXT


@dataclass(frozen=True, slots=True)
class TableSlot:
    """The place of a table between the paragraphs."""

    table: str


@dataclass(frozen=True, slots=True)
class Box:
    """One printed cell, merged or not; row and column count from 0 in the table's finest grid."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    is_header: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table with merged cells. `widths` are the relative widths of the finest grid's columns."""

    name: str
    widths: tuple[float, ...]
    boxes: tuple[Box, ...]

    @property
    def row_count(self) -> int:
        """Rows of the finest grid."""
        return max(box.row + box.row_span for box in self.boxes)

    def row_boxes(self, row: int) -> list[Box]:
        """The cells that begin in a row, from left to right."""
        return sorted((box for box in self.boxes if box.row == row), key=lambda box: box.column)


@dataclass(frozen=True, slots=True)
class Wording:
    """How a report departs from the official form's words; the seeds and real reports all do, somewhere."""

    amount_header: str = "采购总金额"
    carried_in: str = "二、上年结转政府信息公开申请数量"
    half_width: bool = False
    spaced_headers: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of the table of indicators (统计表): the label may span lines."""

    label: str
    unit: str
    value: str


@dataclass(frozen=True, slots=True)
class Report:
    """An annual report: what any carrier prints. `raws` holds each figure as printed; a missing one is a blank cell."""

    title: str
    agency: str
    year: int
    form: str
    blocks: tuple[Paragraph | TableSlot, ...]
    raws: Mapping[Address, str] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    wording: Wording = Wording()

    def with_figure(self, address: Address, raw: str) -> Report:
        """The same report with one table cell printed differently. Raises `KeyError` if it has no such cell."""
        if address not in self.raws:
            raise KeyError(address)
        return replace(self, raws={**self.raws, address: raw})

    def with_text(self, old: str, new: str) -> Report:
        """The same report with words replaced in the one paragraph that holds them. Raises `ValueError` if it isn't one."""
        hits = [block for block in self.blocks if isinstance(block, Paragraph) and old in block.text]
        if len(hits) != 1:
            raise ValueError(f"{len(hits)} paragraphs hold {old!r}, expected one")
        blocks = tuple(
            replace(block, text=block.text.replace(old, new)) if block is hits[0] else block for block in self.blocks
        )
        return replace(self, blocks=blocks)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The narrative without the tables."""
        return tuple(block.text for block in self.blocks if isinstance(block, Paragraph))
