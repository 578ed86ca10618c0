"""An index that lost segments says so, or says nothing: never "no reports"."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.files.folder import Archive
from archive.publish.export import export_package
from archive.site.publish import publish
from crawler.cli import cli
from tests.archive.making import StandingClock
from tests.archive.verify.attacks import DAY, build, copy

LISTS = ("reports", "changes", "findings", "obligations", "agencies", "status", "digest")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("fresh") / "a", sign=False)


@pytest.fixture
def archive(made: Archive, tmp_path: Path) -> Archive:
    return copy(made, tmp_path / "a")


def run(archive: Archive, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, [*words, "--archive", str(archive.root)])
    said = str(done.exception) if done.exception is not None and not isinstance(done.exception, SystemExit) else ""
    return done.exit_code, done.stdout, done.stderr + said


@pytest.mark.parametrize("how", ["lost", "of no bytes", "without rows", "another's"])
def test_a_lost_index_is_never_read_as_nothing(archive: Archive, how: str, tmp_path: Path) -> None:
    other = Archive.create(tmp_path / "empty")
    run(other, "reports")  # makes an index without rows
    if how == "another's":
        lines = archive.manifest_path.read_text().replace("OGI-2021", "OGI-2020")
        archive.manifest_path.write_text(lines)
    else:
        archive.db_path.unlink()
        if how == "of no bytes":
            archive.db_path.touch()
        elif how == "without rows":
            shutil.copy(other.db_path, archive.db_path)
    for command in LISTS:
        status, out, err = run(archive, command)
        assert status != 0
        assert "ogi rebuild" in err
        assert out == ""


def test_an_index_that_lacks_segments_says_how_many(archive: Archive) -> None:
    from archive.warc.closing import seal
    from tests.archive.making import exchange, writer

    assert "index_behind" not in run(archive, "reports", "--json")[1]
    segments = writer(archive, run="r9")
    segments.write_exchange(exchange(9))
    segments.close()
    seal(archive, segments.finished[0])
    for command in ("reports", "changes", "obligations", "status"):
        _, out, err = run(archive, command, "--json")
        assert err.count("\n") == 1
        assert "1 sealed segments are not in the index" in err
        assert {json.loads(line)["index_behind"] for line in out.splitlines()} == {1}


def test_a_snapshot_and_a_package_are_not_replaced_by_less(archive: Archive, tmp_path: Path) -> None:
    now = StandingClock(DAY).now()
    publish(archive, tmp_path / "site", now)
    export_package(archive, tmp_path / "package")
    less = build(tmp_path / "less", sign=False, decide=False, reports=1)
    for words in (("publish", "--to", str(tmp_path / "site")), ("export", "--to", str(tmp_path / "package"))):
        status, _, err = run(less, *words)
        assert status != 0
        assert "--allow-fewer" in err
        assert not list(tmp_path.glob("*.part"))
        assert run(archive, *words)[0] == 0
        assert run(less, *words, "--allow-fewer")[0] == 0
        assert run(archive, *words)[0] == 0


def test_what_is_withheld_since_is_no_loss(archive: Archive, tmp_path: Path) -> None:
    from archive.duties import decisions
    from archive.index.database import open_index

    now = StandingClock(DAY).now()
    publish(archive, tmp_path / "site", now)
    db = open_index(archive)
    with archive.lock():
        decisions.withhold(archive, db, db.execute("SELECT id FROM reports").fetchone()[0], "on request")
    db.close()
    about = publish(archive, tmp_path / "site", now)
    assert (about["reports"], about["withheld"]) == (1, 1)


def test_a_snapshot_can_be_listed(archive: Archive, tmp_path: Path) -> None:
    publish(archive, tmp_path / "site", StandingClock(DAY).now())
    status, out, err = run(Archive.open(tmp_path / "site"), "reports", "--json")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 2
