"""Whether a reading is another version than the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from archive.history.item import Item, ItemReading, Part
from archive.history.revise import (
    MOST_TEXT,
    CannotCompare,
    Revised,
    Shrunken,
    Unchanged,
    decide,
    late_files,
    needs_last_version,
)
from archive.index.types import VersionRow
from extract.model import Extraction, Figure, State
from extract.report.content import Content

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


def test_the_same_content_needs_no_second_reading() -> None:
    old = reading()
    assert not needs_last_version(version(old), reading(), URL)
    assert decide(version(old), None, reading(), None, url=URL, at=AT) == Unchanged(is_same_content=True)


def test_another_day_in_the_same_place_is_a_revision_unless_it_is_the_day_of_the_visit() -> None:
    old, new = reading(published=date(2021, 1, 20)), reading(published=date(2021, 1, 29))
    assert needs_last_version(version(old), new, URL)
    found = decide(version(old), old, new, None, url=URL, at=AT)
    assert isinstance(found, Revised)
    assert found.difference.details == {"published_on": {"before": "2021-01-20", "after": "2021-01-29"}}
    today = reading(published=date(2021, 3, 1))
    assert decide(version(old), old, today, None, url=URL, at=AT) == Unchanged(is_same_content=True)
    assert not needs_last_version(version(old), new, URL + "?copy")


def test_a_sentence_or_a_figure_that_differs_is_a_revision() -> None:
    old = reading()
    for new in (
        reading((*LINES, "另行补充一句。")),
        replace(reading((*LINES, " ")), extraction=reading(figures=3).extraction),
    ):
        assert isinstance(decide(version(old), old, new, None, url=URL, at=AT), Revised)


def test_what_an_older_extractor_read_otherwise_is_no_revision() -> None:
    now = reading()
    before = replace(version(now), content_digest="sha256:of an older release")
    assert decide(before, now, now, None, url=URL, at=AT) == Unchanged(is_same_content=False)
    assert decide(before, replace(now, content=None), now, None, url=URL, at=AT) == CannotCompare()


def test_a_page_that_lost_most_of_the_report_counts_the_second_time() -> None:
    old = reading()
    kept = int(len(LINES) * MOST_TEXT)
    cut, less = reading(LINES[: kept - 1], figures=1), reading(LINES[: kept + 1], figures=1)
    assert decide(version(old), old, cut, None, url=URL, at=AT) == Shrunken()
    assert decide(version(old), old, cut, "sha256:another", url=URL, at=AT) == Shrunken()
    assert cut.content is not None
    assert isinstance(decide(version(old), old, cut, cut.content.digest, url=URL, at=AT), Revised)
    assert isinstance(decide(version(old), old, less, None, url=URL, at=AT), Revised)
    whole_tables = reading(LINES[: kept - 1], figures=4)
    assert isinstance(decide(version(old), old, whole_tables, None, url=URL, at=AT), Revised)


def test_a_file_that_the_page_named_and_nobody_had_captured_came_late() -> None:
    late, new = Part("http://a.example/f/1.pdf", "d1", "s", 1), Part("http://a.example/f/2.pdf", "d2", "s", 2)
    old = replace(reading(), lacking=frozenset({"http://a.example/f/1.pdf"}))
    assert late_files(old, replace(reading(), files=(late, new))) == (late,)
