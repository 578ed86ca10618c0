"""The label / unit / value tables that reports carried before 2019, and some later ones still carry."""

from __future__ import annotations

import re

from extract.model import Figure, State
from extract.tables.reading import TableReading
from extract.tables.tokens import TableRecord, Token

_TABLE = "indicators"
_COLUMN = "value"
_BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")
_SPACE = re.compile(r"\s+")
_UNIT = re.compile(r"[件条次篇个份宗例起人场期部家户项万元亿人次批类张处名户]{1,3}")


class IndicatorsReader:
    """Opens at a header of label, unit and value; every row below is an indicator until the table ends."""

    def __init__(self) -> None:
        self.reading = TableReading()
        self._open = False
        self._named: dict[str, str] = {}
        self._expected: list[tuple[str, str]] = []

    @property
    def is_open(self) -> bool:
        """Whether rows are being read."""
        return self._open

    def end(self) -> None:
        """Running text or another table's header ends the table."""
        self._open = False

    def feed(self, record: TableRecord) -> bool:
        """Take a record; true if it belonged to an indicator table."""
        kinds = [token.meaning.indicator for token in record.texts if token.meaning is not None]
        if {"label", "unit", "value"} <= set(kinds):
            self._open = True
            self.reading.seen = True
            rest = _after_header(record)
            return True if rest is None else self._row(rest)
        return self._row(record) if self._open else False

    def _row(self, record: TableRecord) -> bool:
        if not record.texts:
            return False
        if not record.values and (not record.bounded or len(record.texts) < 2):
            return False  # a label alone: the next lines complete it
        texts = list(record.texts)
        values = list(record.values)
        unit_printed = len(texts) > 1 and bool(_UNIT.fullmatch(texts[-1].text.strip()))
        if unit_printed:
            texts = texts[:-1]
        elif len(values) > 1 and values[0].printed is not None and values[0].printed.state is State.DASH:
            values = values[1:]
            unit_printed = True
        label = "".join(_SPACE.sub("", _BOOKMARK.sub("", token.text)) for token in texts)
        whole = unit_printed and len(values) == 1 and (record.bounded or len(texts) == 1)
        self._figure(label, values[-1] if values else None, 1.0 if whole and record.bounded else 0.95 if whole else 0.7)
        return True

    def _figure(self, label: str, cell: Token | None, confidence: float) -> None:
        value = cell.printed.value if cell is not None and cell.printed is not None else None
        raw = cell.text if cell is not None else ""
        state = cell.printed.state if cell is not None and cell.printed is not None else State.UNREAD
        if label in self._named:
            if self._named[label] != raw:
                self._warn(f"{label}: printed twice with different figures; the first one is kept")
            return
        self._named[label] = raw
        self._expected.append((label, _COLUMN))
        self.reading.expected = frozenset(self._expected)
        if state is State.UNREAD:
            confidence = 0.3
        if cell is not None and cell.printed is not None and not cell.printed.is_plain:
            confidence = min(confidence, 0.7)
        if confidence < 0.9:
            why = (
                cell.why_unread
                if cell is not None and cell.look
                else "the row is not whole or its figure can't be read"
            )
            self._warn(f"{label}: {why}")
        if (
            value is not None
            and cell is not None
            and cell.printed is not None
            and cell.printed.amount_factor is not None
        ):
            value *= cell.printed.amount_factor
        self.reading.figures.append(
            Figure(_TABLE, label, _COLUMN, value, raw, state, confidence, cell.where if cell is not None else "")
        )

    def _warn(self, text: str) -> None:
        message = f"{_TABLE}: {text}"
        if message not in self.reading.warnings:
            self.reading.warnings.append(message)


def _after_header(record: TableRecord) -> TableRecord | None:
    """What follows the header in a run of lines without borders; `None` if nothing does."""
    if record.bounded:
        return None
    last = max(
        index for index, token in enumerate(record.texts) if token.meaning is not None and token.meaning.indicator
    )
    rest = record.texts[last + 1 :]
    return TableRecord(rest, record.values, bounded=False, source=record.source) if rest else None
