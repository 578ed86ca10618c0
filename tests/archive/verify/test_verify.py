from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.history.ingest import ingest_sealed
from archive.verify.anchors import Anchors, parse_head
from archive.verify.result import VerifyResult
from archive.verify.run import VerifyOptions, head, verify
from archive.verify.segments import Extent
from archive.warc import manifest, signing
from archive.warc.checks import check_segment
from archive.warc.closing import seal
from archive.warc.digests import parse_digest
from archive.warc.members import compress, iter_members
from tests.archive.making import CONTEXT, StandingClock, exchange, fill, original_of, writer


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "a")


@pytest.fixture
def sealed(archive: Archive) -> Path:
    """The segment that is damaged: it has pages and both kinds of revisit."""
    clock = StandingClock()
    segments = writer(archive, clock)
    place = segments.write_exchange(exchange(0, clock.now()), CONTEXT)
    for number in range(1, 5):
        clock.advance(seconds=2)
        segments.write_exchange(exchange(number, clock.now()), CONTEXT)
    original = original_of(archive, place.segment, place.offset)
    clock.advance(days=1)
    segments.write_exchange(exchange(0, clock.now()), CONTEXT, original)
    segments.write_exchange(exchange(0, clock.now(), status=304, body=b""), CONTEXT, original)
    segments.close()
    return archive.warc_dir / seal(archive, segments.finished[0]).segment


def members(data: bytes) -> list[bytes]:
    import io

    return [member.data for member in iter_members(io.BytesIO(data))]


def joined(records: list[bytes]) -> bytes:
    return b"".join(map(compress, records))


def edited(edit: Callable[[bytes], bytes], number: int = 1) -> Callable[[bytes], bytes]:
    """Change one record (1 is the first response) and compress anew."""

    def damage(data: bytes) -> bytes:
        records = members(data)
        before = records[number]
        records[number] = edit(before)
        assert records[number] != before
        return joined(records)

    return damage


def forged(record: bytes) -> bytes:
    """Another figure, with both digests right again."""
    header, rest = record.split(b"\r\n\r\n", 1)
    block = rest[:-4].replace(b"\xe5\x85\xac\xe5\xbc\x80 0", b"\xe5\x85\xac\xe5\xbc\x80 9")
    payload = block.split(b"\r\n\r\n", 1)[1]
    for name, data in ((b"Payload", payload), (b"Block", block)):
        digest = base64.b32encode(hashlib.sha256(data).digest())
        header = re.sub(rb"WARC-%b-Digest: \S+" % name, b"WARC-%b-Digest: sha256:%b" % (name, digest), header)
    return header + b"\r\n\r\n" + block + b"\r\n\r\n"


def flipped(data: bytes) -> bytes:
    first = len(compress(members(data)[0]))
    changed = bytearray(data)
    changed[first + 300] ^= 8
    return bytes(changed)


def torn_then_appended(data: bytes) -> bytes:
    records = members(data)
    return data[:-200] + joined(records[:2])


def swapped(data: bytes) -> bytes:
    records = members(data)
    return joined([records[0], *records[4:6], *records[1:4], *records[6:]])


def with_same_id(data: bytes) -> bytes:
    records = members(data)
    first_id = re.search(rb"WARC-Record-ID: \S+", records[1])
    assert first_id is not None
    records[4] = re.sub(rb"WARC-Record-ID: \S+", first_id[0], records[4])
    return joined(records)


def shortened(record: bytes) -> bytes:
    return re.sub(rb"(\r\nContent-Length: )(\d+)", lambda m: m[1] + str(int(m[2]) - 10).encode(), record, count=1)


def without(name: bytes) -> Callable[[bytes], bytes]:
    return lambda record: re.sub(rb"%b: .*\r\n" % name, b"", record)


def pointing_nowhere(data: bytes) -> bytes:
    return joined(
        [
            re.sub(rb"WARC-Refers-To(-Date)?: \S+", rb"WARC-Refers-To-Date: 1999-01-01T00:00:00Z", r)
            for r in members(data)
        ]
    )


#: The fifteen damages that outside judges miss or catch in part, and the kind that the record level alone names (None: only the manifest can).
DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str | None]] = {
    "last member cut in half": (lambda data: data[:-200], "gzip"),
    "gzip trailer cut": (lambda data: data[:-4], "gzip"),
    "torn, then appended to": (torn_then_appended, "gzip"),
    "one bit flipped": (flipped, "gzip"),
    "payload changed, digests stale": (edited(lambda r: r.replace(b"<h1>", b"<h2>")), "digest"),
    "payload and digests changed": (edited(forged), None),
    "answer deleted": (lambda data: joined(members(data)[:1] + members(data)[2:]), "pair"),
    "pairs swapped": (swapped, None),
    "date of an answer changed": (edited(lambda r: r.replace(b"WARC-Date: 2021-03", b"WARC-Date: 2021-02")), "date"),
    "Content-Length too small": (edited(shortened), "record"),
    "WARC-Record-ID missing": (edited(without(b"WARC-Record-ID")), "field"),
    "WARC-Date missing": (edited(without(b"WARC-Date")), "field"),
    "WARC-Record-ID twice": (with_same_id, "id"),
    "revisit of nothing": (pointing_nowhere, "revisit"),
    "one gzip member": (lambda data: gzip.compress(b"".join(members(data))), "frame"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_noticed_and_its_segment_named(archive: Archive, sealed: Path, name: str) -> None:
    damage, kind = DAMAGES[name]
    sealed.write_bytes(damage(sealed.read_bytes()))
    report = verify(archive)
    assert report.is_damaged
    assert {item.segment for item in report.damages} - {None} == {sealed.name}
    assert "bytes" in {item.kind for item in report.damages}
    if kind is not None:
        assert kind in {item.kind for item in report.damages}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_forged_file_hash_hides_nothing(archive: Archive, sealed: Path, name: str) -> None:
    damage, _ = DAMAGES[name]
    data = damage(sealed.read_bytes())
    sealed.write_bytes(data)
    [entry] = manifest.entries(archive)
    info = replace(entry.info, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    archive.manifest_path.write_text(json.dumps({**info.to_json(), "prev": None}, separators=(",", ":")) + "\n")
    report = verify(archive)
    assert {item.segment for item in report.damages if item.kind != "head"} == {sealed.name}
    assert "bytes" not in {item.kind for item in report.damages}


@pytest.mark.parametrize(
    "name", [name for name, (_, kind) in DAMAGES.items() if kind is not None and name != "WARC-Record-ID twice"]
)
def test_the_record_level_alone_reveals(archive: Archive, sealed: Path, name: str) -> None:
    damage, kind = DAMAGES[name]
    data = damage(sealed.read_bytes())
    sealed.write_bytes(data)
    if kind == "revisit":
        assert kind in {item.kind for item in verify(archive).damages}
        return
    with sealed.open("rb") as stream:
        check = check_segment(stream, sealed.name)
    assert kind in {item.kind for item in check.damages}


def test_one_flipped_bit_is_one_unreadable_place_and_the_rest_is_still_checked(archive: Archive, sealed: Path) -> None:
    before = verify(archive).records
    sealed.write_bytes(flipped(sealed.read_bytes()))
    report = verify(archive)
    assert [item.kind for item in report.damages if item.kind == "gzip"] == ["gzip"]
    assert report.records == before - 1


def test_a_damaged_record_is_named_by_place_id_and_address(archive: Archive, sealed: Path) -> None:
    sealed.write_bytes(edited(lambda r: r.replace(b"<h1>", b"<h2>"))(sealed.read_bytes()))
    found = next(item for item in verify(archive).damages if item.kind == "digest")
    assert found.segment == sealed.name
    assert found.offset is not None
    assert found.offset > 0
    assert found.record is not None
    assert found.record.startswith("<urn:uuid:")
    assert found.url == "http://www.example.gov.cn/zwgk/t0.html"
    assert str(found).startswith(f"{sealed.name}:{found.offset}: ")


def test_an_untouched_archive_has_no_damage_and_is_not_whole_without_its_index(archive: Archive) -> None:
    fill(archive)
    report = verify(archive)
    assert report.damages == ()
    assert not report.is_whole
    assert {claim.name for claim in report.lacking} == {"index", "reading"}
    assert (report.segments, report.checked, report.lines) == (2, 2, 2)
    assert report.head == hashlib.sha256(archive.manifest_path.read_bytes().split(b"\n")[1]).hexdigest()


def test_an_empty_archive_is_never_called_whole(archive: Archive) -> None:
    found = verify(archive)
    assert (found.is_whole, found.is_damaged, found.exit_status) == (False, False, 3)


def test_a_segment_compressed_anew_is_told_apart_from_a_changed_one(archive: Archive, sealed: Path) -> None:
    sealed.write_bytes(b"".join(gzip.compress(data, 9) for data in members(sealed.read_bytes())))
    [found] = verify(archive).damages
    assert (found.kind, found.segment) == ("bytes", sealed.name)
    assert "every record is intact" in found.message


def test_a_missing_and_an_added_segment_are_named(archive: Archive) -> None:
    first, second = fill(archive)
    (archive.warc_dir / first.segment).rename(archive.warc_dir / "OGI-20990101000000-00000-x.warc.gz")
    kinds = {(item.kind, item.segment) for item in verify(archive).damages}
    assert ("missing", first.segment) in kinds
    assert ("unlisted", "OGI-20990101000000-00000-x.warc.gz") in kinds
    assert ("revisit", second.segment) in kinds


@pytest.mark.parametrize(
    ("name", "packed"),
    [("more/{}", True), ("{}.bak", True), ("notes.txt", False), ("x.WARC.GZ", True), (".hidden/a.bin", True), ("a.warc", False)],
)  # fmt: skip
def test_captures_that_no_line_covers_are_named_wherever_they_lie(archive: Archive, name: str, packed: bool) -> None:
    fill(archive)
    segment = min(archive.warc_dir.glob("*.warc.gz"))
    data = segment.read_bytes()
    stray = archive.warc_dir / name.format(segment.name)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(data if packed else gzip.decompress(data))
    (archive.warc_dir / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (archive.warc_dir / "README").write_text("Segments of this archive; see docs.\n")
    segment.with_name("OGI-x.warc.gz.open.again").write_bytes(data)  # a death in a repair
    (damage,) = verify(archive).damages
    assert (damage.kind, damage.segment) == ("unlisted", stray.relative_to(archive.warc_dir).as_posix())


def test_segments_with_each_others_names_are_named(archive: Archive) -> None:
    paths = [archive.warc_dir / entry.segment for entry in fill(archive)]
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, reversed(contents), strict=True):
        path.write_bytes(content)
    assert {item.segment for item in verify(archive).damages} == {path.name for path in paths}


def rewrite(archive: Archive, change: Callable[[list[str]], list[str]]) -> VerifyResult:
    lines = archive.manifest_path.read_text().splitlines()
    archive.manifest_path.write_text("".join(line + "\n" for line in change(lines)))
    return verify(archive)


@pytest.mark.parametrize(
    ("name", "change"),
    {
        "first line removed": lambda lines: lines[1:],
        "last line removed": lambda lines: lines[:-1],
        "lines swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
        "line repeated": lambda lines: [lines[0], *lines],
        "size changed": lambda lines: [lines[0].replace('"size":', '"size":1'), *lines[1:]],
        "date changed": lambda lines: [lines[0].replace("2021-03-04", "2021-03-03", 1), *lines[1:]],
        "last date changed": lambda lines: [*lines[:-1], lines[-1].replace("2021-03", "2021-02", 1)],
        "run changed": lambda lines: [*lines[:-1], lines[-1].replace('"r2"', '"r3"')],
        "member added": lambda lines: [lines[0][:-1] + ',"x":1}', *lines[1:]],
        "blank added": lambda lines: [lines[0].replace(":", ": ", 1), *lines[1:]],
        "no line": lambda lines: ["", *lines],
        "no JSON": lambda lines: ["{", *lines],
    }.items(),
)  # fmt: skip
def test_a_changed_manifest_is_noticed(archive: Archive, name: str, change: Callable[[list[str]], list[str]]) -> None:
    fill(archive)
    assert rewrite(archive, change).is_damaged


def test_a_head_kept_elsewhere_is_found_or_missed(archive: Archive) -> None:
    first, second = fill(archive)
    assert head(archive) == second.hash
    since_first = VerifyOptions(Anchors(heads=(parse_head(first.hash, "--head"),)))
    assert verify(archive, since_first).claim("complete").outcome == "proved"
    rewritten = replace(first.info, last="2021-03-05T00:00:00Z")
    text = json.dumps({**rewritten.to_json(), "prev": None}, separators=(",", ":"))
    chained = json.dumps({**second.info.to_json(), "prev": manifest.line_hash(text)}, separators=(",", ":"))
    archive.manifest_path.write_text(text + "\n" + chained + "\n")
    assert "head" in {item.kind for item in verify(archive, since_first).damages}


def test_a_broken_manifest_has_no_head(archive: Archive) -> None:
    fill(archive)
    archive.manifest_path.write_text(archive.manifest_path.read_text()[20:])
    with pytest.raises(DamagedArchive, match="ogi verify"):
        head(archive)


def test_since_and_sample_read_less(archive: Archive) -> None:
    fill(archive)
    assert verify(archive, VerifyOptions(extent=Extent(since=date(2021, 3, 5)))).checked == 1
    report = verify(archive, VerifyOptions(extent=Extent(sample=1, seed=7)))
    assert (report.checked, report.segments, report.damages) == (1, 2, ())
    assert report.claim("bytes").outcome == "not proved"
    assert "--seed 7" in " ".join(report.notes)
    assert verify(archive, VerifyOptions(extent=Extent(sample=9))).checked == 2


def test_a_segment_still_open_is_a_note(archive: Archive) -> None:
    fill(archive)
    segments = writer(archive)
    segments.write_exchange(exchange(), CONTEXT)
    report = verify(archive)
    assert not report.is_damaged
    assert any("still open" in note for note in report.notes)
    segments.close()


# --- signatures


@pytest.fixture
def signed(tmp_path: Path) -> Archive:
    made = Archive.create(tmp_path / "signed", {"proof.sign": True})
    signing.make_key(made.root / made.settings.proof.key)
    fill(made)
    return made


def test_signed_lines_verify(signed: Archive) -> None:
    assert all(entry.signature for entry in manifest.entries(signed))
    assert not verify(signed).is_damaged


def test_a_rewritten_chain_does_not_have_our_signature(signed: Archive) -> None:
    first, second = manifest.entries(signed)
    text = json.dumps(
        {**replace(first.info, first="2020-01-01T00:00:00Z").to_json(), "prev": None, "signature": first.signature},
        separators=(",", ":"),
    )
    chained = json.dumps(
        {**second.info.to_json(), "prev": manifest.line_hash(text), "signature": second.signature},
        separators=(",", ":"),
    )
    signed.manifest_path.write_text(text + "\n" + chained + "\n")
    assert [item.kind for item in verify(signed).damages].count("signature") == 2


def test_a_signature_that_was_taken_off_is_missed(signed: Archive) -> None:
    lines = signed.manifest_path.read_text().splitlines()
    lines[-1] = re.sub(r',"signature":.*', "}", lines[-1])
    signed.manifest_path.write_text("\n".join(lines) + "\n")
    assert {item.kind for item in verify(signed).damages} == {"signature", "head"}


def test_without_the_public_key_signatures_are_not_taken_on_trust(signed: Archive) -> None:
    for path in signed.keys_dir.glob("*.pub.pem"):
        path.unlink()
    assert {item.kind for item in verify(signed).damages} == {"signature"}


# --- the index


def changed(archive: Archive, statement: str) -> None:
    """Change the database behind the program's back."""
    from archive.index.database import open_index

    db = open_index(archive)
    db.conn.execute(statement)
    db.conn.commit()
    db.close()


@pytest.fixture
def indexed(archive: Archive) -> Archive:
    fill(archive)
    ingest_sealed(archive, workers=1)
    return archive


def test_an_index_that_agrees_is_no_damage(indexed: Archive) -> None:
    report = verify(indexed)
    assert (report.damages, report.notes) == ((), ())
    assert report.is_whole


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM captures WHERE url LIKE '%t2.html'",
        "UPDATE captures SET digest = replace(digest, 'A', 'B') WHERE url LIKE '%t2.html'",
        "UPDATE captures SET digest = 'sha256:x' WHERE url LIKE '%t2.html'",
        "UPDATE captures SET at = '2021-02-01T00:00:00Z' WHERE url LIKE '%t2.html'",
        "UPDATE captures SET url = url || '?' WHERE url LIKE '%t2.html'",
        "UPDATE captures SET status = 404 WHERE url LIKE '%t2.html'",
        'UPDATE captures SET "offset" = "offset" + 1 WHERE url LIKE \'%t2.html\'',
        "UPDATE captures SET segment = 'OGI-x.warc.gz' WHERE url LIKE '%t2.html'",
        "UPDATE segments SET name = 'OGI-x.warc.gz' WHERE name = (SELECT min(segment) FROM captures)",
        "DELETE FROM segments WHERE name = (SELECT min(segment) FROM captures)",
    ],
)
def test_captures_that_differ_are_noticed(indexed: Archive, change: str) -> None:
    changed(indexed, change)
    assert "index" in {item.kind for item in verify(indexed, VerifyOptions(deep=False)).damages}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE runs SET started_at = '2020-01-01T00:00:00Z'",
        "DELETE FROM regions WHERE code = (SELECT min(code) FROM regions)",
        "UPDATE captures SET verdict = 'gone?' WHERE url LIKE '%t2.html'",
        "DROP INDEX captures_url",
    ],
)
def test_tables_that_the_records_do_not_give_are_noticed(indexed: Archive, change: str) -> None:
    changed(indexed, change)
    found = verify(indexed).damages
    assert {item.kind for item in found} == {"index"}
    assert "ogi.db" in found[0].message


def test_bytes_behind_the_database_are_noticed(indexed: Archive) -> None:
    with indexed.db_path.open("ab") as stream:
        stream.write(b"x")
    assert {item.kind for item in verify(indexed, VerifyOptions(deep=False)).damages} == {"index"}


def test_a_broken_database_is_a_damage_not_a_crash(archive: Archive) -> None:
    fill(archive)
    archive.db_path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    found = verify(archive).damages
    assert {item.kind for item in found} == {"index"}
    assert "ogi rebuild" in found[0].message


def test_segments_that_are_not_in_the_index_yet_are_a_note(indexed: Archive) -> None:
    segments = writer(indexed)
    segments.write_exchange(exchange(8), CONTEXT)
    segments.close()
    seal(indexed, segments.finished[0])
    report = verify(indexed)
    assert (report.is_damaged, report.exit_status) == (False, 3)
    assert "not in ogi.db yet" in report.claim("index").why


# --- properties


def mutate(data: bytes, choice: random.Random) -> bytes:
    """Flip, cut, insert, remove, repeat or zero something."""
    place = choice.randrange(len(data))
    span = choice.randrange(1, 64)
    kind = choice.randrange(6)
    if kind == 0:
        return data[:place] + bytes([data[place] ^ (1 << choice.randrange(8))]) + data[place + 1 :]
    if kind == 1:
        return data[:place]
    if kind == 2:
        return data[:place] + choice.randbytes(span) + data[place:]
    if kind == 3:
        return data[:place] + data[place + span :]
    if kind == 4:
        return data + data[:span]
    return data[:place] + bytes(min(span, len(data) - place)) + data[place + span :]


def test_two_hundred_mutilations_are_all_noticed(archive: Archive) -> None:
    names = [entry.segment for entry in fill(archive)]
    choice = random.Random(20)
    targets = [*(archive.warc_dir / name for name in names), archive.manifest_path]
    missed = []
    for number in range(200):
        path = targets[number % 3]
        good = path.read_bytes()
        bad = mutate(good, choice)
        if bad == good:
            continue
        path.write_bytes(bad)
        report = verify(archive)
        named = {item.segment for item in report.damages}
        if not report.is_damaged or (path.name in names and path.name not in named):
            missed.append((number, path.name))
        path.write_bytes(good)
    assert missed == []
    assert not verify(archive).is_damaged


@pytest.mark.parametrize("count", [15, pytest.param(100, marks=pytest.mark.slow)])
def test_a_mutilated_database_is_noticed_or_says_the_same(indexed: Archive, count: int) -> None:
    """Bytes between a page's cells carry nothing: changing them alone leaves every table as it was."""
    from archive.index.database import open_database
    from archive.lists.queries import dump

    def content() -> str:
        db = open_database(indexed.db_path, read_only=True)
        try:
            return dump(db)
        finally:
            db.close()

    good, expected = indexed.db_path.read_bytes(), content()
    choice = random.Random(count)
    for _ in range(count):
        for suffix in ("-wal", "-shm"):
            indexed.db_path.with_name(indexed.db_path.name + suffix).unlink(missing_ok=True)
        indexed.db_path.write_bytes(mutate(good, choice))
        report = verify(indexed)
        assert {item.kind for item in report.damages} <= {"index"}
        assert not report.is_whole or content() == expected


@pytest.mark.slow
def test_a_thousand_good_segments_give_no_alarm(archive: Archive) -> None:
    choice = random.Random(1)
    clock = StandingClock()
    segments = writer(archive, clock, max_age_s=0)
    originals = []
    for number in range(1000):
        clock.advance(seconds=choice.randrange(5))
        body = choice.randbytes(choice.choice([0, 1, 100, 5000]))
        original = choice.choice(originals) if originals and choice.random() < 0.3 else None
        status = choice.choice([200, 304, 404, 500]) if original else choice.choice([200, 404])
        if original is not None and status != 304:
            body = original[1]
        written = segments.write_exchange(
            exchange(number, clock.now(), status=status, body=body, ip=choice.choice([None, "192.0.2.1"])),
            CONTEXT,
            original[0] if original else None,
        )
        if not written.is_revisit:
            originals.append((original_of(archive, written.segment, written.offset), body))
    segments.close()
    infos = []
    for path in segments.finished:
        with path.open("rb") as stream:
            infos.append(check_segment(stream, path.name.removesuffix(".open")).info)
        path.rename(path.with_suffix(""))
    for info in infos:
        manifest.append(archive, info)
    report = verify(archive)
    assert (report.segments, report.damages) == (1000, ())


@pytest.mark.parametrize("notation", ["hex", "base32", "unpadded", "base64"])
def test_digests_are_read_in_every_notation(notation: str) -> None:
    raw = hashlib.sha1(b"x").digest()
    text = {
        "hex": raw.hex().upper(),
        "base32": base64.b32encode(raw).decode(),
        "unpadded": base64.b32encode(raw).decode().rstrip("="),
        "base64": base64.b64encode(raw).decode(),
    }[notation]
    assert parse_digest(f"SHA-1:{text}") == ("sha1", raw)


def test_an_unreadable_digest_is_none() -> None:
    assert parse_digest("sha256:xyz") is None
    assert parse_digest("crc:00") is None
