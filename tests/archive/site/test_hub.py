"""A hub over three archives' sites on loopback: lists from the hub, words and pages from the sites, and what it says when one is silent."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from archive.clock import SystemClock
from archive.errors import SiteError
from archive.site.hub.app import Hub
from archive.site.hub.gather import gather
from archive.site.hub.store import MatrixPart, matrix, open_hub, provinces
from crawler.cli.hub import hub as command
from tests.answering import Answer, Asked, answering
from tests.archive.season import BASE, GOVERNMENT, Season, Shown, definition, page, report
from tests.archive.site_archive import serving

DAY = datetime(2021, 3, 1, tzinfo=UTC)
NAMES = ("anhui", "hebei", "zhejiang")


def make_province(root: Path, name: str, prefix: str) -> None:
    """An archive of three reports, one of which only this province has a word of."""
    season = Season(root, definition(portal={**definition()["portal"], "id": "same" if name in NAMES[:2] else name}))
    agencies = [f"{name}市人民政府", f"{name}市财政局", GOVERNMENT]
    shown = [
        Shown(f"{BASE}/{name}{number}.html", page(report(agency, 2020, number + 1), body=_body(agency, name)))
        for number, agency in enumerate(agencies)
    ]
    settings = root / "ogi.toml"
    text = settings.read_text("utf-8").replace("[serve]", f'[serve]\nbase_url = "http://hub.test{prefix}"', 1)
    settings.write_text(text, "utf-8")
    season.run(DAY, shown)


def _body(agency: str, name: str) -> str:
    from crawler.replica.documents.html import page_html

    return page_html(report(agency, 2020, 1), title=False).replace("</p>", f"本地特色词{name}全省统一。</p>", 1)


@dataclass
class Sites:
    """The hub's folder and the addresses of the three sites; `anhui` runs under an address of its own."""

    folder: Path
    urls: dict[str, str]
    client: httpx.Client

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(path, **options)


class _Transport(httpx.BaseTransport):
    """Asks the application in a loop that lives as long as the client."""

    def __init__(self, app: Hub) -> None:
        self._loop = asyncio.new_event_loop()
        from archive.site.hub.sites import client_for_pages

        app.client = client_for_pages()
        self._hub = app
        self._inner = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            asked = httpx.Request(request.method, request.url, headers=request.headers)
            answer = await self._inner.handle_async_request(asked)
            body = await answer.aread()  # decoded, so without the header that says otherwise
            headers = [
                pair for pair in answer.headers.multi_items() if pair[0] not in ("content-encoding", "content-length")
            ]
            return httpx.Response(answer.status_code, headers=headers, content=body)

        return self._loop.run_until_complete(ask())

    def close(self) -> None:
        assert self._hub.client is not None
        self._loop.run_until_complete(self._hub.client.aclose())
        self._loop.close()


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    base = tmp_path_factory.mktemp("hub")
    with ExitStack() as stack:
        urls = {}
        for name in NAMES:
            prefix = "" if name == "anhui" else f"/p/{name}"
            make_province(base / name, name, prefix)
            urls[name] = stack.enter_context(serving(base / name)).rstrip("/") + prefix
        found = gather(base / "hub", urls, SystemClock())
        assert [one.reason for one in found] == [None, None, None]
        client = stack.enter_context(httpx.Client(transport=_Transport(Hub(base / "hub")), base_url="http://hub.test"))
        yield Sites(base / "hub", urls, client)


def own(sites: Sites, name: str) -> str:
    """The id of a report that only this province has."""
    found = sites.get("/search.json").json()["results"]
    ids = [one["id"] for one in found]
    return next(str(one["id"]) for one in found if one["province"] == name and ids.count(one["id"]) == 1)


def test_the_matrix_holds_the_agencies_of_all_archives_once_each(sites: Sites) -> None:
    found = sites.get("/missing.json").json()
    assert {agency["province"] for agency in found["agencies"]} == set(NAMES)
    assert sum(one["n"] for one in found["sums"]) == sum(len(agency["duties"]) for agency in found["agencies"])
    text = sites.get("/missing").text
    assert all(f"{name}市财政局" in text for name in NAMES)
    one = found["agencies"][0]
    assert sites.get("/missing.json", params={"status": "published"}).json()["agencies"], "filtered by status"
    assert sites.get("/missing.json", params={"region": "11"}).json()["agencies"] == []
    assert (
        sites.get("/missing.json", params={"after": f"{one['province']}~{one['id']}"}).json()["agencies"]
        == found["agencies"][1:]
    )


def test_pages_by_key_are_all_agencies_in_order(sites: Sites) -> None:
    with open_hub(sites.folder) as db:
        whole, _ = matrix(db, MatrixPart(), 1000)
        piecewise: list[dict[str, Any]] = []
        after = None
        while some := matrix(db, MatrixPart(), 2, after)[0]:
            piecewise += some
            after = (some[-1]["province"], some[-1]["id"])
    assert piecewise == whole
    assert len(whole) >= 9


def test_words_are_asked_of_the_archives_and_counted_exactly(sites: Sites) -> None:
    everywhere = sites.get("/search.json", params={"q": "全省统一"}).json()
    assert everywhere["is_whole"]
    assert {one["province"]: one["total"] for one in everywhere["provinces"]} == dict.fromkeys(NAMES, 3)
    one = sites.get("/search.json", params={"q": "特色词hebei"}).json()
    assert {found["province"]: found["total"] for found in one["provinces"]} == {"anhui": 0, "hebei": 3, "zhejiang": 0}
    pieces = [piece for found in one["provinces"] for result in found["results"] for piece in result["pieces"]]
    assert any("本地特色词hebei" in piece for piece in pieces)
    only = sites.get("/search.json", params={"q": "全省统一", "province": "hebei"}).json()
    assert [found["province"] for found in only["provinces"]] == ["hebei"]


def test_without_words_the_hub_itself_lists_and_counts(sites: Sites) -> None:
    text = sites.get("/search").text
    assert "共 9 份报告" in text
    assert sites.get("/search.json", params={"province": "zhejiang", "year": "2020"}).json()["total"] == 3
    assert sites.get("/search.json", params={"year": "1999"}).json()["total"] == 0


def test_a_report_is_read_through_the_hub_and_its_links_stay_within(sites: Sites) -> None:
    report_id = own(sites, "hebei")
    led = sites.get(f"/r/{report_id}")
    assert led.status_code == 302
    assert led.headers["location"] == f"/p/hebei/r/{report_id}"
    shown = sites.get(led.headers["location"])
    assert shown.status_code == 200
    assert "本地特色词hebei" in shown.text
    assert f'href="/p/hebei/r/{report_id}' in shown.text
    assert 'href="/search' not in shown.text, "no link leads from the province's page to the hub's of the same name"
    figures = sites.get(f"/p/hebei/r/{report_id}.csv")
    assert figures.status_code == 200
    again = sites.get(led.headers["location"], headers={"if-none-match": shown.headers["etag"]})
    assert again.status_code == 304


def test_an_archive_with_an_address_of_its_own_is_led_to(sites: Sites) -> None:
    report_id = own(sites, "anhui")
    led = sites.get(f"/r/{report_id}")
    assert led.status_code == 302
    assert led.headers["location"] == f"{sites.urls['anhui']}/r/{report_id}"
    assert sites.get("/p/anhui/stats?year=2020").headers["location"] == f"{sites.urls['anhui']}/stats?year=2020"


def test_an_id_that_two_archives_gave_is_a_choice(sites: Sites) -> None:
    found = sites.get("/search.json").json()["results"]
    twice = next(r["id"] for r in found if sum(other["id"] == r["id"] for other in found) == 2)
    choice = sites.get(f"/r/{twice}")
    assert choice.status_code == 300
    assert f'href="/p/hebei/r/{twice}"' in choice.text
    assert f'href="{sites.urls["anhui"]}/r/{twice}"' in choice.text


@pytest.mark.parametrize("path", ["/nowhere", "/r/no-such-report", "/en/nowhere"])
def test_what_is_not_there_is_said(sites: Sites, path: str) -> None:
    assert sites.get(path).status_code == 404
    assert sites.get("/p/jiangxi/").status_code == 404
    assert sites.client.post("/search").status_code == 405


def test_both_languages(sites: Sites) -> None:
    assert "Hub of OGI archives" in sites.get("/en/").text
    assert "总目" in sites.get("/").text
    assert 'href="/p/hebei/en"' in sites.get("/en/").text


# What strangers answer


class Stranger:
    """A site that answers what it is told to."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self._served = ExitStack()
        self.url = self._served.enter_context(answering(self._answer))

    def _answer(self, asked: Asked) -> Answer:
        status, body = self.answers.get(asked.path.partition("?")[0], (404, b""))
        return status, {}, body

    def table(self, name: str, *rows: dict[str, Any], end: int | None = None) -> None:
        lines = [json.dumps(row) for row in rows]
        lines.append(json.dumps({"end": True, "rows": len(rows) if end is None else end}))
        self.answers[f"/data/{name}.ndjson"] = (200, ("\n".join(lines) + "\n").encode())

    def close(self) -> None:
        self._served.close()


AGENCY = {"id": "a1", "name": "某局", "kind": "department", "region": "330304"}
REPORT = {
    "id": "x-2020-1", "agency": "a1", "year": 2020, "form": "2019", "title": "报告", "status": "present", "published_on": "2021-01-02",
    "first_seen": "2021-01-03T00:00:00Z", "version": 1,
}  # fmt: skip
RUN = {"ended_at": "2021-03-01T16:30:00Z"}
DUTY = {
    "agency": "a1",
    "year": 2020,
    "status": "published",
    "due": "2021-01-31",
    "days_late": None,
    "report": "x-2020-1",
}


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    found = Stranger()
    found.table("agencies", AGENCY)
    found.table("reports", REPORT)
    found.table("obligations", DUTY)
    found.table("runs", RUN)
    yield found
    found.close()


def rows_of(folder: Path) -> dict[str, int]:
    with open_hub(folder) as db:
        return {
            name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("agencies", "reports", "duties")
        }


@pytest.mark.parametrize(
    ("table", "rows", "end", "said"),
    [
        ("reports", [REPORT], 2, "1 rows came, 2 were announced"),
        ("reports", [{**REPORT, "agency": "gone"}], None, "name agencies that it doesn't have"),
        ("reports", [{**REPORT, "id": '"><script>'}], None, "can't be read"),
        ("reports", [{**REPORT, "year": "2020"}], None, "year is no whole number"),
        ("obligations", [{**DUTY, "status": "fine"}], None, "status 'fine'"),
        ("obligations", [{**DUTY, "due": "soon"}], None, "due 'soon'"),
        ("agencies", [AGENCY, AGENCY], None, "twice"),
        ("runs", [{"ended_at": "soon"}], None, "ended_at 'soon'"),
        ("agencies", [{**AGENCY, "name": 7}], None, "name is no text"),
    ],
)
def test_a_table_that_can_not_be_right_changes_nothing(
    tmp_path: Path, stranger: Stranger, table: str, rows: list[dict[str, Any]], end: int | None, said: str
) -> None:
    whole = gather(tmp_path, {"one": stranger.url}, SystemClock())[0]
    assert (whole.reason, whole.as_of) == (None, "2021-03-02"), "the day in Shanghai"
    before = rows_of(tmp_path)
    stranger.table(table, *rows, end=end)
    found = gather(tmp_path, {}, SystemClock())[0]
    assert found.reason is not None
    assert said in found.reason
    assert found.gathered_at is not None
    assert rows_of(tmp_path) == before == {"agencies": 1, "reports": 1, "duties": 1}


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (200, b""), (200, b"<html>"), (200, b'{"a": 1}\n'), (200, b"[" * 100_000 + b"\n"), (302, b"")],
)
def test_what_is_no_table_is_named_and_nothing_is_known(
    tmp_path: Path, stranger: Stranger, answer: tuple[int, bytes]
) -> None:
    stranger.answers["/data/agencies.ndjson"] = answer
    found = gather(tmp_path, {"one": stranger.url}, SystemClock())[0]
    assert found.gathered_at is None
    assert found.reason is not None
    with httpx.Client(transport=_Transport(Hub(tmp_path)), base_url="http://hub.test") as client:
        assert "对其报告一无所知" not in client.get("/missing").text
        assert "尚未汇总" in client.get("/missing").text


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (200, b"<html>"), (200, b"{}"), (200, b'{"total": 1, "results": [{"report": "../x"}]}'), (200, b'{"total": "7", "results": []}')],
)  # fmt: skip
def test_a_silent_archive_is_no_archive_without_hits(
    tmp_path: Path, stranger: Stranger, answer: tuple[int, bytes]
) -> None:
    gather(tmp_path, {"one": stranger.url}, SystemClock())
    stranger.answers["/search.json"] = answer
    with httpx.Client(transport=_Transport(Hub(tmp_path)), base_url="http://hub.test") as client:
        found = client.get("/search.json", params={"q": "公开"}).json()
        assert not found["is_whole"]
        assert found["provinces"][0]["reason"]
        text = client.get("/search", params={"q": "公开"}).text
        assert "未答复" in text
        assert "没有符合条件" not in text


def test_an_archive_that_ended_is_said_and_its_lists_stay(tmp_path: Path) -> None:
    stranger = Stranger()
    stranger.table("agencies", AGENCY)
    stranger.table("reports", REPORT)
    stranger.table("obligations", DUTY)
    stranger.table("runs", RUN)
    stranger.url += "/p/one"
    stranger.answers = {f"/p/one{path}": answer for path, answer in stranger.answers.items()}
    gather(tmp_path, {"one": stranger.url}, SystemClock())
    stranger.close()
    assert "ConnectError" in str(gather(tmp_path, {}, SystemClock())[0].reason)
    with httpx.Client(transport=_Transport(Hub(tmp_path)), base_url="http://hub.test") as client:
        assert "最近一次汇总未成功" in client.get("/missing").text
        assert "某局" in client.get("/missing").text
        assert client.get("/p/one/r/x-2020-1").status_code == 502


@pytest.mark.parametrize(
    "name",
    ["zhejiang=", "=http://a", "Zhe Jiang=http://a", "a=ftp://a", "a=http://", "a/b=http://a", "a=http://a/?q=1"],
)
def test_names_and_addresses_that_can_not_be_are_refused(tmp_path: Path, name: str) -> None:
    said = CliRunner().invoke(command, ["gather", "--hub", str(tmp_path / "hub"), name])
    assert said.exit_code != 0
    assert not (tmp_path / "hub").exists()


def test_commands(tmp_path: Path, stranger: Stranger) -> None:
    folder = ["--hub", str(tmp_path / "hub")]
    said = CliRunner().invoke(command, ["gather", *folder, "--json", f"one={stranger.url}"], standalone_mode=False)
    assert said.return_value == 0
    assert json.loads(said.stdout.splitlines()[0])["name"] == "one"
    assert CliRunner().invoke(command, ["remove", *folder, "two"]).exit_code == 2
    assert CliRunner().invoke(command, ["remove", *folder, "one"]).exit_code == 0
    with open_hub(tmp_path / "hub") as db:
        assert provinces(db) == []
    with pytest.raises(SiteError, match="is no hub"):
        CliRunner().invoke(command, ["serve", "--hub", str(tmp_path / "none")], catch_exceptions=False)


def test_the_hub_is_quick_where_it_grows(tmp_path: Path) -> None:
    with open_hub(tmp_path, is_new=True) as db:
        for sql, values in (
            ("SELECT a.* FROM agencies a WHERE a.region >= ? ORDER BY a.region, a.rank, a.name, a.province, a.id LIMIT 60", ("33",)),
            ("SELECT * FROM reports r ORDER BY r.year DESC, r.first_seen DESC, r.province, r.id LIMIT 20", ()),
        ):  # fmt: skip
            steps = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql, values)]
            assert not any("TEMP B-TREE" in step for step in steps), steps
    assert sqlite3.sqlite_version_info >= (3, 37), "STRICT tables"
