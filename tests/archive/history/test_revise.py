"""Whether a reading is another version than the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from archive.history.item import Item, ItemReading, Part
from archive.history.revise import (
    LOST_TEXT,
    Basis,
    CannotCompare,
    Continued,
    LastLook,
    Revised,
    Shrunken,
    Unchanged,
    Volatile,
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


def labelled(label: str, published: date) -> ItemReading:
    made = reading(published=published)
    return replace(made, extraction=replace(made.extraction, published_label=label))


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


def base(of: ItemReading, url: str = URL, **changes: Any) -> Basis:
    return base_of(version(of), replace(DOCUMENT, url=url, **changes), "now")


def test_the_same_content_needs_no_second_reading() -> None:
    old = reading()
    assert not needs_old_reading(base(old), reading())
    assert decide(base(old), None, reading(), LastLook(), at=AT) == Unchanged(is_same_content=True)


def test_another_day_in_the_same_place_is_a_revision_unless_it_is_the_day_of_the_visit() -> None:
    old, new = reading(published=date(2021, 1, 20)), reading(published=date(2021, 1, 29))
    assert needs_old_reading(base(old), new)
    found = decide(base(old), old, new, LastLook(), at=AT)
    assert isinstance(found, Revised)
    assert found.difference.details == {"published_on": {"before": "2021-01-20", "after": "2021-01-29"}}
    today = reading(published=date(2021, 3, 1))
    assert decide(base(old), old, today, LastLook(), at=AT) == Unchanged(is_same_content=True)
    assert not needs_old_reading(base(old, url=URL + "?copy"), new)


def test_a_sentence_or_a_figure_that_differs_is_a_revision() -> None:
    old = reading()
    for new in (
        reading((*LINES, "另行补充一句。")),
        replace(reading((*LINES, " ")), extraction=reading(figures=3).extraction),
    ):
        assert isinstance(decide(base(old), old, new, LastLook(), at=AT), Revised)


def test_what_an_older_extractor_read_otherwise_is_no_revision() -> None:
    now = reading()
    before = replace(base(now), content_digest="sha256:of an older release")
    assert decide(before, now, now, LastLook(), at=AT) == Unchanged(is_same_content=False)
    assert decide(before, replace(now, content=None), now, LastLook(), at=AT) == CannotCompare()


def test_a_page_that_lost_most_of_the_report_counts_the_second_time() -> None:
    old = reading()
    kept = int(len(LINES) * (1 - LOST_TEXT))
    cut, less = reading(LINES[: kept - 1]), reading(LINES[: kept + 1])
    assert isinstance(decide(base(old), old, cut, LastLook(), at=AT), Shrunken)
    assert isinstance(decide(base(old), old, cut, LastLook("sha256:another"), at=AT), Shrunken)
    assert cut.content is not None
    assert isinstance(decide(base(old), old, cut, LastLook(cut.content.digest), at=AT), Revised)
    assert isinstance(decide(base(old), old, less, LastLook(), at=AT), Revised)
    unended = replace(reading((*LINES, "多一句。")), is_ended=False)
    assert isinstance(decide(base(old), old, unended, LastLook(), at=AT), Shrunken)
    assert isinstance(
        decide(base(replace(old, is_ended=False)), replace(old, is_ended=False), unended, LastLook(), at=AT), Revised
    )


def test_figures_that_go_in_numbers_wait_and_a_pager_says_where_the_rest_is() -> None:
    old, fewer = reading(figures=40), reading((*LINES, "多一句。"), figures=30)
    assert decide(base(old), old, fewer, LastLook(), at=AT) == Shrunken("10 of 40 figures are gone")
    assert isinstance(decide(base(old), old, reading((*LINES, "多一句。"), figures=38), LastLook(), at=AT), Revised)
    goes_on = replace(fewer, goes_on=("http://a.example/1_2.html",))
    assert decide(base(old), old, goes_on, LastLook(), at=AT) == Continued("http://a.example/1_2.html")
    assert fewer.content is not None
    pending = LastLook(fewer.content.digest)
    assert isinstance(decide(base(old), old, goes_on, pending, at=AT), Continued)


def test_numbers_in_a_line_count_when_they_stay() -> None:
    """A counter differs at every look, a corrected number stays."""
    old, one, two = reading((*LINES, "票12张")), reading((*LINES, "票13张")), reading((*LINES, "票14张"))
    assert one.content is not None
    assert decide(base(old), old, one, LastLook(), at=AT) == Volatile()
    assert decide(base(old), old, two, LastLook(one.content.digest), at=AT) == Volatile()
    assert isinstance(decide(base(old), old, one, LastLook(one.content.digest), at=AT), Revised)


def test_a_day_in_the_place_of_the_last_look_is_a_revision() -> None:
    old = labelled("发布日期", date(2022, 1, 24))
    new = labelled("时间", date(2022, 2, 15))
    assert isinstance(decide(base(old), old, new, LastLook(None, "时间", "2022-01-24"), at=AT), Revised)
    assert decide(base(old), old, new, LastLook(None, "发布日期", "2022-01-24"), at=AT) == Unchanged(
        is_same_content=True
    )
    # the new place always printed this day: it is another date, not a changed one
    assert decide(base(old), old, new, LastLook(None, "时间", "2022-02-15"), at=AT) == Unchanged(is_same_content=True)


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
    assert decide(beside, old, new, LastLook(), at=AT) == Unchanged(is_same_content=False)
    moved = base(old, url=URL + "?copy", first_run="now")
    found = decide(moved, old, new, LastLook(), at=AT)
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
