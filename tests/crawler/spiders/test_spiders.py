"""`scrapy list` and `scrapy crawl` from the root, and the add-on in a foreign project."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.warc.records import iter_records
from crawler.families import registry
from tests.crawler.sites import Page, serve_site

ROOT = Path(__file__).parents[3]


def scrapy(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_every_family_has_a_spider() -> None:
    listed = scrapy("list")
    assert listed.returncode == 0, listed.stderr
    assert set(listed.stdout.split()) == {*registry().families, "auto"}


def test_crawl_reads_a_column_to_its_end(tmp_path: Path) -> None:
    with serve_site() as site:
        site.list_reports(3)
        feed = tmp_path / "rows.jsonl"
        done = scrapy("crawl", "trs", "-a", f"start={site.base}/nb/", "-O", str(feed), "-s", "OGI_DELAY=0")
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
        assert [row["year"] for row in rows] == [2004, 2005, 2006]
        assert rows[0]["url"].startswith(site.base)
        assert site.paths()[0] == "/robots.txt"
        assert all(asked.headers["user-agent"].startswith("ogi-archive") for asked in site.requests())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "say which column"), (["-a", "start=http://www.example.gov.cn/nb/"], "say who is asking")],
)
def test_crawl_says_what_is_missing(arguments: list[str], said: str) -> None:
    done = scrapy("crawl", "trs", *arguments)
    assert done.returncode == 1
    assert said in done.stderr


def test_the_add_on_stores_what_a_foreign_project_fetches(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    with serve_site() as site:
        packed = gzip.compress(b"<html>" + b"y" * 5000)
        site.pages["/a"] = Page("", 302, {"Location": "/b"})
        site.pages["/b"] = Page(packed, 200, {"Content-Encoding": "gzip"})
        (tmp_path / "foreign.py").write_text(
            "import scrapy\n"
            "class Foreign(scrapy.Spider):\n"
            "    name = 'foreign'\n"
            f"    start_urls = ['{site.base}/a']\n"
            f"    custom_settings = {{'ADDONS': {{'crawler.http.addon.ArchiveAddon': 500}}, 'OGI_ARCHIVE_DIR': '{archive.root}',\n"
            "        'OGI_PRIVATE_HOSTS': ['127.0.0.1'], 'REMOTE_CONTROL_ENABLED': False, 'TELNETCONSOLE_ENABLED': False}\n"
            "    def parse(self, response):\n"
            "        yield {'length': len(response.body)}\n",
            "utf-8",
        )
        feed = tmp_path / "items.jsonl"
        done = scrapy("runspider", "foreign.py", "-O", str(feed), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert json.loads(feed.read_text("utf-8")) == {"length": 5006}
    (segment,) = archive.warc_dir.iterdir()
    answers = [record for record in iter_records(segment) if record.type == "response"]
    assert [record.http_status for record in answers] == [302, 200]
    assert answers[1].payload == packed
