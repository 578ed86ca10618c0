"""Versions: the content states of a report, and what differs between two of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from archive.index.texts import PREAMBLE, TextPart
from extract.document.clean import shown, squeeze
from extract.lexicon.addresses import file_name
from extract.model import Section, number_to_json
from extract.report.content import Content, TextDiff, diff_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archive.history.item import ItemReading, Part
    from extract.model import Figure

#: Sentences kept with a change on each side; the counts are always whole.
KEPT_SENTENCES = 200


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One figure before and after; `None` stands for a blank and for a figure that wasn't there."""

    table: str
    row: str
    column: str
    before: Decimal | None
    after: Decimal | None

    def to_json(self) -> dict[str, str | int | float | None]:
        """The contract's object."""
        return {
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "before": number_to_json(self.before),
            "after": number_to_json(self.after),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two states of a report. `details` holds title, published_on and attachments, where they changed."""

    figures: tuple[FigureChange, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing that belongs to the report differs."""
        return not (self.figures or self.added or self.removed or self.details)


def compare_figures(before: Iterable[Figure], after: Iterable[Figure]) -> tuple[FigureChange, ...]:
    """Figures whose value differs, in the order of their addresses."""
    old = {(figure.table, figure.row, figure.column): figure.value for figure in before}
    new = {(figure.table, figure.row, figure.column): figure.value for figure in after}
    return tuple(
        FigureChange(*address, old.get(address), new.get(address))
        for address in sorted(old.keys() | new.keys())
        if old.get(address) != new.get(address)
    )


def have_other_figures(before: Iterable[Figure], after: Iterable[Figure]) -> bool:
    """Whether two readings are of different reports by their figures: of the places where both print a number other than 0, most differ.

    False where they share no such place: then nothing is known. Zeros agree between any two reports.
    """
    old = {(figure.table, figure.row, figure.column): figure.value for figure in before if figure.value}
    pairs = [
        (old[address], figure.value)
        for figure in after
        if figure.value and (address := (figure.table, figure.row, figure.column)) in old
    ]
    return 2 * sum(one != other for one, other in pairs) > len(pairs)


def compare(before: ItemReading, after: ItemReading, *, same_document: bool = True) -> Difference:
    """What differs between two readings of one report; empty where one of them can't be compared.

    With `same_document` False they come from different carriers (a PDF beside a page): titles, dates and files are then
    their own, and only figures and running text count. A printed date that differs is reported, but is no difference alone: see
    `redated`.
    """
    old, new = before.content, after.content
    if old is None or new is None:
        return Difference()
    figures = compare_figures(before.extraction.figures, after.extraction.figures)
    # a template whose cover text couldn't be distinguished from the page, or could again
    is_bare = _is_bare(old) or _is_bare(new)
    text = TextDiff((), ()) if is_bare else diff_text(old, new)
    if not same_document:
        return Difference(figures, text.added, text.removed)
    if not text.added and not text.removed:
        text = diff_text(_sections_as_text(before), _sections_as_text(after))  # those of a file that hangs on the page
    if not figures and not text.added and not text.removed and not is_bare:
        text = diff_text(_grids_as_text(old), _grids_as_text(new))
    found = Difference(figures, text.added, text.removed, _other_details(before, after, old, new))
    dates = _iso(before.extraction.published), _iso(after.extraction.published)
    if found.is_empty or None in dates or dates[0] == dates[1]:
        return found
    return replace(found, details={**found.details, "published_on": {"before": dates[0], "after": dates[1]}})


def _other_details(before: ItemReading, after: ItemReading, old: Content, new: Content) -> dict[str, Any]:
    """What differs besides figures, text and dates: the title, and the files."""
    details: dict[str, Any] = {}
    if squeeze(old.title or "") != squeeze(new.title or ""):
        details["title"] = {"before": old.title, "after": new.title}
    files = compare_attachments(_files_of(before), _files_of(after))
    if files:
        details["attachments"] = files
    return details


def _files_of(reading: ItemReading) -> Sequence[Part]:
    """The files of a report by what they say; a report that could not be read itself is one of them, and known by its bytes alone."""
    files = reading.files_by_content
    return (reading.item.page, *files) if reading.is_unread_file else files


def redated(before: ItemReading, after: ItemReading, last_label: str | None, fetched_on: str) -> Difference:
    """What differs where only the printed day of publication may: empty unless the page prints another day in the same place.

    The place is that of the state compared with, or that of the last look (`last_label`): pages are redesigned in between. A day that is the one of the visit (`fetched_on`) may be the portal's clock: it counts once it stays.
    """
    places = before.extraction.published_label, after.extraction.published_label
    dates = _iso(before.extraction.published), _iso(after.extraction.published)
    if None in dates or dates[0] == dates[1] or dates[1] == fetched_on or places[1] not in (places[0], last_label):
        return Difference()
    return Difference(details={"published_on": {"before": dates[0], "after": dates[1]}})


def _is_bare(content: Content) -> bool:
    """Whether a report is known by its title and files alone."""
    return bool(content.attachments) and not content.lines and not content.grids


def _grids_as_text(content: Content) -> Content:
    rows_of_cells = tuple(" | ".join(cells) for grid in content.grids for cells in grid)
    return Content(None, None, rows_of_cells, (), text=rows_of_cells)


def _sections_as_text(reading: ItemReading) -> Content:
    lines = tuple(line for section in reading.extraction.sections for line in section.text.split("\n"))
    return Content(None, None, lines, (), text=lines)


def compare_attachments(before: Sequence[Part], after: Sequence[Part]) -> dict[str, list[str]]:
    """Names of files added, removed and replaced; empty if the digests are the same, whatever their addresses."""
    if Counter(part.digest for part in before) == Counter(part.digest for part in after):
        return {}
    old = {file_name(part.url): part.digest for part in before}
    new = {file_name(part.url): part.digest for part in after}
    gone, come = set(old.values()) - set(new.values()), set(new.values()) - set(old.values())
    found = {
        "added": sorted(name for name in new.keys() - old.keys() if new[name] in come),
        "removed": sorted(name for name in old.keys() - new.keys() if old[name] in gone),
        "replaced": sorted(name for name in old.keys() & new.keys() if old[name] != new[name]),
    }
    return {key: names for key, names in found.items() if names}


def _iso(day: Any) -> str | None:
    return day.isoformat() if day is not None else None


def text_parts(reading: ItemReading) -> list[TextPart]:
    """The text of a reading by section, what stands in front of them first."""
    preamble = [TextPart(PREAMBLE, "", shown("\n".join(reading.preamble)))] if reading.preamble else []
    return preamble + [
        TextPart(section.kind, shown(section.heading), shown(section.text)) for section in _sections(reading)
    ]


def _sections(reading: ItemReading) -> Sequence[Section]:
    """The sections, or the whole text as one where the report has none."""
    if any(section.text for section in reading.extraction.sections):
        return reading.extraction.sections
    lines = reading.content.lines if reading.content is not None else ()
    return [Section("other", "", "\n".join(lines))] if lines else []
