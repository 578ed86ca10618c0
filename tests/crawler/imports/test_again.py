"""Records of imported files in quarantine, tried again: what can be taken now is, the others stay as they are, and nobody else pays."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import archive.warc.foreign
import crawler.imports.sorting as sorting
from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.index.dump import dump
from archive.verify.run import VerifyOptions, verify
from crawler.cli import run
from crawler.families.article import read_article
from crawler.imports.again import import_again
from tests.crawler.imports.test_foreign_records import NOW, PAGE, URL, answer, bring, http, put, record, stored

AT = "2023-01-21T01:00:00Z"
HOSTILE = {
    "no date": record("response", URL, "", http(PAGE), 11),
    "a date of another calendar": record("response", URL, "2023-13-45T99:00:00Z", http(PAGE), 12),
    "the end of all calendars": record("response", URL, "9999-12-31T23:59:59Z", http(PAGE), 13),
    "an address that is none": record("response", "http://[::1", AT, http(PAGE), 14),
    "a status that is none": record("response", URL, AT, http(PAGE, "\u00b2\u00b9\u00b3 x"), 15),
    "another digest": record(
        "response", URL, AT, http(PAGE), 16, "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    ),
    "a start of a record in its block": record(
        "response", URL, "x", b"WARC/1.0\r\nContent-Length: 99999\r\n\r\n" + http(PAGE), 17
    ),
    "nothing in it": record("response", URL, "y", b"", 18),
}


def waiting(archive: Archive, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    run(["reextract", "--quarantined", "--json", "--archive", str(archive.root)])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["left"]
    return found


def state(archive: Archive) -> object:
    db = open_index(archive)
    try:
        return dump(db)
    finally:
        db.close()


def test_what_can_be_taken_later_is_taken_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = answer("2023-02-01T01:00:00Z", number=1, url=URL + "?good")
    later = record(
        "response", URL + "?later", AT, http(PAGE), 2, "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )
    sound = archive.warc.foreign._problem  # today's release refuses the digest; the one after it, say, doesn't
    root, summary = bring(tmp_path / "a", put(tmp_path / "x.warc.gz", good, later, *HOSTILE.values()))
    assert summary.written == 1
    before = state(root)
    refused = len(summary.problems)
    assert refused >= 6
    size = sum(path.stat().st_size for path in root.warc_dir.glob("*.warc.gz"))
    for _ in range(2):
        assert import_again(root, [], NOW) == 0
        assert state(root) == before
    assert sum(path.stat().st_size for path in root.warc_dir.glob("*.warc.gz")) == size, (
        "each attempt made the archive larger"
    )
    monkeypatch.setattr(archive.warc.foreign, "_problem", lambda one: "" if "?later" in one.uri else sound(one))
    assert import_again(root, [], NOW) == 1
    assert later in stored(root)
    left = waiting(root, capsys)
    assert all("?later" not in line["name"] for line in left)
    assert len(left) == refused - 1
    assert verify(root, VerifyOptions(workers=1)).is_whole
    told = state(root)
    rebuild(root, workers=1)
    assert state(root) == told


def _read_article(body: bytes, *arguments: Any, **options: Any) -> Any:
    """The reader with a fault in native code."""
    if b"killer" in body:
        os.abort()
    return read_article(body, *arguments, **options)


def test_a_record_that_ends_its_reader_costs_itself_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads lists and articles of imported files may be ended by one of them: the others are taken, then and later."""
    killer = answer(AT, PAGE.replace(b"</html>", b"<!-- killer --></html>"), 2, URL + "?killer")
    good = answer(AT, number=1, url=URL + "?good")
    assert killer != answer(AT, PAGE, 2, URL + "?killer")
    monkeypatch.setattr(sorting, "read_article", _read_article)
    root, summary = bring(tmp_path / "a", put(tmp_path / "x.warc.gz", killer, good), everything=False)
    assert summary.written == 2, "the record is kept: only what it leads to isn't known"
    assert "?killer" in " ".join(summary.problems)
    assert "?good" not in " ".join(summary.problems)
    assert import_again(root, [], NOW) == 0
