"""What honest archives live through: each act is something that operators, machines and upgrades do, drawn by a seed."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import SimulatedClock
from archive.duties import decisions, rotation
from archive.duties.rollback import accept_rollback
from archive.errors import ExportFailed
from archive.files.folder import Archive
from archive.history import read_item
from archive.history.again import take_again
from archive.history.ingest import ingest_sealed, rebuild
from archive.history.reextract import reextract
from archive.index.database import open_index
from archive.index.rows import values
from archive.publish.check_proof import check, status_of
from archive.publish.export import export_package
from archive.publish.heads import publish_heads
from archive.publish.prove import prove
from archive.publish.prove_looks import NotProved
from archive.site.bag import write_bag
from archive.site.publish import publish
from archive.verify.anchors import Anchors, PinnedKey, parse_key
from archive.verify.bag import verify_bag
from archive.verify.package import verify_package
from archive.verify.result import VerifyResult
from archive.verify.run import VerifyOptions, verify
from archive.verify.segments import Extent
from archive.verify.snapshot import verify_snapshot
from archive.warc import growth, signing
from archive.warc.closing import recover
from archive.warc.context import Entry
from archive.warc.digests import digest_of
from archive.warc.wacz import write_wacz
from archive.work import release
from crawler.imports.again import import_again
from crawler.imports.documents import import_documents
from crawler.imports.files import import_archives
from crawler.portals.definitions import from_json
from extract.errors import OgiError
from extract.model import Extraction
from tests.archive.season import BASE, BUREAU, GONE_PAGE, GOVERNMENT, Season, Shown, definition, page, report
from tests.crawler.imports.test_foreign_records import http, put, record

NOW = datetime(2026, 11, 30, tzinfo=UTC)


class Life:
    """An archive and what happens to it, drawn by a seed."""

    def __init__(self, root: Path, seed: int, patch: pytest.MonkeyPatch) -> None:
        self.draw = random.Random(seed)
        self.root, self.patch = root, patch
        self.season = Season(root / "a")
        self.at = datetime(2021, 2, 1, 2, tzinfo=UTC)
        self.made = self.releases = 0
        self.did: list[str] = []
        self.pins: tuple[PinnedKey, ...] = ()
        #: Why a claim that is required may be unproved: an interrupted command, or another release's reading.
        self.excuses: set[str] = set()
        if self.draw.random() < 0.6:
            self.settings("# sign = false", "sign = true")
            signing.make_key(self.key)
            self.pin()
        if self.draw.random() < 0.3:
            with (self.archive.root / "ogi.toml").open("a") as settings_file:
                settings_file.write(f'\n[[proof.publish]]\nname = "f"\nkind = "file"\nto = "{root / "heads.txt"}"\n')
            self.reopen()
        pass_over(self)

    @property
    def archive(self) -> Archive:
        return self.season.archive

    @property
    def key(self) -> Path:
        return self.archive.root / self.archive.settings.proof.key

    @property
    def is_signing(self) -> bool:
        return self.archive.settings.proof.sign

    def pin(self) -> None:
        """Somebody outside notes the key."""
        self.pins = (parse_key(str(signing.public_path(self.key)), "kept"),)

    @property
    def signers(self) -> tuple[PinnedKey, ...]:
        """The key that signs now, as the archive's site shows it."""
        return (parse_key(str(signing.public_path(self.key)), "site"),) if self.is_signing else ()

    def settings(self, before: str, after: str) -> None:
        file = self.archive.root / "ogi.toml"
        file.write_text(file.read_text().replace(before, after))
        self.reopen()

    def reopen(self) -> None:
        self.season.archive = Archive.open(self.archive.root)

    def place(self, name: str) -> Path:
        self.made += 1
        return self.root / f"{name}{self.made}"

    def ask(self, sql: str) -> list[Any]:
        db = open_index(self.archive)
        try:
            return list(values(db, sql))
        finally:
            db.close()

    def judge(self) -> VerifyResult:
        """Verify as anybody may: nothing is damaged, and where all was read and nothing excuses it, all that is required is proved."""
        extent = Extent(None, self.draw.choice([None, None, None, 1]), None)
        anchors = Anchors(self.pins if self.is_signing and self.draw.random() < 0.7 else ())
        options = VerifyOptions(anchors, extent=extent, workers=1, deep=self.draw.choice([True, False, None]))
        found = verify(self.archive, options)
        assert found.damages == (), (self.did, [str(one) for one in found.damages])
        if not self.excuses and extent.sample is None:
            assert found.exit_status == 0, (self.did, found.claims)
        return found


def bring(life: Life, *files: Path) -> None:
    """An import of files."""
    portals = [from_json(definition())]
    is_all = life.draw.random() < 0.5
    import_archives(life.archive, files, portals, SimulatedClock(NOW), everything=is_all, workers=1)


def pass_over(life: Life) -> None:
    """A harvest: reports that are there, revised, gone, or named no more."""
    life.at += timedelta(days=life.draw.randint(1, 30))
    harvest(life, life.at)


def harvest(life: Life, at: datetime, *, ingest: bool = True) -> None:
    shown, listed = [], []
    for number, agency in enumerate((GOVERNMENT, BUREAU), 1):
        url, what = f"{BASE}/art/{number}.html", report(agency, 2020, number)
        if life.draw.random() < 0.3:
            what = what.with_figure(("applications", "received", "research"), str(life.draw.randint(1, 99)))
        body, status = (page(what), 200) if life.draw.random() < 0.8 else (GONE_PAGE, 404)
        shown.append(Shown(url, body, "ok" if status == 200 else "gone", status))
        if life.draw.random() < 0.9:
            listed.append(Entry(url, what.title))
    life.season.run(at, shown, listed, ingest=ingest)


def clock_set_back(life: Life) -> None:
    harvest(life, life.at - timedelta(days=life.draw.randint(1, 40)))


def foreign(life: Life) -> list[bytes]:
    """What others captured: right, wrong, gone, of any time."""
    records = []
    for _ in range(life.draw.randint(1, 4)):
        at = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(days=life.draw.randint(0, 2000))
        body, status = life.draw.choice(
            [
                (page(report(seed=life.draw.randint(1, 50))), "200 OK"),
                (page(report(year=2019, seed=3)), "200 OK"),
                (GONE_PAGE, "404 Not Found"),
                (b"", "302 Found"),
            ]
        )
        life.made += 1
        url = f"{BASE}/art/{life.draw.randint(1, 4)}.html"
        records.append(record("response", url, f"{at:%Y-%m-%dT%H:%M:%SZ}", http(body, status), life.made))
    return records


def bring_others(life: Life) -> None:
    bring(life, put(life.place("x").with_suffix(".warc.gz"), *foreign(life)))


def bring_torn(life: Life) -> None:
    """A file that ends in a record, with junk between two, or that contradicts its digests."""
    file = put(life.place("x").with_suffix(".warc.gz"), *foreign(life), *foreign(life))
    data = bytearray(file.read_bytes())
    for _ in range(life.draw.randint(1, 3)):
        data[life.draw.randrange(len(data))] ^= life.draw.randint(1, 255)
    file.write_bytes(data[: life.draw.randint(len(data) // 2, len(data))])
    with contextlib.suppress(OgiError):  # nothing of it can be read
        bring(life, file)


def bring_in_pieces(life: Life) -> None:
    """A revisit, and in another command what it stands for; then both again, in any order."""
    life.made += 2
    body, url = page(report(seed=life.draw.randint(51, 99))), f"{BASE}/art/{life.draw.randint(1, 4)}.html"
    day = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=life.draw.randint(0, 900))
    block = http(body)
    first = record("response", url, f"{day:%Y-%m-%dT%H:%M:%SZ}", block, life.made)
    digest = f"WARC-Payload-Digest: {digest_of(body)}"
    named = f"WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-{life.made:012d}>"
    head = block.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    again = record("revisit", url, f"{day + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}", head, life.made - 1, digest, named)
    files = [put(life.place("r").with_suffix(".warc.gz"), one) for one in (again, first)]
    for file in [*files, *life.draw.sample(files, 2)]:
        bring(life, file)


def bring_document(life: Life) -> None:
    file = life.place("loose").with_suffix(".html")
    file.write_bytes(page(report(year=life.draw.choice([2018, 2019, 2020]), seed=life.draw.randint(1, 9))))
    at = datetime(2019, 3, 1, tzinfo=UTC) + timedelta(days=life.draw.randint(0, 900))
    url = f"{BASE}/art/{life.draw.randint(1, 5)}.html"
    import_documents(life.archive, [file], url, at, [from_json(definition())], SimulatedClock(NOW))


def bring_own(life: Life) -> None:
    """What left the archive comes back, and goes to another one."""
    package = life.place("own").with_suffix(".wacz")
    write_wacz(life.archive, package, created=NOW)
    segments = sorted(life.archive.warc_dir.glob("*.warc.gz"))
    bring(life, package, life.draw.choice(segments))
    other = Archive.create(life.place("other"))
    for files in ([package], segments, [package]):
        import_archives(other, files, [from_json(definition())], SimulatedClock(NOW), workers=1)
    found = verify(other, VerifyOptions(workers=1, deep=True))
    told = [str(damage) for damage in found.damages]
    assert (told, found.exit_status) == ([], 0 if found.lines else 3), (life.did, told, found.claims)


def decide(life: Life) -> None:
    found = life.ask("SELECT id FROM reports ORDER BY id")
    if found:
        is_lifted = life.draw.random() < 0.5
        _decided(
            life, lambda db: decisions.withhold(life.archive, db, life.draw.choice(found), "asked", lift=is_lifted)
        )


def mark(life: Life) -> None:
    changes, findings = life.ask("SELECT id FROM changes"), life.ask("SELECT id FROM findings")
    if changes:
        one, is_false = life.draw.choice(changes), life.draw.random() < 0.6
        _decided(life, lambda db: decisions.mark_change(life.archive, db, one, false_alarm=is_false))
    if findings:
        other, status = life.draw.choice(findings), life.draw.choice(["confirmed", "dismissed", "open"])
        _decided(life, lambda db: decisions.mark_finding(life.archive, db, other, status, "looked at"))


def _decided(life: Life, act: Callable[[Any], object]) -> None:
    db = open_index(life.archive)
    try:
        with life.archive.lock(), contextlib.suppress(decisions.DecisionError):  # such a thing is refused
            act(db)
    finally:
        db.close()


def make_again(life: Life) -> None:
    rebuild(life.archive, workers=1)
    life.excuses.clear()


def lose_index(life: Life) -> None:
    for path in life.archive.root.glob("ogi.db*"):
        path.unlink()
    make_again(life)


def read_again(life: Life) -> None:
    reextract(life.archive, workers=1)
    life.excuses.clear()


def try_quarantine(life: Life) -> None:
    with life.archive.lock():
        import_again(life.archive, [from_json(definition())], SimulatedClock(NOW))
        take_again(life.archive)
    make_again(life)


def upgrade(life: Life) -> None:
    """The next release: its reader is another one, and may read some figures otherwise."""
    life.releases += 1
    life.patch.setattr(release, "_digest", lambda folder, number=life.releases: f"{number:08x}")
    for version in (release.extractor_version, release.indexer_version):
        version.cache_clear()
    if life.draw.random() < 0.5:
        life.patch.setattr(read_item, "_as_seen", otherwise(read_item._as_seen, str(life.releases)))
    life.excuses.add("another release")


def otherwise(seen: Callable[[Extraction], Extraction], text: str) -> Callable[[Extraction], Extraction]:
    def read(extraction: Extraction) -> Extraction:
        found = seen(extraction)
        figures = list(found.figures)
        if figures:
            figures[0] = replace(figures[0], raw=f"{figures[0].raw} {text}")
        return replace(found, figures=tuple(figures))

    return read


def die(life: Life) -> None:
    """The machine kills a command at any moment; the next one goes on."""
    act = life.draw.choice([harvest_only, pass_over, bring_others, decide, mark, make_again, rotate_key, read_again])
    moment, seed = life.draw.random() * 0.6, life.draw.random()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            life.draw.seed(seed)
            act(life)
        os._exit(0)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    life.did.append(f"… of {act.__name__} at {moment:.2f}")
    life.at += timedelta(days=30)
    life.season.runs += 1
    life.reopen()
    life.excuses.add("interrupted")
    if act is rotate_key:
        life.pins = ()
    life.judge()
    with life.archive.lock():
        recover(life.archive)
        ingest_sealed(life.archive, workers=1)


def harvest_only(life: Life) -> None:
    """A harvest whose segments no index has yet."""
    life.at += timedelta(days=1)
    harvest(life, life.at, ingest=False)
    life.excuses.add("interrupted")


def rotate_key(life: Life) -> None:
    if not life.is_signing:
        return
    reason = life.draw.choice(["rotated", "rotated", "lost"])
    with life.archive.lock():
        rotation.rotate(life.archive, reason, "as every year")
    if reason == "lost":  # nobody can follow: the new key is confirmed anew
        life.pin()


def begin_to_sign(life: Life) -> None:
    if not life.is_signing:
        life.settings("# sign = false", "sign = true")
        signing.make_key(life.key)
        pass_over(life)
        life.pin()


def other_settings(life: Life) -> None:
    life.settings("[operator]", "[operator]\n# changed by hand")
    file = life.archive.root / "ogi.toml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith(("max_bytes", "# max_bytes"))]
    size = life.draw.choice([1_000_000, 1_000_000_000])
    file.write_text("\n".join(lines).replace("[segments]", f"[segments]\nmax_bytes = {size}") + "\n")
    life.reopen()


def move(life: Life) -> None:
    place = life.place("moved")
    life.archive.root.rename(place)
    life.season.archive = Archive.open(place)


def copy_of(life: Life, name: str) -> Path:
    place = life.place(name)
    shutil.copytree(life.archive.root, place, ignore=shutil.ignore_patterns("*-wal", "*-shm", ".lock"))
    return place


def try_on_a_copy(life: Life) -> None:
    """A copy goes on and is thrown away."""
    place = copy_of(life, "copy")
    mine, life.season.archive = life.archive, Archive.open(place)
    pass_over(life)
    life.season.archive = mine
    if life.draw.random() < 0.7:
        shutil.rmtree(place)


def restore_backup(life: Life) -> None:
    """A backup comes back, and a person says so."""
    growth.remember(life.archive)
    place = copy_of(life, "backup")
    pass_over(life)
    root = life.archive.root
    shutil.rmtree(root)
    place.rename(root)
    life.reopen()
    with life.archive.lock():
        accept_rollback(life.archive, "the disk died")
    make_again(life)


def pack_and_unpack(life: Life) -> None:
    """A copy by tar, as backups are made: times of files are another's."""
    place, packed = life.place("unpacked"), life.place("packed").with_suffix(".tar.gz")
    subprocess.run(["tar", "-czf", packed, "-C", life.archive.root, "."], check=True)
    place.mkdir()
    subprocess.run(["tar", "-xzmf", packed, "-C", place], check=True)
    life.season.archive = Archive.open(place)


def keep_the_database(life: Life) -> None:
    """What people do to databases: VACUUM, ANALYZE, another journal."""
    with closing(sqlite3.connect(life.archive.db_path, isolation_level=None)) as db:
        for command in life.draw.sample(["VACUUM", "ANALYZE", "PRAGMA optimize", "PRAGMA journal_mode=DELETE"], 2):
            db.execute(command)


def publish_head(life: Life) -> None:
    assert publish_heads(life.archive, lambda: NOW) == []


def go_on_as_another_process(life: Life) -> None:
    life.reopen()
    with life.archive.lock():
        recover(life.archive)
        ingest_sealed(life.archive, workers=1)


def leave(life: Life) -> None:
    """Everything that leaves the archive, and its check."""
    to = life.place("out")
    to.mkdir()
    publish(life.archive, to / "site", NOW, allow_fewer=True, with_evidence=life.draw.random() < 0.7)
    if life.draw.random() < 0.3:  # again over the same place
        publish(life.archive, to / "site", NOW, allow_fewer=True, with_evidence=life.draw.random() < 0.7)
    write_bag(life.archive, to / "bag", NOW)
    export_package(life.archive, to / "data", form=life.draw.choice(["csv", "csv", "xlsx"]), allow_fewer=True)
    write_wacz(life.archive, to / "x.wacz", created=NOW)
    pins = life.pins if life.is_signing else ()
    found = [
        verify_snapshot(Archive.open(to / "site"), Anchors(pins if life.draw.random() < 0.5 else ())),
        verify_bag(to / "bag", Anchors(pins)),
        verify_package(to / "data", life.signers),
        verify_package(to / "x.wacz", life.signers),
    ]
    told = [str(damage) for one in found for damage in one.damages]
    assert told == [], (life.did, told)


def prove_all(life: Life) -> None:
    """A proof file of every change, report and absence for which there is one."""
    names = life.ask("SELECT id FROM changes UNION SELECT id FROM reports UNION SELECT id || '@1' FROM reports")
    names += life.ask("SELECT 'absence:' || agency || '/' || year FROM obligations")
    for what in life.draw.sample(names, min(6, len(names))):
        out = life.place("proof").with_suffix(".wacz")
        try:
            prove(life.archive, what, out, NOW)
        except (ExportFailed, NotProved):  # it is withheld, or not shown
            continue
        assert status_of(check(str(out))) == 3, (life.did, check(str(out)))


ACTS: list[Callable[[Life], None]] = [
    pass_over, pass_over, pass_over, clock_set_back, bring_others, bring_others, bring_torn, bring_in_pieces, bring_document,
    bring_own, decide, decide, mark, make_again, lose_index, read_again, try_quarantine, upgrade, die, die, die, harvest_only,
    rotate_key, begin_to_sign, other_settings, move, try_on_a_copy, restore_backup, pack_and_unpack, keep_the_database,
    publish_head, go_on_as_another_process, leave, leave, prove_all,
]  # fmt: skip


@contextmanager
def lived(root: Path, seed: int) -> Iterator[Life]:
    """A life whose upgrades end with it."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            yield Life(root, seed, patch)
    finally:
        for version in (release.extractor_version, release.indexer_version):
            version.cache_clear()
