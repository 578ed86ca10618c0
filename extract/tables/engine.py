"""Reads the official tables of a document, whatever carried it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from extract.document.clean import squeeze
from extract.forms import FORMS
from extract.lexicon.numbers import names_large_unit
from extract.messages import localizable
from extract.model import Document, Figure, Line, State
from extract.tables.applications import bind_applications
from extract.tables.challenges import ChallengesCollector, assign_challenges, bind_challenges
from extract.tables.collector import SINGLE_OTHER, RowCollector
from extract.tables.disclosure import TextHabits, bind_disclosure
from extract.tables.indicators import IndicatorsReader
from extract.tables.labels import meaning_of
from extract.tables.merge import HAS_A_SAY, one_per_address
from extract.tables.reading import TableReading
from extract.tables.result import TablesResult
from extract.tables.tokens import has_page_numbers, records_of

#: A blank is odd where at least this many zeros are printed, and this many times as many as blanks.
_FEWEST_ZEROS = 8
_ODD = 6
_DOUBTED_BLANK = 0.85

#: So many different labels of a table, each a cell of its own, are the table.
_ENOUGH_LABELS = 4
_SHORTEST_LABEL, _LONGEST_LABEL = 4, 40
#: The headers of the outcomes run together, or in narrow columns, where each is cut after two characters.
_OUTCOMES_IN_ONE = re.compile(
    r"结果维持\s*结果纠正\s*其[他它]结果\s*尚未审结|(?:结果\s*){2}其[他它]\s*(?:结果\s*)?尚未"
)
_BORDER = re.compile(r"[\s|,，;；│┃｜\"]+")

_DISCLOSURE, _APPLICATIONS, _CHALLENGES, _INDICATORS = "disclosure", "applications", "challenges", "indicators"


def read_tables(document: Document) -> TablesResult:
    """The figures of the official tables, each with its confidence.

    Rows are found by their labels, columns by the headers above them; the form is recognised by the header text. A figure whose
    place is not certain has a confidence below 0.9 and a warning, or is left out with a warning. Other readings of the
    same bytes (`document.alternatives`) are compared figure by figure.
    """
    result = _read_one(document)
    for alternative in document.alternatives:
        result = _compared(result, _read_one(alternative))
    return result


def _read_one(document: Document) -> TablesResult:
    applications, disclosure = RowCollector(_APPLICATIONS), RowCollector(_DISCLOSURE)
    challenges, indicators = ChallengesCollector(), IndicatorsReader()
    for position, record in enumerate(records_of(document.blocks)):
        if record.is_prose:
            for reader in (applications, disclosure, challenges, indicators):
                reader.end()
            continue
        if indicators.feed(record):
            continue
        if challenges.feed(record):
            continue
        took_applications = applications.feed(record, position)
        took_disclosure = not took_applications and disclosure.feed(record, position)
        if took_applications or took_disclosure:
            indicators.end()
            challenges.end()
    applications.end()
    placed = assign_challenges(challenges)
    paged = has_page_numbers(document.blocks) or applications.has_surplus or placed.has_surplus
    applied = bind_applications(applications, paged=paged)
    text = TextHabits(
        keeps_blanks=applications.keeps_blanks,
        large_unit=any(map(names_large_unit, _texts(document))),
        paged=paged,
        nothing_foreign=applied.adds_up,
        begins_at_label=applied.begins_at_label,
    )
    disclosed = bind_disclosure(disclosure, text)
    readings = {
        _DISCLOSURE: disclosed,
        _INDICATORS: indicators.reading,
        _APPLICATIONS: applied,
        _CHALLENGES: bind_challenges(placed, paged=paged or applications.keeps_blanks is False),
    }
    _see_unread(readings, document, disclosed.form or applied.form)
    _doubt_odd_blanks(readings)
    return _result(readings, disclosed.form or applied.form, _elsewhere(document))


def _elsewhere(document: Document) -> str:
    """Where a table may be that was not found; empty if everything was read, and so the document has none."""
    attached = sum(link.is_attachment for link in document.links)
    if attached:
        return localizable(f"not in this document, but perhaps in one of {attached} files or pictures attached")
    unread = len(document.unread)
    return localizable(f"not in what was read of this document; {unread} parts of it were not read") if unread else ""


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Line):
            yield block.text
        else:
            yield from (cell.text for row in block.rows for cell in row if cell is not None)


def _see_unread(readings: dict[str, TableReading], document: Document, form: str | None) -> None:
    """Mark tables whose labels stand in the document as cells although no row of them was made out."""
    for table, reading in readings.items():
        if reading.seen or table not in FORMS["2021"].tables:
            continue
        if len(_labels_shown(document, table)) >= _ENOUGH_LABELS:
            reading.seen = True
            reading.expected = frozenset(FORMS[form or "2021"].tables[table].cells)


def _labels_shown(document: Document, table: str) -> set[str]:
    """The labels of a table that stand by themselves, as cells do and words of a sentence don't."""
    shown: set[str] = set()
    for block in document.blocks:
        if isinstance(block, Line):
            texts, pieces = [block.text], _BORDER.split(block.text)
        else:
            texts = pieces = [cell.text for row in block.rows for cell in row if cell is not None]
        if table == _CHALLENGES and any(_OUTCOMES_IN_ONE.search(text) for text in texts):
            shown.update(FORMS["2021"].tables[table].columns_by_code)
        for piece in pieces:
            if _SHORTEST_LABEL <= len(piece) <= _LONGEST_LABEL:
                meaning = meaning_of(piece)
                if meaning.exact and (table in meaning.columns or table in meaning.rows):
                    shown.add(meaning.key)
    return shown


def _doubt_odd_blanks(readings: dict[str, TableReading]) -> None:
    """Lower the confidence of lone blanks in a report that prints its zeros.

    Such a blank may be a figure that was lost, or that went into the cell before it; no sum protects the disclosure table,
    and rows of text may have shifted, so there the whole row is in doubt.
    """
    states = Counter(figure.state for reading in readings.values() for figure in reading.figures)
    shown = states[State.ZERO] + states[State.DASH]
    if shown < _FEWEST_ZEROS or _ODD * states[State.BLANK] >= shown:
        return
    for table, reading in readings.items():
        if table == _INDICATORS:
            continue
        odd = {
            figure.row
            for figure in reading.figures
            if figure.state is State.BLANK and figure.is_reliable and not figure.placed
        }
        for index, figure in enumerate(reading.figures):
            if figure.placed:
                continue
            whole_row = table == _DISCLOSURE or figure.row in reading.text_rows
            if figure.row in odd and (whole_row or figure.state is State.BLANK):
                reading.figures[index] = replace(figure, confidence=min(figure.confidence, _DOUBTED_BLANK))
        reading.warnings += [
            localizable(
                f"{table}: {row}: a blank cell in a report that prints its zeros; a figure may be lost or out of place"
            )
            for row in sorted(odd)
        ]


def _result(readings: dict[str, TableReading], form: str | None, elsewhere: str) -> TablesResult:
    figures: list[Figure] = []
    warnings: list[str] = []
    coverage: dict[str, tuple[int, int]] = {}
    for table, reading in readings.items():
        if not reading.seen:
            continue
        merged, disagreements = one_per_address(reading.figures)
        bound = {(figure.row, figure.column) for figure in merged if figure.state is not State.UNREAD}
        expected = reading.expected | {(figure.row, figure.column) for figure in merged}
        coverage[table] = (len(bound), len(expected))
        figures += merged
        warnings += reading.warnings + disagreements
        if not bound:
            warnings.append(f"{table}: the document has this table, but it could not be read")
        elif len(bound) < len(expected):
            warnings.append(f"{table}: {len(expected) - len(bound)} of {len(expected)} cells were not read")
    if coverage.keys() & set(FORMS["2021"].tables):
        lacking = [table for table in FORMS["2021"].tables if table not in coverage]
        warnings += [f"{table}: {elsewhere or 'the document has no such table'}" for table in lacking]
    return TablesResult(tuple(figures), coverage, form, tuple(dict.fromkeys(warnings)))


def _is_foreign(figure: Figure, form: str | None) -> bool:
    """Whether a reading took a table for one of the other form: the form has no such cell."""
    if form is None or figure.table not in FORMS[form].tables or figure.row == SINGLE_OTHER:
        return False
    return (figure.row, figure.column) not in FORMS[form].tables[figure.table].cells


def _says_same(figure: Figure, other: Figure) -> bool:
    """Whether two readings agree; a blank and a dash have no value both and are not the same."""
    return (figure.value, figure.state) == (other.value, other.state)


def _contradicts(figure: Figure, other: Figure) -> bool:
    """Whether a sure reading is against one that read another number, even if it doubts the number's place."""
    if not other.is_reliable or _says_same(figure, other) or figure.state is State.UNREAD:
        return False
    return figure.confidence >= HAS_A_SAY


def _explains(reading: TablesResult, other: Figure, unread: Figure) -> bool:
    """Whether a reading tells what a cell prints that another one could not read: all its digits, in this cell or with its neighbours.

    A cell whose digits are struck or raised is not read by one that lost them.
    """
    printed = squeeze(unread.raw)
    if not any(map(str.isdigit, printed)):
        return True
    row = [figure for figure in reading.figures if (figure.table, figure.row) == (other.table, other.row)]
    raws, at = [squeeze(figure.raw) for figure in row], row.index(other)
    return any(
        "".join(raws[start:end]) == printed
        for start in range(at + 1)
        for end in range(at + 1, len(raws) + 1)
        if end > start + 1
    )


def _compared(first: TablesResult, second: TablesResult) -> TablesResult:
    """Two readings of the same bytes: agreement confirms, disagreement is for the reader to settle."""
    figures = {figure.address: figure for figure in first.figures}
    warnings = list(first.warnings)
    coverage = dict(first.coverage)
    foreign: set[str] = set()
    for other in second.figures:
        figure = figures.get(other.address)
        if figure is None and other.table in coverage and _is_foreign(other, first.form):
            foreign.add(other.table)
            continue
        if figure is None:
            figures[other.address] = other
        elif figure.state is State.UNREAD and not _explains(second, other, figure):
            continue
        elif _contradicts(figure, other):
            warnings.append(f"{other.address}: two readings of the file give {figure.raw!r} and {other.raw!r}")
            figures[other.address] = replace(figure, confidence=min(figure.confidence, 0.5))
        elif other.is_reliable and not figure.is_reliable:
            is_same = _says_same(figure, other)
            figures[other.address] = replace(figure, confidence=other.confidence) if is_same else other
    for table, (_, expected) in second.coverage.items():
        have = sum(1 for figure in figures.values() if figure.table == table and figure.state is not State.UNREAD)
        mine = coverage.get(table, (0, 0))[1]
        coverage[table] = (have, max(have, mine if table in foreign else max(expected, mine)))
    return TablesResult(tuple(figures.values()), coverage, first.form or second.form, tuple(dict.fromkeys(warnings)))
