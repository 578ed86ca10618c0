"""What a public site answers to ordinary clients: compression, validators, access from elsewhere, languages and a prefix in addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from tests.archive.kept import copy_of
from tests.archive.site_archive import Client, build

REPORT = "ouhai-2020-5290cd"
AGENCY = "08e98f2f71f3"
PAGES = (
    "/",
    "/search",
    "/changes",
    "/missing",
    "/findings",
    "/compare",
    "/data",
    f"/r/{REPORT}",
    f"/agency/{AGENCY}",
    "/ogi",
    "/ogi/reports",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("site", build, tmp_path_factory.mktemp("http") / "a", tmp_path_factory)


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


@pytest.mark.parametrize(
    "path", [*PAGES, "/feeds/changes.atom", "/ogi/figures.json?_shape=array", f"/r/{REPORT}.csv", "/static/site.css"]
)
def test_text_is_compressed_for_whoever_takes_it(site: Client, path: str) -> None:
    small = site.get(path, headers={"accept-encoding": "gzip"})
    plain = site.get(path, headers={"accept-encoding": "identity"})
    assert small.headers.get("content-encoding") == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.content == plain.content, "the client undoes it"
    assert "accept-encoding" in small.headers["vary"].lower()
    assert "content-encoding" not in site.get(path, headers={"accept-encoding": "gzip;q=0, br;q=0"}).headers


def test_what_is_compressed_is_not_compressed_again(site: Client) -> None:
    icon = site.get("/static/icon.svg", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in icon.headers, "small"
    capture = site.sql("select id from captures where media_type = 'application/pdf'")[0]["id"]
    assert "content-encoding" not in site.get(f"/raw/{capture}", headers={"accept-encoding": "gzip"}).headers
    style = site.get("/static/site.css", headers={"accept-encoding": "br, gzip"})
    assert style.headers["content-encoding"] == "br"


def test_a_page_is_not_made_for_whoever_has_it(site: Client, archive: Archive) -> None:
    for path in (*PAGES, "/feeds/changes.atom", "/ogi/reports.json", f"/r/{REPORT}.json"):
        first = site.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('W/"')
        assert "max-age" in first.headers["cache-control"]
        again = site.get(path, headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == tag
    assert site.get("/en/changes").headers["etag"] != site.get("/changes").headers["etag"]
    assert site.get("/changes?page=2").headers["etag"] != site.get("/changes").headers["etag"]
    tag = site.get("/changes").headers["etag"]
    db = open_index(archive)
    with db.atomic():
        db.execute("insert into meta values ('test', 'something')")
    db.close()
    assert site.get("/changes", headers={"if-none-match": tag}).status_code == 200, "something was written"
    assert "etag" not in site.get("/nothing").headers
    assert "etag" not in site.get("/calendar.ics").headers, "it depends on the day"


def test_files_of_the_site_are_kept_for_good_under_their_digest(site: Client) -> None:
    address = re.search(r'href="(/static/site\.css\?v=\w+)"', site.text("/"))
    assert address is not None
    answer = site.get(address[1])
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in site.get("/static/site.css?v=other").headers["cache-control"]
    assert site.get("/static/nothing.css").status_code == 404
    assert site.get("/static/..%2fplugin.py").status_code == 404
    tag = answer.headers["etag"]
    for known in (tag, f"W/{tag}", f'"a,b" , W/{tag}', f'"x",{tag},"y"', "*", " * "):
        assert site.get(address[1], headers={"if-none-match": known}).status_code == 304, known
    for other in ('"other"', tag.strip('"'), "", "W/", '"', f'"{tag}', "*, *", f'"{tag[1:4]}"'):
        assert site.get(address[1], headers={"if-none-match": other}).status_code == 200, other
    assert site.get("/static/nothing.css", headers={"if-none-match": "*"}).status_code == 404
    assert site.get("/r/nothing", headers={"if-none-match": "*"}).status_code == 404
    assert site.get(f"/r/{REPORT}", headers={"if-none-match": "*"}).status_code == 200, "nobody has looked yet"


def test_data_may_be_read_by_anybodys_page_and_pages_may_not(site: Client) -> None:
    capture = site.sql("select id from captures limit 1")[0]["id"]
    for path in ("/ogi/figures.json?_size=5", "/feeds/changes.atom", f"/r/{REPORT}.json", f"/r/{REPORT}.csv", "/ogi/sql.json?sql=select+1",
                 f"/raw/{capture}", "/ogi/late.json", "/ogi/late.csv", "/calendar.ics", "/nothing.json"):  # fmt: skip
        assert (
            site.get(path, headers={"origin": "https://notebook.example"}).headers["access-control-allow-origin"] == "*"
        ), path
    for path in (*PAGES, "/nothing", f"/view/{capture}"):
        assert "access-control-allow-origin" not in site.get(path).headers, path
    answer = site.loop.run_until_complete(site.site.client.options("/ogi/figures.json"))
    assert (answer.status_code, answer.headers["access-control-allow-methods"]) == (204, "GET, HEAD")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_site_only_reads(site: Client, method: str) -> None:
    for path in ("/", "/ogi", "/ogi/reports", "/ogi/reports/-/insert"):
        answer = site.loop.run_until_complete(getattr(site.site.client, method)(path))
        assert answer.status_code == 405


def test_the_host_that_a_request_names_stands_nowhere(site: Client) -> None:
    for path in (*PAGES, "/feeds/changes.atom", "/sitemap.xml", "/robots.txt", "/ogi/reports.json?_facet=year&_size=1", f"/r/{REPORT}.json",
                 "/timegate/http://x.example/", "/ogi/reports?_facet=year", "/nothing", "/ogi/figures.csv?_size=1"):  # fmt: skip
        answer = site.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
        assert "evil.example" not in answer.text, path
        assert "evil.example" not in str(answer.headers), path


def _links(html: str) -> set[str]:
    return {unescape(link).partition("#")[0] for link in re.findall(r'(?:href|src)="([^"]*)"', html)} - {""}


@pytest.mark.parametrize(
    ("base_url", "prefix"), [("https://example.org/ogi", "/ogi"), ("https://example.org/a/b/", "/a/b")]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_under_a_path_nothing_leads_outside_it(
    archive: Archive, tmp_path: Path, base_url: str, prefix: str, language: str
) -> None:
    """Every link of every page reached stays under the prefix and in the language, and leads to a page."""
    (archive.root / "ogi.toml").write_text(f'[serve]\nbase_url = "{base_url}"\n')
    client = Client(Archive.open(archive.root))
    root = prefix + ("/en" if language == "en" else "")
    try:
        seen: set[str] = set()
        waiting = [f"{root}/"]
        while waiting and len(seen) < 150:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = client.get(path)
            assert answer.status_code in (200, 302), (path, answer.status_code)
            if answer.status_code == 302:
                location = answer.headers["location"]
                assert location.startswith((f"{prefix}/", base_url)), (path, location)
            if "text/html" not in answer.headers.get("content-type", "") or "/view/" in path or "id_/" in path:
                continue
            for link in _links(answer.text):
                if re.match(r"https?:|data:|\?", link):
                    assert "localhost" not in link, (path, link)
                    continue
                assert link.startswith(f"{prefix}/"), (path, link)
                if len(link) < 90:
                    waiting.append(link)
        assert len(seen) == 150
        assert f"<loc>{base_url.rstrip('/')}/r/{REPORT}</loc>" in client.text(f"{prefix}/sitemap.xml")
        assert client.get(prefix).status_code == 200
        assert client.get("/changes").status_code == 404
        next_url = client.get(f"{prefix}/ogi/reports.json?_size=1").json()["next_url"]
        assert next_url.startswith(f"{base_url.rstrip('/')}/ogi/reports.json")
        assert client.get(next_url.removeprefix("https://example.org")).status_code == 200
        assert f"{base_url.rstrip('/')}/r/" in client.text(f"{prefix}/feeds/changes.atom")
    finally:
        client.close()
        (archive.root / "ogi.toml").unlink()


def test_compressed_streams_are_whole(site: Client) -> None:
    answer = site.get("/ogi/figures.csv?_stream=on&_size=max", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text.count("\n") > 300
