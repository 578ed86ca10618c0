"""A withheld report is in no statistic, region page or table of the site, from the next question on; lifted, it is back."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest

from archive.duties.decisions import withhold
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.site import memory
from archive.site.tables import TABLES
from crawler.demo_country import make_country
from tests.archive.site_archive import Client

CODE = "received"
Line = dict[str, str]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return make_country(tmp_path_factory.mktemp("withheld") / "a", size=0.05, only=("330000",))[0]


@pytest.fixture
def site(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A site on a slow machine, where what was computed once is kept for a minute while others write."""
    monkeypatch.setattr(memory, "SHARE", 1e9)
    client = Client(archive)
    yield client
    client.close()


def decide(archive: Archive, report: str, *, lift: bool = False, url: str | None = None) -> None:
    db = open_index(archive)
    with archive.lock():
        withhold(archive, db, report, "个人信息", url=url, lift=lift)
    db.close()


def lines(site: Client, path: str) -> list[Line]:
    return list(csv.DictReader(io.StringIO(site.text(path).lstrip("\ufeff"))))


def totals(site: Client) -> dict[tuple[str, str, str], Line]:
    return {(line["basis"], line["region"], line["year"]): line for line in lines(site, f"/stats/{CODE}.csv?all=1")}


def seen(site: Client, report: str, query: str, region: str) -> list[str]:
    """Where the report stands by its id, among everything that gives rows or numbers."""
    paths = [f"/data/{table}.csv" for table in TABLES if table != "obligations"]
    paths += [f"/data/{table}.ndjson" for table in TABLES if table != "obligations"]
    paths += [f"/stats/{CODE}/rows.csv?{query}", f"/region/{region}", f"/ogi/reports.csv?id={report}"]
    paths += [f"/stats/{CODE}/rows?{query}&page={page}" for page in (1, 2, 3)]
    whole = re.compile(rf"(?<![\w-]){re.escape(report)}(?![\w-])")
    return [path for path in paths if whole.search(site.text(path).replace(f"id={report}", ""))]


@pytest.mark.parametrize("by_address", [False, True])
def test_a_withheld_report_is_in_no_number(site: Client, archive: Archive, *, by_address: bool) -> None:
    year = max(line["year"] for line in totals(site).values() if int(line["n_used"]) > 1 and line["region"] == "330000")
    basis = next(
        key[0] for key, line in totals(site).items() if key[1:] == ("330000", year) and int(line["n_used"]) > 1
    )
    query = f"basis={basis}&region=330000&year={year}"
    row = next(
        row
        for row in lines(site, f"/stats/{CODE}/rows.csv?{query}")
        if row["state"] == "used" and float(row["numerator"])
    )
    report = row["report"]
    region, url = next(
        (found["region"], found["url"])
        for found in site.sql(
            "select a.region, v.url from reports r join agencies a on a.id = r.agency join versions v on v.report = r.id "
            f"and v.version = r.version where r.id = '{report}'"
        )
    )
    pages = [
        f"/stats?{query}",
        f"/stats/{CODE}?{query}",
        f"/stats/{CODE}.json?{query}",
        f"/region/{region}",
        "/region/330000",
    ]
    before, texts = totals(site), [site.text(page) for page in pages]
    places = lines(site, f"/stats/{CODE}/places.csv?{query}")
    assert len(seen(site, report, query, region)) > 8

    decide(archive, report, url=url if by_address else None)
    after = totals(site)
    left = {path.partition("?")[0] for path in seen(site, report, query, region)}
    if by_address:  # the report stands, without the version that came from there
        assert left <= {"/data/reports.csv", "/data/reports.ndjson", f"/stats/{CODE}/rows.csv", f"/stats/{CODE}/rows", f"/region/{region}", "/ogi/reports.csv",
                        "/data/changes.csv", "/data/changes.ndjson", "/data/versions.csv", "/data/versions.ndjson"}  # fmt: skip
    else:
        assert left == set()
    one, other = before[basis, "330000", year], after[basis, "330000", year]
    assert int(other["n_used"]) == int(one["n_used"]) - 1
    assert float(other["numerator"]) == float(one["numerator"]) - float(row["numerator"])
    assert other["n_due"] == one["n_due"]
    for key, line in before.items():  # nowhere else anything moves
        if key[2] != year:
            assert after[key] == line
    content = json.loads(site.text(f"/stats/{CODE}.json?{query}"))
    assert next(line for line in content["rows"] if str(line["year"]) == year)["n_used"] == int(other["n_used"])
    assert lines(site, f"/stats/{CODE}/places.csv?{query}") != places
    assert all(site.text(page) != text for page, text in zip(pages[:3], texts[:3], strict=True))
    used = [line for line in lines(site, f"/stats/{CODE}/rows.csv?{query}") if line["state"] == "used"]
    assert report not in {line["report"] for line in used}
    assert sum(float(line["numerator"]) for line in used) == float(other["numerator"])

    decide(archive, report, url=url if by_address else None, lift=True)
    assert totals(site) == before
    assert [site.text(page) for page in pages] == texts
