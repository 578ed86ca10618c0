"""Downloads as clients resume and read them: parts, validators, heads."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.site.files import ByteRange, span_of
from archive.site.release import make_release
from tests.archive.kept import copy_of
from tests.archive.site_archive import Client, build

FILE = "/releases/2021-05-01/csv/reports.csv.gz"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    found = copy_of("site", build, tmp_path_factory.mktemp("files") / "a", tmp_path_factory)
    make_release(found, "2021-05-01", datetime(2021, 5, 1, 1, 0, tzinfo=UTC))
    return found


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-9", ByteRange(0, 10)),
        ("bytes=95-", ByteRange(95, 5)),
        ("bytes=-7", ByteRange(93, 7)),
        ("bytes=-700", ByteRange(0, 100)),
        ("bytes=90-900", ByteRange(90, 10)),
        ("BYTES = 1 - 1", ByteRange(1, 1)),
        ("bytes=100-", ByteRange(100, 0)),
        ("bytes=-0", ByteRange(100, 0)),
        ("bytes=9-3", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("items=0-1", None),
        ("bytes=０-１", None),
        ("bytes=" + "9" * 40 + "-", None),
        (None, None),
    ],
)
def test_a_range_is_read_as_the_standard_says(asked: str | None, wanted: ByteRange | None) -> None:
    assert span_of(asked, 100) == wanted


@pytest.mark.parametrize("path", [FILE, "/releases/2021-05-01/xlsx/reports.xlsx", "/ogi.db"])
def test_a_broken_download_goes_on_where_it_broke(site: Client, path: str) -> None:
    whole = site.get(path)
    assert whole.headers["accept-ranges"] == "bytes"
    assert int(whole.headers["content-length"]) == len(whole.content)
    assert "content-encoding" not in whole.headers
    tag = whole.headers["etag"]
    assert not tag.startswith("W/"), "parts of two files must not be put together"
    size = len(whole.content)
    first, rest = (
        site.get(path, headers={"range": asked, "if-range": tag, "accept-encoding": "gzip"})
        for asked in ("bytes=0-99", "bytes=100-")
    )
    assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-99/{size}")
    assert first.headers["content-length"] == "100"
    assert first.content + rest.content == whole.content
    assert site.get(path, headers={"range": "bytes=0-99", "if-range": '"another"'}).content == whole.content
    beyond = site.get(path, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"], beyond.content) == (416, f"bytes */{size}", b"")
    again = site.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert site.get(path, headers={"range": "bytes=0-1,4-5"}).status_code == 200


def test_the_tag_of_a_release_file_is_its_digest(site: Client) -> None:
    answer = site.get(FILE)
    digest = hashlib.sha256(answer.content).hexdigest()
    assert (answer.headers["etag"], answer.headers["x-ogi-sha256"]) == (f'"{digest}"', digest)
    exposed = answer.headers["access-control-expose-headers"]
    assert {"content-range", "x-ogi-sha256"} <= set(exposed.split(", "))


@pytest.mark.parametrize(
    "path", ["/", "/data/figures.csv", "/data/figures.ndjson", "/ogi/reports.csv", FILE, "/ogi.db", "/stats"]
)
def test_head_is_the_head_alone(site: Client, path: str) -> None:
    answer = site.loop.run_until_complete(site.site.client.head(path))
    asked = site.get(path)
    assert (answer.status_code, answer.content) == (asked.status_code, b"")
    for name in ("content-type", "accept-ranges", "x-ogi-rows", "content-disposition"):
        assert answer.headers.get(name) == asked.headers.get(name), name


def test_head_reads_no_table_to_its_end(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def slow(*_: object, **__: object) -> Iterator[tuple[list[str], list[tuple[int]]]]:
        for number in range(200):
            read.append(number)
            time.sleep(0.01)
            yield ["a"], [(number,)]

    monkeypatch.setattr("archive.site.pages.downloads.open_rows", slow)
    answer = site.loop.run_until_complete(site.site.client.head("/data/reports.csv"))
    assert (answer.status_code, answer.content) == (200, b"")
    time.sleep(0.3)
    assert len(read) < 60


def test_what_is_no_longer_there_is_not_given_in_parts(site: Client, tmp_path: Path) -> None:
    assert site.get("/releases/2021-05-01/csv/nothing.csv.gz", headers={"range": "bytes=0-1"}).status_code == 404


def test_a_search_in_datasettes_box_counts_no_facets_unless_asked(site: Client) -> None:
    plain = site.text("/ogi/reports?_search=公开")
    asked = site.text("/ogi/reports?_search=公开&_facet=year")
    assert 'class="facets"' not in plain
    assert 'class="facets"' in asked
    assert 'class="facets"' in site.text("/ogi/reports")
