"""Whether a reading is another version than the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from archive.history.item import Item, ItemReading, Part
from archive.history.revise import (
    MOST_TEXT,
    Base,
    CannotCompare,
    Revised,
    Shrunken,
    Unchanged,
    base_of,
    decide,
    late_files,
    needs_old_reading,
)
from archive.index.types import VersionRow
from extract.model import Extraction, Figure, State
from extract.report.content import Content
from tests.archive.history.test_presence import DOCUMENT

URL = "http://a.example/1.html"
AT = "2021-03-01T02:00:00Z"
LINES = tuple(f"第{number}句。" + "政务公开" * 4 for number in range(50))


def reading(lines: tuple[str, ...] = LINES, figures: int = 4, published: date | None = None) -> ItemReading:
    made = tuple(
        Figure("applications", f"r{number}", "total", Decimal(number), str(number), State.VALUE, 1.0, "t1")
        for number in range(figures)
    )
    extraction = Extraction("x", "text/html", year=2020, figures=made, published=published, published_label="PubDate")
    return ItemReading(Item("/nowhere", Part(URL, "d", "s", 0)), extraction, Content(None, None, lines, (), text=lines))


def version(of: ItemReading) -> VersionRow:
    assert of.content is not None
    published = of.extraction.published
    return VersionRow(
        report="r",
        version=1,
        first_seen="2021-02-01T02:00:00Z",
        capture="c",
        figures_capture="c",
        url=URL,
        media_type="text/html",
        title=None,
        published_on=published.isoformat() if published else None,
        form=None,
        scope=None,
        index_number=None,
        content_digest=of.content.digest,
        state="[]",
        attachments="[]",
        coverage="{}",
        warnings="[]",
        extractor="x",
    )


def base(of: ItemReading, url: str = URL, **changes: Any) -> Base:
    return base_of(version(of), replace(DOCUMENT, url=url, **changes), "now")


def test_the_same_content_needs_no_second_reading() -> None:
    old = reading()
    assert not needs_old_reading(base(old), reading())
    assert decide(base(old), None, reading(), None, at=AT) == Unchanged(is_same_content=True)


def test_another_day_in_the_same_place_is_a_revision_unless_it_is_the_day_of_the_visit() -> None:
    old, new = reading(published=date(2021, 1, 20)), reading(published=date(2021, 1, 29))
    assert needs_old_reading(base(old), new)
    found = decide(base(old), old, new, None, at=AT)
    assert isinstance(found, Revised)
    assert found.difference.details == {"published_on": {"before": "2021-01-20", "after": "2021-01-29"}}
    today = reading(published=date(2021, 3, 1))
    assert decide(base(old), old, today, None, at=AT) == Unchanged(is_same_content=True)
    assert not needs_old_reading(base(old, url=URL + "?copy"), new)


def test_a_sentence_or_a_figure_that_differs_is_a_revision() -> None:
    old = reading()
    for new in (
        reading((*LINES, "另行补充一句。")),
        replace(reading((*LINES, " ")), extraction=reading(figures=3).extraction),
    ):
        assert isinstance(decide(base(old), old, new, None, at=AT), Revised)


def test_what_an_older_extractor_read_otherwise_is_no_revision() -> None:
    now = reading()
    before = replace(base(now), content_digest="sha256:of an older release")
    assert decide(before, now, now, None, at=AT) == Unchanged(is_same_content=False)
    assert decide(before, replace(now, content=None), now, None, at=AT) == CannotCompare()


def test_a_page_that_lost_most_of_the_report_counts_the_second_time() -> None:
    old = reading()
    kept = int(len(LINES) * MOST_TEXT)
    cut, less = reading(LINES[: kept - 1], figures=1), reading(LINES[: kept + 1], figures=1)
    assert decide(base(old), old, cut, None, at=AT) == Shrunken()
    assert decide(base(old), old, cut, "sha256:another", at=AT) == Shrunken()
    assert cut.content is not None
    assert isinstance(decide(base(old), old, cut, cut.content.digest, at=AT), Revised)
    assert isinstance(decide(base(old), old, less, None, at=AT), Revised)
    whole_tables = reading(LINES[: kept - 1], figures=4)
    assert isinstance(decide(base(old), old, whole_tables, None, at=AT), Revised)


def test_a_file_that_the_page_named_and_nobody_had_captured_came_late() -> None:
    late, new = Part("http://a.example/f/1.pdf", "d1", "s", 1), Part("http://a.example/f/2.pdf", "d2", "s", 2)
    old = replace(reading(), lacking=frozenset({"http://a.example/f/1.pdf"}))
    assert late_files(old, replace(reading(), files=(late, new))) == (late,)


def test_a_page_beside_another_may_carry_other_files_and_a_page_that_took_its_place_may_not() -> None:
    """What was found in an earlier pass stood beside the version's page; what this pass found stands in its place."""
    old = reading()
    new = replace(reading(("又一句。", *LINES)[1:]), files=(Part("http://a.example/1.docx", "d9", "s", 9),))
    new = replace(new, content=replace(new.content, attachments=(("1.docx", "d9"),)))
    beside = base(old, url=URL + "?copy", first_run="one")
    assert decide(beside, old, new, None, at=AT) == Unchanged(is_same_content=False)
    moved = base(old, url=URL + "?copy", first_run="now")
    found = decide(moved, old, new, None, at=AT)
    assert isinstance(found, Revised)
    assert found.difference.details == {"attachments": {"added": ["1.docx"]}}


def test_an_address_is_compared_with_what_it_showed_itself() -> None:
    old = reading()
    here = base(old, url=URL + "?copy", first_run="one", shown_version=1, shown_state="[]", content_digest="sha256:own")
    assert (here.is_shown, here.is_here, here.is_same_document, here.content_digest) == (True, True, True, "sha256:own")
    stale = base(
        old, url=URL + "?copy", first_run="one", shown_version=2, shown_state="[]", content_digest="sha256:own"
    )
    assert (stale.is_shown, stale.is_here, stale.is_same_document) == (False, False, False)
