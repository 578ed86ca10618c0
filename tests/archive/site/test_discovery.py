"""What lets machines find the data: the sitemap, the description of the data set, the newest release."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.site.pages import sitemap
from archive.site.pinyin import keys_of, of_name, of_place
from extract.lexicon.regions import packaged_regions
from tests.archive.kept import copy_of
from tests.archive.site_archive import URL, Client, build


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(copy_of("site", build, tmp_path_factory.mktemp("discovery") / "a", tmp_path_factory))
    yield client
    client.close()


def test_the_sitemap_names_pages_that_are_there_in_both_languages(site: Client) -> None:
    text = site.text("/sitemap.xml")
    found = re.findall(r"<loc>http://localhost(/[^<]*)</loc>", text)
    assert {"/stats", "/region/330304", "/stats/granted_share", "/portals"} <= set(found)
    assert len(found) <= 50_000
    for path in found[:: max(1, len(found) // 12)]:
        assert site.get(path).status_code == 200, path
    assert text.count('hreflang="en"') == len(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_data_is_described_for_machines(site: Client, lang: str) -> None:
    text = site.text("/data", lang=lang)
    described = json.loads(text.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert described["@type"] == "Dataset"
    for part in described["distribution"]:
        assert site.get(part["contentUrl"].removeprefix("http://localhost")).status_code == 200, part


def test_no_release_is_said_and_the_newest_is_named_with_its_digests(site: Client) -> None:
    from archive.site.state import archive_of

    assert site.get("/releases/latest.json").status_code == 404
    folder = archive_of(site.site).exports_dir / "2021-05-01"
    (folder / "data").mkdir(parents=True)
    body = b"report\r\n1\r\n"
    (folder / "data" / "reports.csv").write_bytes(body)
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    resource = {"path": "data/reports.csv", "rows": 1, "hash": digest}
    package = {"release": "2021-05-01", "created": "2021-05-01T00:00:00Z", "resources": [resource]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    newest = site.get("/releases/latest.json").json()
    file = newest["files"][0]
    answer = site.get(file["url"].removeprefix("http://localhost"))
    assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
    assert len(answer.content) == file["bytes"]


def test_every_place_has_a_reading() -> None:
    silent = [region.name for region in packaged_regions().values() if not of_place(region.code)]
    assert silent == []
    assert keys_of(of_place("330382"))[0] == "yueqingshi"
    assert keys_of(of_name("乐清市财政局", {"乐清市": of_place("330382")})) == ("yueqingshicaizhengju", "yqsczj")


def test_an_index_of_an_older_release_is_brought_up_to_date_before_it_is_served(tmp_path: Path) -> None:
    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.migrations import MIGRATIONS, migration_names

    archive = Archive.create(tmp_path / "old")
    older = Database(str(archive.db_path))
    MIGRATIONS.apply(older, stop_before=[name.rsplit(".", 1)[0] for name in migration_names()[4:]])
    older.execute("PRAGMA user_version = 4")
    older.close()
    client = Client(archive)
    try:
        assert client.get("/").status_code == 200
        assert client.get("/stats").status_code == 200
    finally:
        client.close()


def test_a_release_has_a_page_and_its_own_manifest(site: Client) -> None:
    from archive.site.state import archive_of

    assert site.get("/releases/nothing/manifest.json").status_code == 404
    folder = archive_of(site.site).exports_dir / "2021-06-01"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "reports.csv").write_bytes(b"report\r\n")
    resource = {"path": "data/reports.csv", "rows": 0, "hash": f"sha256:{hashlib.sha256(b'report').hexdigest()}"}
    package = {"release": "2021-06-01", "created": "2021-06-01T00:00:00Z", "resources": [resource]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    newest = site.get("/releases/latest.json").json()
    own = newest["manifest"].removeprefix("http://localhost")
    assert site.get(own).json() == newest
    page = site.text("/releases/")
    assert own in page
    assert newest["files"][0]["sha256"] in page
    listed = site.get("/catalog.jsonld").json()["dcat:dataset"]
    [series] = [one for one in listed if one["@type"] == "dcat:DatasetSeries"]
    [release] = [one for one in listed if one["dct:title"] == "2021-06-01"]
    assert release["dcat:inSeries"] == {"@id": series["@id"]}
    assert release["dcat:distribution"][0]["dcat:mediaType"] == "text/csv"


def test_every_address_of_openapi_answers_as_it_says(site: Client) -> None:
    described = site.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    values = {
        "table": "reports", "query": "late", "chart": "outcomes", "code": "received", "agency": "08e98f2f71f3", "report": "ouhai-2020-5290cd",
        "version": "1", "place": "330304", "url": URL, "portal": "ouhai",
    }  # fmt: skip
    for path, item in described["paths"].items():
        address = path.format(**values)
        if path.startswith("/ogi/sql"):
            address += "?sql=select+1"
        if path == "/releases/latest.json":  # there may be none
            continue
        answer = site.get(address)
        assert answer.status_code == 200, address
        media = next(iter(item["get"]["responses"]["200"]["content"]))
        assert answer.headers["content-type"].partition(";")[0] == media, address
        for parameter in item["get"]["parameters"]:
            if parameter["in"] == "path":
                wanted = parameter["schema"]
                value = values[parameter["name"]]
                assert value in wanted.get("enum", [value])
                assert re.search(wanted.get("pattern", ""), value)


def test_a_long_sitemap_is_several_files_that_lose_nothing(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = set(re.findall(r"<loc>([^<]*)</loc>", site.text("/sitemap.xml")))
    monkeypatch.setattr(sitemap, "MOST", 2)
    parts = re.findall(r"<loc>http://localhost([^<]*)</loc>", site.text("/sitemap.xml"))
    assert len(parts) > 2
    found = [one for part in parts for one in re.findall(r"<loc>([^<]*)</loc>", site.text(part))]
    assert len(found) == len(set(found))
    assert set(found) == whole
    assert site.get("/sitemap-reports-99.xml").status_code == 404
    assert site.get("/sitemap-reports-0.xml").status_code == 404
