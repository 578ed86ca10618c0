"""Addresses that the design names beside the pages: what is owed as a file, and when portals could be read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from archive.duties.decisions import withhold
from archive.files.folder import Archive
from archive.index.database import open_index
from tests.archive.kept import copy_of
from tests.archive.site_archive import Client, build

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    found = copy_of("site", build, tmp_path_factory.mktemp("doors") / "a", tmp_path_factory)
    db = open_index(found)
    with db.atomic():
        portal = db.execute("select id from portals order by id").fetchone()[0]
        db.execute("delete from portal_passes where portal = ?", (portal,))
        looks = (
            ("01", 1, None),
            ("02", 1, None),
            ("03", 0, "blocked: status 403 <b>\x01"),
            ("04", 0, "timed out"),
            ("05", 1, None),
        )
        for day, is_ok, reason in looks:
            row = (portal, f"r{day}", f"2021-05-{day}T02:00:00Z", is_ok, reason)
            db.execute("insert into portal_passes (portal, run, at, is_ok, reason) values (?, ?, ?, ?, ?)", row)
    db.close()
    return found


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


def owed(site: Client, path: str) -> list[dict[str, str]]:
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["x-ogi-rows"] == str(len(found))
    return found


def test_what_is_owed_is_a_file_with_the_rows_of_the_table(site: Client) -> None:
    of_table = site.sql("select agency, year, status, due from obligations order by 1, 2")
    found = owed(site, "/missing.csv")
    assert [(row["agency_id"], int(row["year"]), row["status"], row["due"]) for row in found] == [
        tuple(row.values()) for row in of_table
    ]
    whole = json.loads(site.text("/missing.json"))
    assert (whole["total"], whole["returned"], whole["next"]) == (len(found), len(found), None)
    assert [row["status"] for row in whole["rows"]] == [row["status"] for row in found]
    assert json.loads(site.text("/missing.json?year=1999")) == {"total": 0, "rows": [], "returned": 0, "next": None}


def test_the_file_has_what_the_page_counts(site: Client) -> None:
    for status in ("published", "late", "missing", "unknown"):
        rows = owed(site, f"/missing.csv?status={status}")
        assert {row["status"] for row in rows} <= {status}
        total = site.sql(f"select sum(n) as n from duty_counts where status = '{status}'")[0]["n"] or 0
        assert len(rows) == total
    link = "/missing.csv?year=2020&amp;kind=department"
    assert link in site.text("/missing?year=2020&kind=department&page=1")


@pytest.mark.parametrize(
    "query", ["status=gone", "year=20200", "year=2020&year=2021", "region=1", "kind=x", "year=%00", "status=missing&status=late", "region=" + "1" * 5000]
)  # fmt: skip
def test_a_file_of_what_nobody_understands_is_none(site: Client, query: str) -> None:
    assert site.get(f"/missing.csv?{query}").status_code == 400
    assert site.get(f"/missing.json?{query}").status_code == 400


def test_a_report_that_is_withheld_is_named_in_no_file(archive: Archive, site: Client) -> None:
    before = next(row for row in owed(site, "/missing.csv") if row["report"])
    for is_lifted, named in ((False, ""), (True, before["report"])):
        db = open_index(archive)
        withhold(archive, db, before["report"], "a judge says so", lift=is_lifted)
        db.close()
        after = {(row["agency_id"], row["year"]): row["report"] for row in owed(site, "/missing.csv")}
        assert after[before["agency_id"], before["year"]] == named


def test_when_a_portal_could_be_read_is_a_feed(site: Client) -> None:
    portal = site.sql("select id from portals order by id")[0]["id"]
    feed = ET.fromstring(site.get(f"/portals/{portal}.atom").content)
    at = [
        (entry.findtext(f"{ATOM}updated"), entry.findtext(f"{ATOM}title", "").rpartition("：")[2])
        for entry in feed.iter(f"{ATOM}entry")
    ]
    assert at == [
        ("2021-05-05T02:00:00Z", "恢复读取"),
        ("2021-05-03T02:00:00Z", "不能读取"),
        ("2021-05-01T02:00:00Z", "首次读取，可以读取"),
    ]
    assert "403 <b>" in [entry.findtext(f"{ATOM}summary", "") for entry in feed.iter(f"{ATOM}entry")][1]
    every = ET.fromstring(site.get("/portals.atom").content)
    ids = [entry.findtext(f"{ATOM}id", "") for entry in every.iter(f"{ATOM}entry")]
    assert set(ids) >= {entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")}
    assert len(ids) == len(set(ids))
    assert site.get("/portals/nobody.atom").status_code == 404
    for page in ("/portals", f"/portals/{portal}"):
        assert f'href="{page}.atom"' in site.text(page)
