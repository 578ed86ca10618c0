"""Whatever the owner of a disk changes at random, without the key: no archive, snapshot or package is whole afterwards, unless nothing was changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.clock import SimulatedClock
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.dump import dump
from archive.index.roots import PASSING
from archive.publish.export import export_package
from archive.site.publish import publish
from archive.verify.anchors import Anchors, parse_key
from archive.verify.package import verify_package
from archive.verify.snapshot import verify_snapshot
from archive.warc import signing
from archive.warc.members import compress
from archive.warc.wacz import write_wacz
from crawler.imports.files import import_archives
from crawler.portals.definitions import from_json
from extract.errors import OgiError
from tests.archive.season import definition
from tests.archive.verify.attacks import URL, build, copy, judge, lines_of, members, relist, write_lines
from tests.crawler.imports.test_foreign_records import answer, put

#: Alterations that are tried; `OGI_ALTERATIONS=300` for a long run.
TRIED = int(os.environ.get("OGI_ALTERATIONS", "24"))
NOW = datetime(2026, 11, 30, tzinfo=UTC)
#: What a process may leave in a folder, and settings, which are the owner's own.
_PASSING = tuple(f'["{key}"' for key in PASSING)
_HIS = (".lock", "-wal", "-shm", "ogi.toml", ".private", "verified.json")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A signed archive with a revision, decisions and captures by others."""
    root = tmp_path_factory.mktemp("altered")
    archive = build(root / "a")
    file = put(root / "x.warc.gz", answer("2019-03-01T00:00:00Z", url=URL), answer("2018-03-01T00:00:00Z", number=2))
    import_archives(archive, [file], [from_json(definition())], SimulatedClock(NOW), everything=True, workers=1)
    return archive


def key_of(archive: Archive) -> str:
    (public,) = signing.load_public(archive.keys_dir).values()
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()


# --- what can be changed


def some_bytes(draw: random.Random, data: bytes) -> bytes:
    """The bytes with a small change."""
    at = draw.randrange(len(data))
    return draw.choice(
        (
            data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :],
            data[:at] + data[at + 1 :],
            data[:at] + bytes([draw.randrange(256)]) + data[at:],
            data[:at],
            data[at:],
            data + draw.randbytes(3),
            data + data[at:],
            data[:at] + bytes(min(64, len(data) - at)) + data[at + 64 :],
        )
    )


def files_of(folder: Path, *parts: str) -> list[Path]:
    found = [
        path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(_HIS) and path.stat().st_size
    ]
    return sorted(path for path in found if not parts or path.relative_to(folder).parts[0] in parts)


def a_file(draw: random.Random, archive: Archive) -> str:
    """Bytes of a file of the archive."""
    path = draw.choice(files_of(archive.root, "warc", "manifest.jsonl", "decisions.jsonl"))
    path.write_bytes(some_bytes(draw, path.read_bytes()))
    return path.name


def a_file_gone(draw: random.Random, archive: Archive) -> str:
    path = draw.choice(files_of(archive.root, "warc", "manifest.jsonl", "decisions.jsonl", "ogi.db"))
    path.unlink()
    return path.name


def a_value(draw: random.Random, archive: Archive) -> str:
    """A value of a row of the index."""
    with closing(sqlite3.connect(archive.db_path)) as db:
        tables = [
            name
            for (name,) in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%fts%'"
            )
            if db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        ]
        table = draw.choice([name for name in tables if name != "_sqlite_migrations"])
        columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
        column = draw.choice(columns)
        rows = [row[0] for row in db.execute(f'SELECT "{column}" FROM "{table}"')]
        value = draw.choice(rows)
        other = draw.choice((value + 1 if isinstance(value, int | float) else f"{value}0", *rows, None))
        try:
            db.execute(f'UPDATE OR REPLACE "{table}" SET "{column}" = ? WHERE "{column}" IS ?', (other, value))
            db.commit()
        except sqlite3.Error:
            db.rollback()
    return f"{table}.{column}"


def a_row_gone(draw: random.Random, archive: Archive) -> str:
    with closing(sqlite3.connect(archive.db_path)) as db:
        names = (
            "versions",
            "changes",
            "captures",
            "figure_changes",
            "reports",
            "documents",
            "lists",
            "runs",
            "origins",
            "withheld",
            "applications",
        )
        table = draw.choice([name for name in names if db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]])
        column = db.execute(f'PRAGMA table_info("{table}")').fetchone()[1]
        value = draw.choice([row[0] for row in db.execute(f'SELECT "{column}" FROM "{table}"')])
        db.execute(f'DELETE FROM "{table}" WHERE "{column}" IS ?', (value,))
        db.commit()
    return table


def a_page_of_the_database(draw: random.Random, archive: Archive) -> str:
    data = bytearray(archive.db_path.read_bytes())
    at = draw.randrange(100, len(data))
    data[at] ^= 1 << draw.randrange(8)
    archive.db_path.write_bytes(bytes(data))
    return f"ogi.db at {at}"


def a_record(draw: random.Random, archive: Archive) -> str:
    """A record altered, left out, doubled or moved, and the chain made anew without the key, or not at all."""
    path = draw.choice(files_of(archive.root, "warc"))
    records = members(path)
    at = draw.randrange(len(records))
    what = draw.choice(("altered", "left out", "doubled", "moved"))
    if what == "altered":
        head, _, block = records[at].partition(b"\r\n\r\n")
        records[at] = head + b"\r\n\r\n" + some_bytes(draw, block[:-4] or b"x") + b"\r\n\r\n"
    elif what == "moved":
        records.append(records.pop(at))
        if at == len(records) - 1:
            what = "nothing"
    else:
        records[at : at + 1] = [] if what == "left out" else [records[at]] * 2
    before = path.read_bytes()
    path.write_bytes(b"".join(map(compress, records)))
    if what == "nothing" or path.read_bytes() == before:
        path.write_bytes(before)
        return "nothing"
    if draw.random() < 0.6:
        relist(archive)
    return f"record {at} of {path.name} {what}"


def a_line(draw: random.Random, archive: Archive) -> str:
    """A member of a line of the manifest, with the links made anew or not; lines left out, doubled or in another order."""
    lines = lines_of(archive)
    at = draw.randrange(len(lines))
    what = draw.choice(("member", "out", "twice", "swapped", "blank"))
    if what == "member":
        entry = json.loads(lines[at])
        name = draw.choice(list(entry))
        entry[name] = draw.choice((None, 0, "", "x", entry.get("records"), [entry[name]]))
        if draw.random() < 0.3:
            del entry[name]
        if entry == json.loads(lines[at]):
            return "nothing"
        lines[at] = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    elif what == "out":
        del lines[at]
    elif what == "twice":
        lines.insert(at, lines[at])
    elif what == "swapped":
        other = draw.randrange(len(lines))
        if other == at:
            return "nothing"
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, "")
    write_lines(archive, lines)
    return f"line {at} {what}"


def a_decision(draw: random.Random, archive: Archive) -> str:
    lines = archive.decisions_path.read_text("utf-8").splitlines()
    what = draw.choice(("out", "twice", "altered", "swapped"))
    at = draw.randrange(len(lines))
    if what == "out":
        del lines[at]
    elif what == "twice":
        lines.append(lines[at])
    elif what == "altered":
        lines[at] = lines[at].replace("asked", "wanted").replace("request", "demand")
    else:
        lines.reverse()
    archive.decisions_path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return f"decision {at} {what}"


ALTERATIONS: list[Callable[[random.Random, Archive], str]] = [
    a_file, a_file, a_file_gone, a_value, a_value, a_value, a_row_gone, a_page_of_the_database, a_record, a_record, a_line, a_line, a_decision,
]  # fmt: skip


def shown(archive: Archive) -> str:
    """All that the index says but what it notes of work under way; what can't be read is something else."""
    try:
        db = open_index(archive)
        try:
            return "\n".join(line for line in dump(db).split("\n") if not line.startswith(_PASSING))
        finally:
            db.close()
    except Exception as error:  # noqa: BLE001 - a broken database may fail in any way
        return f"{type(error).__name__} {error}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(TRIED))
def test_an_archive_altered_at_random_is_not_whole(made: Archive, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    victim = copy(made, tmp_path / "victim")
    said = shown(victim)
    files = {path: path.read_bytes() for path in files_of(victim.root) if path.name != "ogi.db"}
    act = draw.choice(ALTERATIONS)
    what = act(draw, victim)
    same_files = {path: path.read_bytes() for path in files_of(victim.root) if path.name != "ogi.db"} == files
    is_immaterial = same_files and victim.db_path.exists() and shown(copy(victim, tmp_path / "seen")) == said
    found = judge(Archive.open(victim.root), key=key_of(made), deep=draw.choice((None, False)))
    assert is_immaterial or not found.is_whole, (act.__name__, what)
    assert not (is_immaterial and found.exit_status == 1) or act is a_page_of_the_database, (
        act.__name__,
        what,
        found.damages,
    )


def difference(one: Path, other: Path) -> str:
    """Where two files differ first, and around it."""
    first, second = one.read_bytes() if one.exists() else b"", other.read_bytes()
    at = next(
        (at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]),
        min(len(first), len(second)),
    )
    return f"{len(first)} of {len(second)}, at {at}: {first[max(0, at - 40) : at + 20]!r} for {second[max(0, at - 40) : at + 20]!r}"


@pytest.fixture(scope="module")
def left(made: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot, a data package and a WACZ of the archive."""
    to = tmp_path_factory.mktemp("left")
    publish(made, to / "site", NOW, allow_fewer=True, with_evidence=True)
    export_package(made, to / "data", form="csv", allow_fewer=True)
    (to / "wacz").mkdir()
    write_wacz(made, to / "wacz" / "x.wacz", created=NOW)
    return to


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(TRIED))
def test_what_left_the_archive_altered_at_random_is_not_whole(
    made: Archive, left: Path, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    what = draw.choice(("site", "data", "wacz"))
    folder = Path(shutil.copytree(left / what, tmp_path / what))
    path = draw.choice([path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size])
    how = draw.choice(("bytes", "gone", "of another"))
    if how == "gone":
        path.unlink()
    elif how == "bytes":
        path.write_bytes(some_bytes(draw, path.read_bytes()))
    else:
        path.write_bytes(draw.choice([one for one in sorted(left.rglob("*")) if one.is_file()]).read_bytes())
    same = path.exists() and path.read_bytes() == (left / what / path.relative_to(folder)).read_bytes()
    keys = Anchors((parse_key(key_of(made), "kept"),))
    place = folder / "x.wacz" if what == "wacz" else folder
    with contextlib.suppress(OgiError):  # what isn't even one is refused by name
        found = verify_snapshot(Archive.open(folder), keys) if what == "site" else verify_package(place, keys.keys)
        assert same or not found.is_whole, (
            what,
            path.relative_to(folder),
            how,
            difference(path, left / what / path.relative_to(folder)),
        )
