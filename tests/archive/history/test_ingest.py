"""Folding runs into history: what is news, what is noise, and that a rebuild gives the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.errors import DiskFull
from archive.files.folder import Archive
from archive.history import ingest
from archive.history.fold import Fold
from archive.history.ingest import ingest_sealed, rebuild
from archive.index.database import open_index
from archive.lists.queries import dump
from archive.verify.run import verify
from archive.warc.context import Entry
from tests.archive.season import BASE, BUREAU, GONE_PAGE, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
URL = f"{BASE}/art/2021/1/20/art_1_1.html"
SECOND_URL = f"{BASE}/art/2021/1/25/art_1_2.html"
ENTRY = Entry(URL, "温州市瓯海区人民政府2020年政府信息公开工作年度报告", "2021-01-20")


@pytest.fixture
def season(tmp_path: Path) -> Season:
    return Season(tmp_path / "archive")


def text_of(season: Season) -> str:
    db = open_index(season.archive)
    try:
        return dump(db)
    finally:
        db.close()


def test_first_sight_is_published_with_all_figures(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report()))], [ENTRY])
    assert season.kinds() == [("published", 2020)]
    found = season.reports()[0]
    assert (found["agency"], found["year"], found["form"], found["status"]) == (
        "温州市瓯海区人民政府",
        2020,
        "2019",
        "present",
    )
    assert (found["versions"], found["published_on"], found["url"]) == (1, "2021-01-20", URL)
    db = open_index(season.archive)
    figures = db.execute("SELECT count(*) FROM figures WHERE report = ?", (found["report"],)).fetchone()[0]
    db.close()
    assert figures == len(report().raws)


def test_second_harvest_with_noise_adds_nothing(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report(), noise="一"))], [ENTRY])
    season.run(DAY + timedelta(days=1), [Shown(URL, page(report(), noise="二"))], [ENTRY])
    season.run(DAY + timedelta(days=2), [Shown(URL)], [ENTRY])
    assert season.kinds() == [("published", 2020)]
    assert season.reports()[0]["versions"] == 1
    assert season.reports()[0]["last_seen"].startswith("2021-02-03")


def test_edited_figure_is_revised_with_that_figure(season: Season) -> None:
    what = report()
    address = ("applications", "received", "natural_person")
    before = int(what.raws[address])
    season.run(DAY, [Shown(URL, page(what))], [ENTRY])
    season.run(DAY + timedelta(days=1), [Shown(URL, page(what.with_figure(address, str(before + 1))))], [ENTRY])
    change = season.changes()[-1]
    assert change["kind"] == "revised"
    assert change["figures"] == [
        {"table": "applications", "row": "received", "column": "natural_person", "before": before, "after": before + 1}
    ]
    assert change["text"] == {"added": 0, "removed": 0}
    assert (change["from_version"], change["to_version"]) == (1, 2)


def test_gone_takes_two_looks_in_two_passes(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report()))], [ENTRY])
    gone = Shown(URL, GONE_PAGE, verdict="gone?", status=404)
    season.run(DAY + timedelta(days=1), [gone, gone], [])
    assert season.kinds() == [("published", 2020)]
    assert season.reports()[0]["status"] == "suspect"
    season.run(DAY + timedelta(days=2), [gone], [])
    assert season.kinds() == [("published", 2020), ("vanished", 2020)]
    season.run(DAY + timedelta(days=3), [gone], [])
    season.run(DAY + timedelta(days=4), [Shown(URL, page(report()))], [ENTRY])
    assert season.kinds() == [("published", 2020), ("vanished", 2020), ("restored", 2020)]
    assert season.reports()[0]["status"] == "present"


@pytest.mark.parametrize(
    "verdict", ["blocked:js-challenge", "blocked:waf", "throttled", "unreachable", "robots", "tls:expired", "empty"]
)
def test_being_turned_away_changes_nothing(season: Season, verdict: str) -> None:
    season.run(DAY, [Shown(URL, page(report()))], [ENTRY])
    for day in (1, 2, 3):
        season.run(
            DAY + timedelta(days=day),
            [Shown(URL, b"<html>challenge</html>", verdict, 521)],
            None,
            ok=False,
            reason=verdict,
        )
    assert season.kinds() == [("published", 2020)]
    assert season.reports()[0]["status"] == "present"


def test_new_address_while_the_old_is_gone_is_moved(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report()))], [ENTRY])
    moved = Entry(SECOND_URL, ENTRY.title, ENTRY.date)
    season.run(
        DAY + timedelta(days=1),
        [Shown(URL, GONE_PAGE, "gone?", 404), Shown(SECOND_URL, page(report(), noise="新"))],
        [moved],
    )
    season.run(DAY + timedelta(days=2), [Shown(URL, GONE_PAGE, "gone?", 404), Shown(SECOND_URL)], [moved])
    assert season.kinds() == [("published", 2020), ("moved", 2020)]
    assert season.changes()[-1]["url"] == SECOND_URL
    assert season.changes()[-1]["from_url"] == URL


def test_republished_elsewhere_with_other_figures_is_moved_and_revised(season: Season) -> None:
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [ENTRY])
    other = what.with_figure(("challenges", "reconsideration", "upheld"), "977")
    season.run(
        DAY + timedelta(days=1),
        [Shown(SECOND_URL, page(other)), Shown(URL, GONE_PAGE, "moved", 302)],
        [Entry(SECOND_URL, ENTRY.title, ENTRY.date)],
    )
    assert [kind for kind, _ in season.kinds()] == ["published", "moved", "revised"]


def test_delisted_only_after_a_complete_list_and_an_answer(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report()))], [ENTRY])
    season.run(DAY + timedelta(days=1), [Shown(URL)], [], complete=False, ok=False, reason="page 2 blocked")
    assert season.kinds() == [("published", 2020)]
    season.run(DAY + timedelta(days=2), [], [])
    assert season.kinds() == [("published", 2020)], "the address was not looked at"
    season.run(DAY + timedelta(days=3), [Shown(URL)], [])
    assert season.kinds() == [("published", 2020), ("delisted", 2020)]
    season.run(DAY + timedelta(days=4), [Shown(URL)], [])
    assert season.kinds() == [("published", 2020), ("delisted", 2020)]


def test_killed_run_gives_what_it_found_and_concludes_nothing_else(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report())), Shown(SECOND_URL, GONE_PAGE, "gone?", 404)], [ENTRY], log=False)
    assert season.kinds() == [("published", 2020)]
    for day in (1, 2):
        season.run(DAY + timedelta(days=day), [Shown(URL, GONE_PAGE, "gone?", 404)], [], log=False)
    assert season.reports()[0]["status"] == "present"


def test_page_that_loses_its_text_must_be_seen_twice(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report()))], [ENTRY])
    short = page(
        report(),
        body="<p>温州市瓯海区人民政府2020年政府信息公开工作年度报告。一、总体情况。本年度无。二、主动公开政府信息情况。无。</p>",
    )
    season.run(DAY + timedelta(days=1), [Shown(URL, short)], [ENTRY])
    assert season.kinds() == [("published", 2020)]
    season.run(DAY + timedelta(days=2), [Shown(URL)], [ENTRY])
    assert season.kinds() == [("published", 2020), ("revised", 2020)]


def test_ingesting_again_adds_nothing(season: Season) -> None:
    season.run(DAY, [Shown(URL, page(report()))], [ENTRY])
    before = text_of(season)
    summary = ingest_sealed(season.archive)
    assert (summary.segments, summary.passes) == (0, 0)
    assert text_of(season) == before


def test_rebuild_gives_the_same_database(season: Season) -> None:
    what = report()
    bureau = report(BUREAU, 2020, 9)
    entries = [ENTRY, Entry(SECOND_URL, bureau.title)]
    season.run(DAY, [Shown(URL, page(what)), Shown(SECOND_URL, page(bureau))], entries)
    season.run(
        DAY + timedelta(days=1),
        [Shown(URL, page(what.with_text(what.paragraphs[3], what.paragraphs[3] + "另有一句。")))],
        entries,
    )
    season.run(DAY + timedelta(days=2), [Shown(SECOND_URL, GONE_PAGE, "gone?", 404)], entries[:1])
    season.run(DAY + timedelta(days=3), [Shown(SECOND_URL, GONE_PAGE, "gone?", 404)], entries[:1])
    before = text_of(season)
    rebuild(season.archive, workers=1)
    assert text_of(season) == before


def test_older_captures_that_come_later_find_their_place(season: Season, tmp_path: Path) -> None:
    what = report()
    edited = what.with_figure(("applications", "received", "business"), "555")
    season.run(DAY + timedelta(days=10), [Shown(URL, page(edited))], [ENTRY])
    season.run(DAY, [Shown(URL, page(what))], None, kind="import", log=False)
    other = Season(tmp_path / "other")
    other.run(DAY, [Shown(URL, page(what))], [ENTRY])
    other.run(DAY + timedelta(days=10), [Shown(URL, page(edited))], [ENTRY])
    assert season.kinds() == other.kinds() == [("published", 2020), ("revised", 2020)]


def test_import_of_several_states_of_a_page_gives_its_history(season: Season) -> None:
    what = report()
    edited = what.with_figure(("applications", "received", "business"), "555")
    season.run(DAY, [Shown(URL, page(what)), Shown(URL, page(edited))], None, kind="import", log=False)
    assert season.kinds() == [("published", 2020), ("revised", 2020)]


def test_looks_of_others_give_what_was_there_and_nothing_else(season: Season, tmp_path: Path) -> None:
    """The same looks by somebody else: gone, back and no longer listed are for our own eyes."""
    what = report()
    runs: list[tuple[int, list[Shown], list[Entry]]] = [
        (0, [Shown(URL, page(what)), Shown(SECOND_URL, page(report(BUREAU, 2020, 9)))], [ENTRY, Entry(SECOND_URL)]),
        (1, [Shown(URL, GONE_PAGE, "gone?", 404), Shown(SECOND_URL, page(report(BUREAU, 2020, 9)))], [ENTRY]),
        (2, [Shown(URL, GONE_PAGE, "gone?", 404), Shown(SECOND_URL)], [ENTRY]),
        (3, [Shown(URL, page(what))], [ENTRY]),
    ]  # the second report is off the list in two readings, a day apart
    other = Season(tmp_path / "imported")
    for day, shown, listed in runs:
        season.run(DAY + timedelta(days=day), shown, listed)
        other.run(DAY + timedelta(days=day), shown, listed, kind="import", ok=None)
    kinds = [kind for kind, _ in season.kinds()]
    assert kinds == ["published", "published", "vanished", "delisted", "restored"]
    assert other.kinds() == [("published", year) for kind, year in season.kinds() if kind == "published"]


@pytest.mark.parametrize(("limit", "said"), [(500_000_000, "2 segments are not in ogi.db yet"), (0, "lacks 1 passes")])
def test_a_death_between_two_passes_is_no_damage_and_is_made_good(
    season: Season, monkeypatch: pytest.MonkeyPatch, limit: int, said: str
) -> None:
    what = report()
    listed = [Entry(URL, what.title)]
    season.run(DAY, [Shown(URL, page(what))], listed)
    for day in (1, 2):
        other = page(what.with_figure(("applications", "received", "research"), str(30 + day)))
        season.run(DAY + timedelta(days=day), [Shown(URL, other)], listed, ingest=False)
    whole, folded = Fold.run, []

    def dies(fold: Fold) -> None:
        if folded:
            raise KeyboardInterrupt
        folded.append(fold)
        whole(fold)

    with monkeypatch.context() as patch:
        patch.setattr(Fold, "run", dies)
        patch.setattr(ingest, "MOST_AT_ONCE", limit)
        with pytest.raises(KeyboardInterrupt):
            ingest_sealed(season.archive, workers=1)
    found = verify(season.archive)
    assert (found.is_damaged, found.exit_status) == (False, 3 if limit else 0)
    assert said in " ".join([*found.notes, found.claim("index").why])
    ingest_sealed(season.archive, workers=1)
    assert season.kinds() == [("published", 2020), ("revised", 2020), ("revised", 2020)]
    found = verify(season.archive)
    assert (found.damages, found.notes) == ((), ())
    db = open_index(season.archive)
    db.execute("UPDATE passes SET is_folded = 0 WHERE starts_at = (SELECT max(starts_at) FROM passes)")
    db.conn.commit()
    db.close()
    assert verify(season.archive).is_damaged


def test_a_full_disk_is_told_in_words_and_loses_nothing(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [Entry(URL, what.title)], ingest=False)
    with monkeypatch.context() as patch:

        def limited(archive: Archive) -> Database:
            db = open_index(archive)
            db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
            return db

        patch.setattr("archive.history.ingest.open_index", limited)
        with pytest.raises(DiskFull, match=r"MB are free.*Make room"):
            ingest_sealed(season.archive, workers=1)
    ingest_sealed(season.archive, workers=1)
    assert season.kinds() == [("published", 2020)]
