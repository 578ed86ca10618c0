"""No false alarm: whatever an honest archive lives through, nothing of it is ever called damaged, and what leaves it is sound."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.clock import SimulatedClock
from archive.duties import decisions
from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.index.rows import values
from archive.publish.export import export_package
from archive.publish.heads import publish_heads
from archive.site.bag import write_bag
from archive.site.publish import publish
from archive.verify.anchors import Anchors
from archive.verify.bag import verify_bag
from archive.verify.package import verify_package
from archive.verify.run import VerifyOptions, verify
from archive.verify.snapshot import verify_snapshot
from archive.warc import growth, signing
from archive.warc.context import Entry
from archive.warc.wacz import write_wacz
from crawler.imports.files import import_archives
from crawler.portals.definitions import from_json
from tests.archive.season import BASE, BUREAU, GONE_PAGE, GOVERNMENT, Season, Shown, definition, page, report
from tests.crawler.imports.test_foreign_records import http, put, record

NOW = datetime(2026, 11, 30, tzinfo=UTC)
#: Lives that are lived; `OGI_HONEST=1000` for a long run.
LIVES = int(os.environ.get("OGI_HONEST", "6"))


class Life:
    """An archive and what happens to it, drawn by a seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.draw = random.Random(seed)
        self.root = root
        self.season = Season(root / "a")
        self.at = datetime(2021, 2, 1, 2, tzinfo=UTC)
        self.made = 0
        self.did: list[str] = []
        if self.draw.random() < 0.6:
            settings = self.archive.root / "ogi.toml"
            settings.write_text(settings.read_text().replace("# sign = false", "sign = true"))
            self.reopen()
            signing.make_key(self.archive.root / self.archive.settings.proof.key)
        if self.draw.random() < 0.3:
            with (self.archive.root / "ogi.toml").open("a") as settings_file:
                settings_file.write(f'\n[[proof.publish]]\nname = "f"\nkind = "file"\nto = "{root / "heads.txt"}"\n')
            self.reopen()
        self.pass_over()

    @property
    def archive(self) -> Archive:
        return self.season.archive

    def reopen(self) -> None:
        self.season.archive = Archive.open(self.archive.root)

    def pass_over(self) -> None:
        """A harvest: reports that are there, revised, gone, or named no more."""
        self.at += timedelta(days=self.draw.randint(1, 30))
        shown, listed = [], []
        for number, agency in enumerate((GOVERNMENT, BUREAU), 1):
            url, what = f"{BASE}/art/{number}.html", report(agency, 2020, number)
            if self.draw.random() < 0.3:
                what = what.with_figure(("applications", "received", "research"), str(self.draw.randint(1, 99)))
            body, status = (page(what), 200) if self.draw.random() < 0.8 else (GONE_PAGE, 404)
            shown.append(Shown(url, body, "ok" if status == 200 else "gone", status))
            if self.draw.random() < 0.9:
                listed.append(Entry(url, what.title))
        self.season.run(self.at, shown, listed)

    def bring(self) -> None:
        """What others captured: right, wrong, gone, of any time."""
        records = []
        for number in range(self.draw.randint(1, 4)):
            at = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(days=self.draw.randint(0, 2000))
            body, status = self.draw.choice(
                [
                    (page(report(seed=self.draw.randint(1, 50))), "200 OK"),
                    (page(report(year=2019, seed=3)), "200 OK"),
                    (GONE_PAGE, "404 Not Found"),
                    (b"", "302 Found"),
                ]
            )
            url = f"{BASE}/art/{self.draw.randint(1, 4)}.html"
            records.append(record("response", url, f"{at:%Y-%m-%dT%H:%M:%SZ}", http(body, status), self.made * 100 + number))  # fmt: skip
        self.made += 1
        file = put(self.root / f"x{self.made}.warc.gz", *records)
        portals = [from_json(definition())]
        import_archives(
            self.archive, [file], portals, SimulatedClock(NOW), everything=self.draw.random() < 0.5, workers=1
        )

    def decide(self) -> None:
        db = open_index(self.archive)
        try:
            found = list(values(db, "SELECT id FROM reports ORDER BY id"))
            if not found:
                return
            with self.archive.lock():
                decisions.withhold(self.archive, db, self.draw.choice(found), "asked", lift=self.draw.random() < 0.5)
        except decisions.DecisionError:
            pass  # nothing was withheld that could be lifted
        finally:
            db.close()

    def make_again(self) -> None:
        rebuild(self.archive, workers=1)

    def move(self) -> None:
        self.made += 1
        place = self.root / f"moved{self.made}"
        self.archive.root.rename(place)
        self.season.archive = Archive.open(place)

    def try_on_a_copy(self) -> None:
        """A copy goes on and is thrown away."""
        self.made += 1
        place = self.root / f"copy{self.made}"
        shutil.copytree(self.archive.root, place, ignore=shutil.ignore_patterns("*-wal", "*-shm", ".lock"))
        mine, self.season.archive = self.archive, Archive.open(place)
        self.pass_over()
        self.season.archive = mine
        if self.draw.random() < 0.7:
            shutil.rmtree(place)

    def publish_head(self) -> None:
        assert publish_heads(self.archive, lambda: NOW) == []

    def go_on_as_another_process(self) -> None:
        self.reopen()

    def leave(self) -> None:
        """Everything that leaves the archive, and its check."""
        self.made += 1
        to = self.root / f"out{self.made}"
        to.mkdir()
        publish(self.archive, to / "site", NOW, allow_fewer=True, with_evidence=self.draw.random() < 0.7)
        write_bag(self.archive, to / "bag", NOW)
        export_package(self.archive, to / "data", form="csv", allow_fewer=True)
        write_wacz(self.archive, to / "x.wacz", created=NOW)
        found = [
            verify_snapshot(Archive.open(to / "site"), Anchors()),
            verify_bag(to / "bag", Anchors()),
            verify_package(to / "data"),
            verify_package(to / "x.wacz"),
        ]
        assert [one.damages for one in found] == [()] * 4, self.did


ACTS: list[Callable[[Life], None]] = [
    Life.pass_over,
    Life.pass_over,
    Life.bring,
    Life.bring,
    Life.decide,
    Life.make_again,
    Life.move,
    Life.try_on_a_copy,
    Life.publish_head,
    Life.go_on_as_another_process,
    Life.leave,
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(LIVES))
def test_an_honest_archive_is_never_called_damaged(tmp_path: Path, seed: int) -> None:
    life = Life(tmp_path, seed)
    for _ in range(life.draw.randint(2, 5)):
        act = life.draw.choice(ACTS)
        life.did.append(act.__name__)
        act(life)
        found = verify(life.archive, VerifyOptions(workers=1, deep=life.draw.random() < 0.5))
        assert (found.damages, found.exit_status) == ((), 0), life.did
        growth.remember(life.archive)
