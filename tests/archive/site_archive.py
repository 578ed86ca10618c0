"""An archive with something for every page of the site, and ways to ask the site: in this process, or as a real server."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from archive.files.folder import Archive
from archive.warc.context import Entry, Role
from tests.answering import free_port
from tests.archive.season import BASE, BUREAU, GONE_PAGE, GOVERNMENT, Season, Shown, page, report

DAYS = tuple(datetime(2021, month, day, 2, 0, tzinfo=UTC) for month, day in ((2, 1), (2, 20), (3, 10), (4, 2)))
URL = f"{BASE}/art/2020.html"
OLD_URL = f"{BASE}/art/2019.html"
BUREAU_URL = f"{BASE}/art/czj2020.html"
HOSTILE_URL = f"{BASE}/art/2018.html"
PREAMBLE = "本报告由温州市瓯海区人民政府编制，并按宁波市试点要求公布。"

#: Everything that a page can try against its reader. `{trap}` is a port on this machine where somebody listens.
HOSTILE = """
<base href="http://127.0.0.1:{trap}/base/"><meta http-equiv="refresh" content="0;url=http://127.0.0.1:{trap}/refresh">
<link rel="stylesheet" href="http://127.0.0.1:{trap}/link.css"><link rel="prefetch" href="http://127.0.0.1:{trap}/prefetch">
<style>@import url("http://127.0.0.1:{trap}/import.css"); body{{background:url(http://127.0.0.1:{trap}/style.png)}}</style>
<script>document.title="owned";top.document.title="owned";alert(1);fetch("http://127.0.0.1:{trap}/script")</script>
<script src="http://127.0.0.1:{trap}/src.js"></script>
<svg onload="alert(2);document.title='owned'"><script>alert(3)</script><image href="http://127.0.0.1:{trap}/svg.png"/></svg>
<img src=x onerror="alert(4);document.title='owned'"><img src="http://127.0.0.1:{trap}/img.png" srcset="http://127.0.0.1:{trap}/set.png 2x">
<iframe src="http://127.0.0.1:{trap}/frame"></iframe><iframe srcdoc="<script>alert(5)</script>"></iframe>
<object data="http://127.0.0.1:{trap}/object"></object><embed src="http://127.0.0.1:{trap}/embed">
<form action="http://127.0.0.1:{trap}/form" id="f"><input name="q" autofocus onfocus="alert(6)"><button id="go">go</button></form>
<a href="javascript:alert(7)" id="bad">link</a><a href="http://127.0.0.1:{trap}/away" target="_top" ping="http://127.0.0.1:{trap}/ping">away</a>
<div style="position:fixed;inset:0;background-image:url('http://127.0.0.1:{trap}/inline.png')">over</div>
<p style="background:u\\72l(http://127.0.0.1:{trap}/escaped.png)">escaped</p>
<video src="http://127.0.0.1:{trap}/video" poster="http://127.0.0.1:{trap}/poster" autoplay></video><audio src="http://127.0.0.1:{trap}/audio"></audio>
<math><mtext><img src="http://127.0.0.1:{trap}/math.png"></mtext></math><noscript><img src="http://127.0.0.1:{trap}/noscript.png"></noscript>
<template><img src="http://127.0.0.1:{trap}/template.png"></template><body background="http://127.0.0.1:{trap}/body.png" onload="alert(8)">
<table background="http://127.0.0.1:{trap}/table.png"><tr><td background="http://127.0.0.1:{trap}/td.png">cell</td></tr></table>
"""


def build(root: Path, trap: int = 9) -> Archive:
    """Two agencies, four runs: published, revised (a figure and a sentence), late, vanished; a PDF beside one; a hostile page."""
    season = Season(root)
    what, old, bureau, hostile = report(), report(year=2019, seed=3), report(BUREAU, 2020, 5), report(year=2018, seed=4)
    from crawler.replica.documents.html import page_html
    from crawler.replica.documents.pdf import write_pdf

    entries = [Entry(URL, what.title), Entry(OLD_URL, old.title), Entry(HOSTILE_URL, hostile.title)]
    body = f"<p>{PREAMBLE}</p>" + page_html(what, title=False)
    link = '<p><a href="/files/report.pdf">附件：年度报告.pdf</a></p>'
    pdf = Shown(
        f"{BASE}/files/report.pdf",
        write_pdf(bureau),
        role=Role.ATTACHMENT,
        parent=BUREAU_URL,
        media_type="application/pdf",
    )
    wrong = what.with_figure(("applications", "received", "total"), "987654")
    season.run(
        DAYS[0],
        [
            Shown(URL, page(what, body=body)),
            Shown(OLD_URL, page(old)),
            Shown(HOSTILE_URL, page(hostile, links=HOSTILE.format(trap=trap))),
        ],
        entries,
    )
    changed = f"<p>{PREAMBLE}</p>" + page_html(wrong, title=False).replace("</p>", "新增一句关于复议的话。</p>", 1)
    entries.append(Entry(BUREAU_URL, bureau.title))
    season.run(
        DAYS[1],
        [
            Shown(URL, page(wrong, body=changed)),
            Shown(BUREAU_URL, page(bureau, body="<p>详见附件。</p>", links=link)),
            pdf,
        ],
        entries,
    )
    for day in DAYS[2:]:
        season.run(day, [Shown(OLD_URL, GONE_PAGE, "gone")], [entry for entry in entries if entry.url != OLD_URL])
    return season.archive


class Client:
    """Asks the site in this process, as a browser would over the network."""

    def __init__(self, archive: Archive) -> None:
        from archive.site.serve import make_datasette

        self.loop = asyncio.new_event_loop()
        self.site = make_datasette(archive)
        self.loop.run_until_complete(self.site.invoke_startup())

    def get(self, path: str, *, lang: str = "zh", **options: Any) -> Any:
        """An answer in a language; redirects are not followed."""
        if lang != "zh":
            path = f"/{lang}{'' if path == '/' else path}"
        return self.loop.run_until_complete(self.site.client.get(path, **options))

    def text(self, path: str, status: int = 200, **options: Any) -> str:
        """The text of an answer of the expected status."""
        answer = self.get(path, **options)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        return str(answer.text)

    def sql(self, sql: str) -> Any:
        """What a visitor's own SQL gives: rows, or the error object."""
        answer = self.get("/ogi.json", params={"sql": sql, "_shape": "array"})
        return json.loads(answer.text)

    def count(self, path: str, **params: str) -> int:
        """How many rows Datasette says that a table has: releases name it differently."""
        answer = self.get(path, params={**params, "_extra": "count", "_shape": "objects"}).json()
        return int(answer["count"] if "count" in answer else answer["filtered_table_rows_count"])

    def close(self) -> None:
        """End the threads and connections."""
        if hasattr(self.site, "close"):
            self.site.close()
        for database in self.site.databases.values():
            database.close()
        self.loop.close()


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """`ogi serve` on a free port in a process of its own; gives its address."""
    port = free_port()
    with tempfile.TemporaryFile() as told:  # a pipe that nobody reads would stop a server that says much
        process = subprocess.Popen(
            [sys.executable, "-m", "crawler", "serve", "--archive", str(root), "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
        try:
            _wait_until_it_listens(process, port, told)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, told: IO[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        if process.poll() is not None:
            told.seek(0)
            raise AssertionError(told.read().decode())
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the server doesn't listen"
            time.sleep(0.05)


def links_of(html: str) -> set[str]:
    """Addresses within the site that a page leads to."""
    return {
        link.replace("&amp;", "&").partition("#")[0]
        for link in re.findall(r'(?:href|src)="(/[^"/][^"]*|/)"', html)
        if not link.startswith("/-/")
    }


__all__ = ["BUREAU", "GOVERNMENT", "Client", "build", "links_of", "serving"]
