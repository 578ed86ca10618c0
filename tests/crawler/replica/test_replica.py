"""The replica portals, asked as a client would ask them, against field guide §15."""

from __future__ import annotations

import json
import re
import ssl
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import Message
from pathlib import Path

import lxml.html
import pytest

from archive.clock import SHANGHAI
from crawler.replica import (
    Agency,
    Carrier,
    Event,
    EventKind,
    Portal,
    Publication,
    ReplicaServer,
    SeasonClock,
    Traits,
    World,
    serve,
)
from crawler.replica.decoys import decoys
from crawler.replica.documents.invent import invent
from crawler.replica.families import FAMILIES
from crawler.replica.faults import FAULTS
from crawler.replica.season import DAYS, EDITED_SENTENCE, demo_season

MOMENT = datetime(2024, 2, 1, 10, tzinfo=SHANGHAI)
COLUMNS = {"jcms": "1229700001", "jpaas": "1487002", "ucap": "c112289"}


@dataclass(frozen=True)
class Got:
    status: int
    body: bytes
    headers: Message[str, str]
    url: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def get(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Got:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with opener.open(request, timeout=10) as answer:
            return Got(answer.status, answer.read(), answer.headers, url)
    except urllib.error.HTTPError as answer:
        with answer:
            return Got(answer.code, answer.read(), answer.headers, url)


def publication(number: int, carrier: Carrier = Carrier.TABLE, agency: str = "示例市示例局") -> Publication:
    year = 2022 - number
    return Publication(
        key=f"report-{number}",
        title=f"{agency}{year}年政府信息公开工作年度报告",
        carrier=carrier,
        serial=3_100_400 + number,
        printed_on=date(2023, 1, 29) - timedelta(days=365 * number),
        source=agency,
        report=invent(agency, max(year, 2019), number),
        agency=agency,
    )


def world_of(family: str, publications: list[Publication], *events: Event, traits: Traits | None = None) -> World:
    agencies = (Agency("示例市示例局", "department"), Agency("示例市另一局", "department", path="lyj"))
    portal = Portal(
        "site", "示例市人民政府", "330199", family, COLUMNS.get(family, "zfxxgknb"), agencies, traits or Traits()
    )
    start = MOMENT - timedelta(days=30)
    published = [Event(start, EventKind.PUBLISH, "site", item.key, item) for item in publications]
    return World((portal,), (*published, *events))


@contextmanager
def served(
    family: str,
    publications: list[Publication],
    *events: Event,
    variant: tuple[str, ...] = (),
    page_size: int = 15,
    **traits: object,
) -> Iterator[tuple[ReplicaServer, SeasonClock]]:
    given = Traits(page_size=page_size, variant=frozenset(variant), **traits)  # type: ignore[arg-type]
    clock = SeasonClock(MOMENT)
    with serve(world_of(family, publications, *events, traits=given), clock) as server:
        yield server, clock


def start_of(server: ReplicaServer, number: int = 0) -> str:
    return server.portals[0].start[number]


def hrefs(text: str, base: str) -> list[str]:
    root = lxml.html.fromstring(text)
    return [urllib.parse.urljoin(base, str(link)) for link in root.xpath("//li/a/@href")]


# --- every family ---


@pytest.mark.parametrize("carrier", [Carrier.TABLE, Carrier.WORD, Carrier.PDF, Carrier.DOCX, Carrier.BOTH])
@pytest.mark.parametrize("family", FAMILIES)
def test_family_serves_home_column_article_and_file(family: str, carrier: Carrier) -> None:
    with served(family, [publication(0, carrier)]) as (server, _):
        base = server.portals[0].base
        home = get(f"{base}/")
        assert home.status == 200
        assert "政府信息公开年报" in home.text
        for start in server.portals[0].start:
            assert get(start.partition("#")[0]).status == 200
        page = get(server.url("site", "report-0"))
        assert page.status == 200
        if family not in ("epoint", "fengxian"):
            assert "示例市示例局2022年政府信息公开工作年度报告" in page.text
        if carrier in (Carrier.PDF, Carrier.DOCX, Carrier.BOTH):
            file = get(server.url("site", "report-0", file=True), headers={"Referer": page.url})
            assert file.status == 200
            assert file.body.startswith(b"PK" if carrier is Carrier.DOCX else b"%PDF")
        assert get(f"{base}/no/such/page.html").status == 404
        assert server.requests.violations == []


@pytest.mark.parametrize("family", [name for name in FAMILIES if name not in ("epoint", "fengxian")])
def test_pages_differ_at_every_fetch_and_nothing_else_does(family: str) -> None:
    with served(family, [publication(0)]) as (server, _):
        url = server.url("site", "report-0")
        first, second = get(url).text, get(url).text
        assert first != second
        tables = [
            lxml.html.fromstring(text).xpath("//table[.//td[contains(., '本年新收')]]") for text in (first, second)
        ]
        assert tables[0][-1].text_content() == tables[1][-1].text_content()


@pytest.mark.parametrize("family", FAMILIES)
def test_counters_are_violations(family: str) -> None:
    for counter in FAMILIES[family].counters:
        with served(family, [publication(0)]) as (server, _):
            get(f"{server.portals[0].base}{counter}x")
            assert [asked.violation for asked in server.requests.violations] == ["counter"]


@pytest.mark.parametrize("family", FAMILIES)
def test_column_moves_and_the_old_address_is_gone(family: str) -> None:
    suffix = {"jcms": "1229700999", "jpaas": "1487999"}.get(family, "_2041")
    move = Event(MOMENT, EventKind.MOVE, "site", detail=suffix)
    with served(family, [publication(0)], move) as (server, clock):
        new = start_of(server).partition("#")[0]
        clock.set(MOMENT - timedelta(hours=1))
        assert get(new).status == (200 if family in ("lonsun",) else 404)
        clock.set(MOMENT + timedelta(hours=1))
        assert get(new).status == 200
        assert get(server.url("site", "report-0")).status == 200


# --- TRS ---


def test_trs_pages_count_from_zero_and_end_in_a_refresh() -> None:
    with served("trs", [publication(number) for number in range(4)], page_size=3) as (server, _):
        first = get(start_of(server))
        assert 'createPageHTML(2, 0, "index", "html");' in first.text
        links = re.findall(r'href="(\./\d{6}/t\d{8}_\d+\.html)"', first.text)
        assert len(links) == 3
        second = get(f"{start_of(server)}index_1.html")
        assert len(re.findall(r'href="\./\d{6}/t\d{8}_\d+\.html"', second.text)) == 1
        past = get(f"{start_of(server)}index_2.html")
        assert past.status == 200
        assert '<meta http-equiv="refresh" content="0;url=./">' in past.text
        shell = get(f"{server.portals[0].base}/zfxxgk/")
        assert 'location.replace("./zfxxgknb/")' in shell.text
        assert len(shell.body) < 200


@pytest.mark.parametrize(
    ("variant", "pager"),
    [
        ("records-first", 'createPageHTML(4, 2, 0, "index", "html"'),
        ("plain-pager", "Pager({size:2, current:0, prefix:'index', suffix:'html'})"),
        ("create-page", 'createPage(2, 0, "index", "html")'),
        ("all-in-one", 'createPageHTML(1, 0, "index", "html")'),
    ],
)
def test_trs_other_pagers(variant: str, pager: str) -> None:
    with served("trs", [publication(number) for number in range(4)], variant=(variant,), page_size=3) as (server, _):
        assert pager in get(start_of(server)).text


def test_trs_without_script_counts_from_two() -> None:
    with served("trs", [publication(n) for n in range(4)], variant=("no-script",), page_size=3) as (server, _):
        assert get(f"{start_of(server)}index_1.html").status == 404
        assert len(re.findall("年度报告</a>", get(f"{start_of(server)}index_2.html").text)) == 1


def test_trs_row_links_straight_to_a_pdf_and_one_article_has_an_old_name() -> None:
    entries = [publication(0, Carrier.ROW_PDF), publication(5)]
    with served("trs", entries, variant=("old-name",)) as (server, _):
        text = get(start_of(server)).text
        assert re.search(r'href="\./202301/P020230129\d{12}\.pdf"', text)
        assert re.search(r'href="\./\d{6}/t0035_3100405\.html"', text)
        pdf = next(link for link in hrefs(text, start_of(server)) if link.endswith(".pdf"))
        assert get(pdf).body.startswith(b"%PDF")


def test_trs_year_folders() -> None:
    with served("trs", [publication(0), publication(1)], variant=("year-folders",)) as (server, _):
        folders = re.findall(r'href="(\./nb_\d{4}n/)"', get(start_of(server)).text)
        assert folders == ["./nb_2022n/", "./nb_2021n/"]
        rows = hrefs(get(urllib.parse.urljoin(start_of(server), folders[0])).text, start_of(server) + folders[0][2:])
        assert server.url("site", "report-0") in rows


# --- jcms ---


def _records(text: str) -> list[str]:
    return re.findall(r"<record><!\[CDATA\[(.*?)\]\]></record>", text, re.S)


def test_jcms_groups_by_get_and_by_post() -> None:
    with served("jcms", [publication(number) for number in range(8)], page_size=1) as (server, _):
        base = server.portals[0].base
        first = get(start_of(server)).text
        assert len(_records(first)) == 3
        assert 'title="示例市示例局2022年政府信息公开工作年度报告"' in first
        assert re.search(r"/art/2023/1/29/art_1229700001_3100400\.html", first)
        link = re.search(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"', first)
        assert link
        assert "webname=%25E7" in link[1]
        second = get(base + link[1])
        assert second.headers["Content-Type"].startswith("text/xml")
        assert len(_records(second.text)) == 3
        assert "<totalrecord>8</totalrecord>" in second.text
        relative = re.search(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"', second.text)
        assert relative
        assert relative[1].startswith("./dataproxy.jsp?page=2")
        assert "webid" not in relative[1]
        last = get(urllib.parse.urljoin(base + link[1], relative[1])).text
        assert len(_records(last)) == 2
        assert "nextgroup" not in last
        form = re.search(r"ajaxParam:'([^']+)'", first)
        assert form
        posted = get(
            f"{base}/module/web/jpage/dataproxy.jsp?startrecord=4&endrecord=6&perpage=1", form[1].encode()
        ).text
        assert _records(posted) == _records(second.text)


def test_jcms_does_not_page_the_column_itself() -> None:
    with served("jcms", [publication(number) for number in range(5)], page_size=1) as (server, _):
        unit = re.search(r'id="(\d+)" class="default_pgContainer"', get(start_of(server)).text)
        assert unit
        again = get(f"{start_of(server)}?uid={unit[1]}&pageNum=2").text
        assert _records(again) == _records(get(start_of(server)).text)


def test_jcms_empty_answer_is_54_bytes() -> None:
    with served("jcms", [publication(n) for n in range(5)], variant=("empty-answer",), page_size=1) as (server, _):
        link = re.search(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"', get(start_of(server)).text)
        assert link
        assert len(get(server.portals[0].base + link[1]).body) == 54


def test_jcms_variants_of_the_store() -> None:
    variant = ("two-stores", "table-rows", "old-proxy")
    with served("jcms", [publication(0)], variant=variant) as (server, _):
        text = get(start_of(server)).text
        assert text.count("<datastore>") == 2
        assert "2023-\n01-\n29" in text
        assert "proxyUrl:'/module/jpage/dataproxy.jsp'" in text


def test_jcms_disclosure_module_answers_by_area() -> None:
    entries = [publication(0), publication(1, agency="示例市另一局")]
    with served("jcms", entries, variant=("xxgk",)) as (server, _):
        base = server.portals[0].base
        text = get(start_of(server)).text
        call = re.search(r'url:"(/module/xxgk/search\.jsp[^"]+)"', text)
        form = re.search(r'data:"([^"]+)"', text)
        assert call
        assert form
        rows = get(base + call[1], form[1].encode()).text
        assert rows.count("<tr class=") == 2
        assert "共1页" in rows
        one = re.sub(r"area=[^&]+", "area=lyj", form[1])
        assert get(base + call[1], one.encode()).text.count("<tr class=") == 1
        past = get(
            base + call[1].replace("currpage=1", "currpage=2"), form[1].replace("currpage=1", "currpage=2").encode()
        )
        assert "<tr class=" not in past.text


def test_jcms_files_come_as_octet_stream() -> None:
    with served("jcms", [publication(0, Carrier.PDF)]) as (server, _):
        file = get(server.url("site", "report-0", file=True))
        assert file.headers["Content-Type"] == "application/octet-stream"
        assert file.body.startswith(b"%PDF")


# --- JPaaS ---


def _unit_call(text: str, tag: str, page: int | None = None) -> str:
    scripts = re.findall(r'unitbuild\.js" url="([^"]+)" querydata="([^"]+)"', text)
    url, pairs = next((url, pairs) for url, pairs in scripts if f"'tagId':'{tag}'" in pairs)
    query = dict(re.findall(r"'(\w+)':'([^']*)'", pairs))
    if page is not None:
        query["paramJson"] = json.dumps({"pageNo": page, "pageSize": 3})
    return f"{url}?{urllib.parse.urlencode(query)}"


def test_jpaas_list_comes_from_the_gateway() -> None:
    with served("jpaas", [publication(number) for number in range(5)], page_size=3) as (server, _):
        base = server.portals[0].base
        text = get(start_of(server)).text
        assert text.count("unitbuild.js") == 3
        first = json.loads(get(base + _unit_call(text, "信息列表", 1)).body)
        assert first["success"] is True
        assert 'count="5"' in first["data"]["html"]
        links = hrefs(first["data"]["html"], base)
        assert len(links) == 3
        assert any("/art/2023/art_" in link for link in links)
        assert any(re.search(r"/art/20\d\d/\d/\d+/art_", link) for link in links)
        assert len(hrefs(json.loads(get(base + _unit_call(text, "信息列表", 2)).body)["data"]["html"], base)) == 2
        past = json.loads(get(base + _unit_call(text, "信息列表", 3)).body)["data"]["html"]
        assert "<li>" not in past
        assert "政府信息公开指南" in json.loads(get(base + _unit_call(text, "顶部菜单")).body)["data"]["html"]


def test_jpaas_repeats_the_page_when_told_to() -> None:
    with served("jpaas", [publication(n) for n in range(5)], variant=("repeat-pages",), page_size=3) as (server, _):
        base, text = server.portals[0].base, get(start_of(server)).text
        pages = [json.loads(get(base + _unit_call(text, "信息列表", page)).body)["data"]["html"] for page in (1, 2)]
        assert hrefs(pages[0], base) == hrefs(pages[1], base)


def test_jpaas_viewer_page_and_unpadded_folder() -> None:
    with served("jpaas", [publication(0, Carrier.VIEWER)], variant=("browser-only",)) as (server, _):
        text = get(server.url("site", "report-0")).text
        file = re.search(r'data-value="([^"]+)"', text)
        assert file
        assert re.search(r"/attach/20231/[0-9a-f]{32}\.pdf$", file[1])
        assert "viewer.html?file=" in text
        call = server.portals[0].base + _unit_call(get(start_of(server)).text, "信息列表")
        assert get(call).status == 403
        assert get(call, headers={"Referer": start_of(server)}).status == 200


# --- gkmlpt ---


def test_gkmlpt_interface() -> None:
    entries = [publication(0, Carrier.PDF), publication(1), publication(2, agency="示例市另一局")]
    with served("gkmlpt", entries, page_size=100) as (server, _):
        base = server.portals[0].base
        shell = get(start_of(server).partition("#")[0]).text
        sid = re.search(r"SID: '(\d+)'", shell)
        tree = re.search(r"TREE: (\[.*\]),", shell)
        assert sid
        assert tree
        node = next(node for node in json.loads(tree[1]) if node["name"] == "政府信息公开年报")
        pages = [get(f"{base}/gkmlpt/api/all/{node['id']}?page={page}&sid={sid[1]}") for page in (0, 1, 2)]
        documents = [json.loads(page.body) for page in pages]
        assert documents[0]["articles"] == documents[1]["articles"]
        assert documents[2]["articles"] == []
        assert documents[0]["classify"]["post_count"] > len(documents[0]["articles"]) == 2
        article = documents[0]["articles"][0]
        shown = datetime.fromtimestamp(article["display_publish_time"], SHANGHAI)
        assert shown.date() == date(2023, 1, 29)
        assert article["url"] != article["post_url"]
        assert get(article["post_url"]).status == 200
        page = get(article["url"]).text
        assert "\\u003C" in page
        assert 'class="nfw-cms-attachment"' in page
        assert get(article["attachment"][0]["url"]).body.startswith(b"%PDF")
        other = get(start_of(server, 1).partition("#")[0]).text
        assert "/lyj/gkmlpt" in other
        assert re.search(r"SID: '(\d+)'", other)[1] != sid[1]  # type: ignore[index]


def test_gkmlpt_second_page_can_be_404() -> None:
    with served("gkmlpt", [publication(n) for n in range(5)], variant=("page-two-404",), page_size=3) as (server, _):
        base = server.portals[0].base
        assert len(json.loads(get(f"{base}/gkmlpt/api/all/2629?page=1&sid=755001").body)["articles"]) == 3
        assert get(f"{base}/gkmlpt/api/all/2629?page=2&sid=755001").status == 404


def test_gkmlpt_detail_string_is_the_body() -> None:
    with served("gkmlpt", [publication(0)], variant=("script-body",)) as (server, _):
        page = get(server.url("site", "report-0")).text
        assert lxml.html.fromstring(page).xpath("//div[@class='article-content']//table") == []
        detail = re.search(r"DETAIL: (\{.*\}),", page)
        assert detail
        assert "本年新收" in json.loads(detail[1])["content"]


# --- UCAP ---


def test_ucap_json_list() -> None:
    entries = [publication(number) for number in range(12)]
    with served("ucap", entries, variant=("capped", "host-links"), page_size=15) as (server, _):
        base = server.portals[0].base
        text = get(start_of(server)).text
        channel = re.search(r'channelId = "([0-9a-f]{32})"', text)
        assert channel
        call = f"{base}/common/search/{channel[1]}?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page="
        data = json.loads(get(call + "1").body)["data"]
        assert len(data["results"]) == data["rows"] == 10
        assert data["total"] == 12
        row = data["results"][0]
        assert row["url"].startswith("//127.0.0.1:")
        assert row["subTitle"] == "null"
        assert "<em>" in row["title"]
        epoch = datetime.fromtimestamp(row["publishedTime"] / 1000, SHANGHAI).date()
        assert row["publishedTimeStr"].startswith("2023-01-29")
        assert epoch != date(2023, 1, 29)
        assert len(json.loads(get(call + "2").body)["data"]["results"]) == 2
        assert get(f"http:{row['url']}").status == 200


def test_ucap_deeper_payload() -> None:
    with served("ucap", [publication(0)], variant=("deeper",)) as (server, _):
        channel = re.search(r'channelId = "([0-9a-f]{32})"', get(start_of(server)).text)
        assert channel
        form = urllib.parse.urlencode({"codeId": "c112289", "channelId": channel[1], "page": 1, "size": 15}).encode()
        answer = json.loads(get(f"{server.portals[0].base}/getFileListByCodeId", form).body)
        assert len(answer["results"]["data"]["results"]) == 1


def test_ucap_static_pages_count_from_one() -> None:
    with served("ucap", [publication(n) for n in range(4)], variant=("static",), page_size=3) as (server, _):
        assert "createPageHTML('page_div', 2, 1, 'list', 'shtml', 4);" in get(start_of(server)).text
        second = get(start_of(server).replace("list.shtml", "list_2.shtml")).text
        assert len(re.findall("年度报告</a>", second)) + second.count("...</a>") == 1
        assert get(start_of(server).replace("list.shtml", "list_3.shtml")).status == 404
        assert "<UCAPCONTENT>" in get(server.url("site", "report-0")).text


# --- Lonsun ---


def test_lonsun_fragment_wants_the_theme_file() -> None:
    titles = ("", "（图解）", "（超链版）")
    entries = []
    for number, shape in enumerate(titles):
        plain = publication(0, Carrier.PICTURE if shape == "（图解）" else Carrier.TABLE)
        entries.append(
            Publication(
                f"shape-{number}", plain.title + shape, plain.carrier, plain.serial + number, plain.printed_on,
                plain.source, plain.report, agency=plain.agency,
            )
        )  # fmt: skip
    with served("lonsun", entries) as (server, _):
        base = server.portals[0].base
        text = get(start_of(server)).text
        call = re.search(r'\$\.get\("([^"]+)" \+ Math\.random\(\) \+ "([^"]+)"', text)
        assert call
        url = urllib.parse.quote(base + call[1] + "0.5" + call[2], safe=":/?&=%")
        rows = get(url).text
        assert re.findall('title="([^"]+)"', rows) == [
            f"示例市示例局2022年政府信息公开工作年度报告{s}" for s in titles[::-1]
        ]
        assert "..." in rows
        assert get(re.sub(r"&file=[^&]+", "", url)).text == "暂无相关信息"
        assert get(url.replace("pageIndex=1", "pageIndex=2")).text == "暂无相关信息"
        for kind in (1, 2, 4, 5):
            assert get(f"{base}/public/column/6600001?type={kind}").status == 200


# --- VSB ---


def test_vsb_pages_count_down_and_downloads_want_a_referer() -> None:
    entries = [publication(0, Carrier.PDF), *(publication(number) for number in range(1, 7))]
    with served("vsb", entries, page_size=3) as (server, _):
        text = get(start_of(server)).text
        links = re.findall(r'<span class="p_no"><a href="([^"]+)"', text)
        assert links == ["/zfxxgk/zfxxgknb/2.htm", "/zfxxgk/zfxxgknb/1.htm"]
        seen = {
            title for link in links for title in re.findall('title="([^"]+)"', get(server.portals[0].base + link).text)
        }
        assert len(seen) == 4
        url = server.url("site", "report-0", file=True)
        captcha = get(url)
        assert captcha.status == 200
        assert "codeValue" in captcha.text
        assert get(url, headers={"Referer": start_of(server)}).body.startswith(b"%PDF")
        page = server.url("site", "report-1")
        ids = {re.search(r"dynclicks_wbnews_\d+_(\d+)", get(page).text)[1] for _ in range(3)}  # type: ignore[index]
        assert len(ids) == 3


# --- shells ---


def test_epoint_body_only_from_the_interface() -> None:
    with served("epoint", [publication(0, Carrier.PDF), publication(1)]) as (server, _):
        url = server.url("site", "report-1")
        shell = get(url).text
        assert "本年新收" not in shell
        site = re.search(r'"siteGuid":"(\w+)","projectName":"([^"]+)"', shell)
        assert site
        call = f"{server.portals[0].base}{site[2]}/rest/lightfrontaction/getGovInfoDetail"

        def detail(url: str) -> dict[str, object]:
            guid = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["infoGuid"][0]
            form = urllib.parse.urlencode({"params": json.dumps({"siteGuid": site[1], "infoGuid": guid})})
            found: dict[str, object] = json.loads(get(call, form.encode()).body)["custom"]["data"]
            return found

        assert "本年新收" in str(detail(url)["infocontent"])
        only_pdf = detail(server.url("site", "report-0"))
        assert only_pdf["infotype"] == "pdf"
        assert only_pdf["infocontent"] == ""


def test_front_api_is_zero_past_the_end() -> None:
    with served("front-api", [publication(n) for n in range(4)], page_size=3) as (server, _):
        query = re.search(r"var query = (\{.*?\});", get(start_of(server)).text)
        assert query
        call = f"{server.portals[0].base}/front/api/data/affair"
        first = json.loads(get(call, query[1].encode(), {"Content-Type": "application/json"}).body)["data"]
        assert (len(first["list"]), first["totalPage"], first["totalCount"]) == (3, 2, 4)
        past = json.loads(get(call, query[1].replace('"pageNo":1', '"pageNo":3').encode()).body)["data"]
        assert past == {"list": [], "pageNo": 0, "totalPage": 0, "totalCount": 0}


def test_fengxian_and_jiangxi_answer_posts_alone() -> None:
    with served("fengxian", [publication(0)]) as (server, _):
        identifier = server.url("site", "report-0").rpartition("/")[2]
        call = f"{server.portals[0].base}/html/info/detail"
        assert "本年新收" in json.loads(get(call, f"id={identifier}".encode()).body)["data"]["body"]
        assert json.loads(get(call).body)["success"] is False
    with served("jiangxi", [publication(0)]) as (server, _):
        channel = re.search(r"channelId='(\w+)'", get(start_of(server)).text)
        assert channel
        call = f"{server.portals[0].base}/queryList"
        assert get(call).status == 404
        answer = json.loads(get(call, f"channelId={channel[1]}&pageNo=1&pageSize=15".encode()).body)
        assert answer["data"]["results"][0]["source"]["title"].startswith("示例市示例局2022年")


# --- static dialects ---


@pytest.mark.parametrize(
    ("dialect", "shape"),
    [
        ("hexmon", r"/zfxxgknb/202301/[0-9a-f]{32}\.shtml"),
        ("hexday", r"/zfxxgknb/20230129/[0-9a-f]{32}\.html"),
        ("slash-hex", r"/zfxxgknb/2023/1/29/[0-9a-f]{32}\.shtml"),
        ("uuid", r"/columns/[0-9a-f-]{36}/202301/29/[0-9a-f-]{36}\.html"),
        ("stamp-dir", r"/web/zfxxgknb/20230129\d{4,}/index\.shtml"),
        ("numeric-dir", r"/zfxxgknb/\d{5,9}/index\.html"),
        ("content", r"/zfxxgknb/2023-01/29/content_\d+\.shtml"),
        ("ccontent", r"/n2588035/n2588320/c\d+/content\.html"),
        ("bucket", r"/col/18073_668815/art/16725024/16749588\d{5}[0-9a-f]{7}\.html"),
        ("hash-page", r"/zfxxgknb/pnidpv\d+\.html"),
        ("auto", r"/list/zfxxgknb/auto/\d+\.html"),
    ],
)
def test_static_dialects(dialect: str, shape: str) -> None:
    with served("static", [publication(0)], variant=(dialect,)) as (server, _):
        (link,) = [link for link in hrefs(get(start_of(server)).text, start_of(server)) if re.search(shape, link)]
        assert get(link).status == 200


def test_static_lists_without_plain_links() -> None:
    entries = [publication(number) for number in range(4)]
    with served("static", entries, variant=("onclick-rows", "onclick-next"), page_size=3) as (server, _):
        text = get(start_of(server)).text
        assert len(re.findall(r"isDownLoad\(this,'http", text)) == 3
        assert re.search(r"queryArticleByCondition\(this,'/zfxxgknb/index_2\.html'\)", text)


# --- faults, robots, time ---


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_answer_and_end(fault: str) -> None:
    events = (
        Event(MOMENT - timedelta(days=1), EventKind.BLOCK, "site", detail=fault),
        Event(MOMENT + timedelta(days=1), EventKind.UNBLOCK, "site"),
    )
    with served("trs", [publication(0)], *events) as (server, clock):
        url = server.url("site", "report-0")
        if fault == "reset":
            with pytest.raises((ConnectionError, urllib.error.URLError)):
                get(url)
        else:
            first = get(url)
            expected = {
                "jsl-521": 521,
                "ruishu-412": 412,
                "waf-403": 403,
                "waf-418": 418,
                "jsl-200": 200,
                "waf-200": 200,
            }
            assert first.status == expected.get(fault, first.status)
            served_well = ("drip", "gzip", "gbk", "wrong-type", "no-type", "index-after-burst")
            assert ("本年新收".encode() in first.body) == (fault in served_well and fault not in ("gzip", "gbk"))
        if fault == "gzip":
            assert get(url).body.startswith(b"\x1f\x8b")
        if fault == "gbk":
            answer = get(url)
            assert "本年新收" in answer.body.decode("gb18030")
            assert "charset" not in answer.headers["Content-Type"]
        if fault == "cookie-check":
            assert get(url, headers={"Cookie": "CT6T=900001"}).status == 200
        if fault == "index-after-burst":
            assert any('class="zfxxgk"' in get(url).text for _ in range(20))
        clock.set(MOMENT + timedelta(days=2))
        assert "本年新收" in get(url).text


def test_robots_rules_and_their_violation() -> None:
    with served("trs", [publication(0)], robots="User-agent: *\nDisallow: /zfxxgk/\n") as (server, _):
        assert get(f"{server.portals[0].base}/robots.txt").text.startswith("User-agent")
        get(start_of(server))
        assert [asked.violation for asked in server.requests.violations] == ["robots"]
    for rules, status in (("", 404), ("html", 200), ("503", 503)):
        with served("trs", [publication(0)], robots=rules) as (server, _):
            answer = get(f"{server.portals[0].base}/robots.txt")
            assert answer.status == status


def test_conditional_requests() -> None:
    with served("trs", [publication(0, Carrier.PDF)], etag=True) as (server, _):
        url = server.url("site", "report-0", file=True)
        first = get(url)
        assert get(url, headers={"If-None-Match": first.headers["ETag"]}).status == 304
        assert get(url, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status == 304
        assert get(url, headers={"If-None-Match": '"other"'}).status == 200


def test_gbk_pages_declare_gb2312() -> None:
    with served("static", [publication(0)], encoding="gb18030") as (server, _):
        answer = get(server.url("site", "report-0"))
        assert "gb2312" in answer.headers["Content-Type"]
        assert "本年新收" in answer.body.decode("gb18030")


@pytest.mark.parametrize(
    ("how", "status"), [("404", 404), ("410", 410), ("soft-404", 200), ("home", 302), ("script-home", 404)]
)
def test_withdrawn_reports_answer_in_their_way_and_come_back(how: str, status: int) -> None:
    events = (
        Event(MOMENT, EventKind.WITHDRAW, "site", "report-0", detail=how),
        Event(MOMENT + timedelta(days=2), EventKind.RESTORE, "site", "report-0"),
    )
    with served("jcms", [publication(0)], *events) as (server, clock):
        clock.set(MOMENT - timedelta(hours=1))
        assert get(server.url("site", "report-0")).status == 200
        clock.set(MOMENT + timedelta(hours=1))
        answer = get(server.url("site", "report-0"))
        assert answer.status == status
        assert "本年新收".encode() not in answer.body
        clock.set(MOMENT + timedelta(days=3))
        assert "本年新收" in get(server.url("site", "report-0")).text


def test_attachment_is_replaced_under_its_address() -> None:
    first = publication(0, Carrier.PDF)
    assert first.report
    changed = first.report.with_figure(("challenges", "reconsideration", "pending"), "99")
    replaced = Event(MOMENT, EventKind.REPLACE, "site", "report-0", report=changed)
    with served("trs", [first], replaced) as (server, clock):
        url = server.url("site", "report-0", file=True)
        clock.set(MOMENT - timedelta(hours=1))
        before = get(url).body
        assert get(url).body == before
        clock.set(MOMENT + timedelta(hours=1))
        assert get(url).body != before
        (line,) = [line for line in server.ledger if line["kind"] == "replace"]
        assert [figure["after"] for figure in line["figures"]] == ["99"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("self-signed", "self-signed certificate"),
        ("expired", "certificate has expired"),
        ("wrong-name", "IP address mismatch"),
        ("weak-dh", "DH_KEY_TOO_SMALL"),
    ],
)
def test_tls_troubles_have_their_names(kind: str, reason: str) -> None:
    with served("trs", [publication(0)], tls=kind) as (server, _):
        base = server.portals[0].base
        assert base.startswith("https://")
        careful = ssl.create_default_context()
        if kind in ("expired", "wrong-name"):
            careful.load_verify_locations(
                cadata=ssl.get_server_certificate(("127.0.0.1", int(base.rpartition(":")[2])))
            )
        allowing = ssl._create_unverified_context()
        if kind == "weak-dh":
            careful = ssl._create_unverified_context()  # the certificate is checked before the key exchange
            allowing.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.raises(urllib.error.URLError) as caught:
            urllib.request.urlopen(f"{base}/", timeout=10, context=careful)
        assert reason in str(caught.value.reason)
        with urllib.request.urlopen(f"{base}/", timeout=10, context=allowing) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("family", ["trs", "jcms", "vsb", "static", "epoint"])
def test_rows_can_lead_to_another_host(family: str) -> None:
    away = Publication(
        "away", "示例市示例局2018年政府信息公开工作年度报告", Carrier.TEXT, 77, date(2019, 1, 2), "示例市示例局",
        elsewhere="http://impostor.example.com/report.html",
    )  # fmt: skip
    with served(family, [publication(0), away]) as (server, _):
        assert 'href="http://impostor.example.com/report.html"' in get(start_of(server)).text


def test_a_correction_stands_beside_the_first_version() -> None:
    first = publication(0)
    assert first.report
    changed = first.report.with_figure(("challenges", "reconsideration", "pending"), "99")
    second = Publication(
        "second", f"{first.title}（更正）", Carrier.TABLE, 900, date(2024, 1, 31), first.source, changed,
        agency=first.agency,
    )  # fmt: skip
    correct = Event(MOMENT - timedelta(hours=1), EventKind.CORRECT, "site", "second", second, detail="report-0")
    with served("trs", [first], correct) as (server, _):
        assert get(server.url("site", "second")).text.count("99") >= 1
        assert get(server.url("site", "report-0")).status == 200
        (line,) = [line for line in server.ledger if line["kind"] == "correct"]
        assert [figure["after"] for figure in line["figures"]] == ["99"]
        assert line["text_changed"] is False


# --- the demo's season ---


def test_demo_season_in_its_ledger() -> None:
    lines = demo_season().ledger()
    reports = [line for line in lines if line["kind"] == "publish" and line["is_report"]]
    assert len(reports) == 5
    assert sum(datetime.fromisoformat(line["at"]) < DAYS[0] for line in reports) == 4
    edits = [line for line in lines if line["kind"] == "edit"]
    assert sorted((len(line["figures"]), line["text_changed"]) for line in edits) == [(0, True), (1, False)]
    assert [line["key"] for line in lines if line["kind"] == "withdraw"] == ["yuyao-2019"]
    assert len([line for line in lines if line["kind"] == "noise"]) == 6


def test_demo_season_on_its_days() -> None:
    clock = SeasonClock(DAYS[0])
    with serve(demo_season(), clock) as server:
        assert get(server.url("ouhai", "ouhai-2020")).text.count("8133") == 1
        with pytest.raises(KeyError):
            server.url("haishu", "haishu-office-2020")
        clock.set(DAYS[1])
        assert get(server.url("ouhai", "ouhai-2020")).text.count("8313") == 1
        keqiao = re.sub(r"<[^>]+>", "", get(server.url("keqiao", "keqiao-2020")).text)
        assert EDITED_SENTENCE[1] in keqiao
        gone = get(server.url("yuyao", "yuyao-2019"))
        assert (gone.status, "不存在" in gone.text) == (200, True)
        page = server.url("haishu", "haishu-office-2020")
        file = get(server.url("haishu", "haishu-office-2020", file=True), headers={"Referer": page})
        assert file.body.startswith(b"%PDF")
        titles = get(server.portal("haishu").start[0]).text
        assert "政府网站工作年度报表" in titles


def test_definitions_are_written_for_the_harvest(tmp_path: Path) -> None:
    with serve(demo_season(), SeasonClock(DAYS[0])) as server:
        folder = server.write_definitions(tmp_path / "portals")
        found = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.toml")}
    assert set(found) == {"ouhai", "keqiao", "haishu", "yuyao", "nbhtz", "shili"}
    assert found["ouhai"]["portal"]["start"][0].startswith("http://127.0.0.1:")
    assert {agency["kind"] for agency in found["haishu"]["agency"]} == {"department"}
    with serve(demo_season(), SeasonClock(DAYS[0])) as server:
        assert "start" not in tomllib.loads(server.portal("ouhai").toml(with_start=False))["portal"]


def test_a_taken_port_is_an_error() -> None:
    with serve(demo_season(), SeasonClock(DAYS[0])) as server:
        port = int(server.portals[0].base.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), serve(demo_season(), SeasonClock(DAYS[0]), {"ouhai": port}):
            pass


def test_decoys_are_no_reports() -> None:
    assert all(decoy.report is None for decoy in decoys("示例市", 2020, 100))
