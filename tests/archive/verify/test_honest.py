"""No false alarm: whatever an honest archive lives through, nothing of it is ever called damaged, and what leaves it is sound."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.duties import decisions
from archive.files.folder import Archive
from archive.history import ingest, read_item
from archive.history.ingest import ingest_sealed
from archive.index.database import open_index
from archive.warc import growth
from archive.work import release
from tests.archive.verify.attacks import build, judge, sql
from tests.archive.verify.lives import ACTS, go_on_as_another_process, lived, make_again, otherwise

#: Lives that are lived, and the first seed; `OGI_HONEST=1000` for a long run.
LIVES, FIRST = int(os.environ.get("OGI_HONEST", "6")), int(os.environ.get("OGI_HONEST_FROM", "0"))


def killed(act: Callable[[], Any]) -> None:
    """Do something in a process that is killed where it says so."""
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_death_between_a_decision_and_the_tables_is_no_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = build(tmp_path / "a", decide=False)
    append = decisions.append_all

    def decide() -> None:
        monkeypatch.setattr(decisions, "append_all", lambda *given, **named: (append(*given, **named), die()))
        db = open_index(archive)
        with archive.lock():
            decisions.withhold(archive, db, db.execute("SELECT id FROM reports").fetchone()[0], "asked")

    killed(decide)
    archive = Archive.open(archive.root)
    assert (judge(archive, deep=False).damages, judge(archive, deep=True).damages) == ((), ())
    ingest_sealed(archive, workers=1)
    assert judge(archive, deep=True).is_whole


def test_a_death_behind_an_upgrade_is_no_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = build(tmp_path / "a", decide=False)
    monkeypatch.setattr(release, "_digest", lambda folder: "00000001")
    monkeypatch.setattr(read_item, "_as_seen", otherwise(read_item._as_seen, "x"))
    for version in (release.extractor_version, release.indexer_version):
        version.cache_clear()

    def upgraded() -> None:
        monkeypatch.setattr(ingest.search, "reindex", die)
        db = open_index(archive)
        with archive.lock():
            ingest._ingest(db, archive, 1, None, None)

    try:
        killed(upgraded)
        archive = Archive.open(archive.root)
        for deep in (False, True):
            found = judge(archive, deep=deep)
            assert (found.damages, found.exit_status) == ((), 3)
    finally:
        monkeypatch.undo()
        for version in (release.extractor_version, release.indexer_version):
            version.cache_clear()


@pytest.mark.parametrize("is_read_otherwise", [False, True])
def test_what_an_upgraded_program_adds_to_is_no_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_read_otherwise: bool
) -> None:
    """The statement of a later command is the new program's; the old one made most of the tables, until a rebuild."""
    archive = build(tmp_path / "a", decide=False)
    monkeypatch.setattr(release, "_digest", lambda folder: "00000001")
    if is_read_otherwise:
        monkeypatch.setattr(read_item, "_as_seen", otherwise(read_item._as_seen, "x"))
    for version in (release.extractor_version, release.indexer_version):
        version.cache_clear()
    try:
        db = open_index(archive)
        with archive.lock():
            decisions.withhold(archive, db, db.execute("SELECT id FROM reports").fetchone()[0], "asked")
        db.close()
        found = judge(archive, deep=True)
        assert (found.damages, found.exit_status, found.claim("reading").outcome.value) == ((), 3, "not proved")
        assert judge(archive, deep=False).exit_status == (3 if is_read_otherwise else 0)
        sql("UPDATE versions SET title = 'x'")(archive)
        assert judge(archive, deep=True).is_damaged
        ingest.rebuild(archive, workers=1)
        assert judge(archive, deep=True).is_whole
        sql("UPDATE agencies SET name = name || 'x'")(archive)
        assert judge(archive, deep=True).is_damaged
    finally:
        monkeypatch.undo()
        for version in (release.extractor_version, release.indexer_version):
            version.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, FIRST + LIVES))
def test_an_honest_archive_is_never_called_damaged(tmp_path: Path, seed: int) -> None:
    with lived(tmp_path, seed) as life:
        for _ in range(life.draw.randint(3, 7)):
            act = life.draw.choice(ACTS)
            life.did.append(act.__name__)
            act(life)
            life.judge()
            growth.remember(life.archive)
        go_on_as_another_process(life)
        make_again(life)
        life.judge()
