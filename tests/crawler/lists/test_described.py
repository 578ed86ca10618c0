"""Lists that a definition describes: every carrier, every way to ask for pages, and proofs of the end."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.families import open_walk
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.portals.definitions import DefinitionError, from_json, parse_definition, to_json
from tests.crawler.lists.sites import BASE, COLUMN, Outcome

PORTAL = f'[portal]\nid = "a"\nname = "示例县人民政府"\nstart = ["{COLUMN}"]\nhosts = ["api.shili.org"]\n[[list]]\n'
#: Title, path and date of seven reports.
ROWS = [(f"示例县第{n}局2022年政府信息公开工作年度报告", f"/nb/{900 + n}.html", f"2023-01-{10 + n}") for n in range(7)]
WANTED = [(f"{BASE}{path}", title, on) for title, path, on in ROWS]
SHELL = '<html><head><title>年报</title></head><body><div id="app"></div></body></html>'
JSON_ROWS = 'answer = "json"\nrows = "data.list"\ntitle = "title"\nlink = "url"\ndate = "day"\n'


def items(part: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"title": f"<b>{title}</b>", "url": path, "day": on} for title, path, on in part]


def part(number: int, size: int = 3) -> list[tuple[str, str, str]]:
    return ROWS[(number - 1) * size : number * size]


def answers(part: list[tuple[str, str, str]], **more: object) -> str:
    return json.dumps({"data": {"list": items(part), **more}}, ensure_ascii=False)


def html(part: list[tuple[str, str, str]], below: str = "") -> str:
    rows = "".join(f"<li><a href='{path}'>{title}</a><i>{on}</i></li>" for title, path, on in part)
    return f"<html><body><ul class='nb'>{rows}</ul>{below}</body></html>"


def by_query(name: str, answer: Callable[[int], str], path: str = "/api") -> Callable[[NextRequest], str | None]:
    def site(request: NextRequest) -> str | None:
        parts = urlsplit(request.url)
        fields = parse_qs(parts.query) if request.method == "GET" else parse_qs((request.body or b"").decode())
        return answer(int(fields[name][0])) if parts.path == path and name in fields else None

    return site


def by_json(request: NextRequest) -> str | None:
    if request.method != "POST" or not request.url.endswith("/api"):
        return None
    asked = json.loads(request.body or b"")
    return answers(ROWS[asked["page"]["from"] : asked["page"]["from"] + 3], total=7) if asked["cat"] == "002" else None


def postback(request: NextRequest) -> str | None:
    form = {key: values[0] for key, values in parse_qs((request.body or b"").decode()).items()}
    number = int(form.get("__EVENTARGUMENT", "1"))
    if number > 1 and form.get("__VIEWSTATE") != f"s{number - 1}":
        return "<html><body>error</body></html>"
    return html(part(number), f"<form id='f'><input type=hidden name=__VIEWSTATE value=s{number}></form><b>共3页</b>")


LISTS: dict[str, tuple[str, Callable[[NextRequest], str | None]]] = {
    "json-total": (
        'url = "/api?cat=2&page={page}"\ntotal = "data.total"\n' + JSON_ROWS,
        by_query("page", lambda n: answers(part(n), total=7)),
    ),
    "json-pages-from-0": (
        'url = "/api?page={page}"\npage = { first = 0 }\npages = "data.pages"\n' + JSON_ROWS,
        by_query("page", lambda n: answers(part(n + 1), pages="3")),
    ),
    "json-until-nothing-new": ('url = "/api?page={page}"\n' + JSON_ROWS, by_query("page", lambda n: answers(part(min(n, 3))))),
    "json-next": (
        'url = "/api?p=1"\nnext = "data.next"\n' + JSON_ROWS,
        by_query("p", lambda n: answers(part(n), next=f"/api?p={n + 1}" if n < 3 else None)),
    ),
    "form": (
        'url = "/api"\nform = { from = "{from}", to = "{to}", cat = ["1", "2"] }\nsize = 3\ntotal = "data.total"\n' + JSON_ROWS,
        by_query("from", lambda n: answers(ROWS[n - 1 : n + 2], total=7)),
    ),
    "json-body": ('url = "/api"\njson = { cat = "002", page = { from = "{offset}" } }\nsize = 3\ntotal = "data.total"\n' + JSON_ROWS, by_json),
    "jsonp": (
        'url = "/api?page={page}&callback=cb"\nanswer = "jsonp"\nrows = "rows"\ntitle = "title"\nlink = "url"\ndate = "day"\ntotal = "n"\n',
        by_query("page", lambda n: "/**/cb(" + json.dumps({"rows": items(part(n)), "n": 7}, ensure_ascii=False) + ");"),
    ),
    "xml": (
        'url = "/api?page={page}"\nanswer = "xml"\nrows = "doc"\ntitle = "t"\nlink = "xpath:@url"\ndate = "d"\ntotal = "xpath:string(/list/@total)"\n',
        by_query(
            "page",
            lambda n: (
                "<?xml version='1.0'?><list total='7'>"
                + "".join(f"<doc url='{path}'><t><![CDATA[{title}]]></t><d>{on}</d></doc>" for title, path, on in part(n))
                + "</list>"
            ),
        ),
    ),
    "other-host": (
        ('url = "http://api.shili.org/api?page={page}"\ntotal = "data.total"\nlink = "http://www.shili.gov.cn/nb/{id}.html"\n'
         'answer = "json"\nrows = "data.list"\ntitle = "title"\ndate = "day"\n'),
        by_query(
            "page",
            lambda n: json.dumps(
                {"data": {"total": 7, "list": [{"title": t, "id": p[4:7], "day": d} for t, p, d in part(n)]}}
            ),
        ),
    ),
    "epoch": (
        'url = "/api?page={page}"\ntotal = "data.total"\nanswer = "json"\nrows = "data.list"\ntitle = "title"\nlink = "url"\ndate = "at"\n',
        by_query(
            "page",
            lambda n: json.dumps(
                {"data": {"total": 7, "list": [{"title": t, "url": p, "at": 1673280000000 + 86_400_000 * int(p[6])} for t, p, _ in part(n)]}}
            ),
        ),
    ),
    "script": (
        'script = "var dataList ="\nrows = "@"\ntitle = "title"\nlink = "url"\ndate = "day"\nonce = true\n',
        lambda request: f"<html><script>var dataList = {json.dumps(items(ROWS))}; show(dataList)</script></html>",
    ),
    "html-files": (
        'more = "list_{page}.html"\npage = { first = 0 }\nrows = "ul.nb li"\ntitle = "a"\nlink = "a::attr(href)"\ndate = "i"\npages = "xpath:string(//b)"\n',
        lambda request: html(part({"list.html": 1, "list_1.html": 2, "list_2.html": 3}[request.url.rpartition("/")[2]]), "<b>共 3 页</b>"),
    ),
    "postback": (
        ('more = "list.html"\ncarry = "form#f"\nform = { __EVENTTARGET = "Pager", __EVENTARGUMENT = "{page}" }\nrows = "ul.nb li"\ntitle = "a"\n'
         'link = "a::attr(href)"\ndate = "i"\npages = "b"\n'),
        postback,
    ),
    "lists-below": (
        'lists = ["ul.years a::attr(href)"]\nrows = "ul.nb li"\ntitle = "a"\nlink = "a::attr(href)"\ndate = "i"\nonce = true\n',
        lambda request: (
            "<html><body><ul class=years><a href=/y/1.html>1</a><a href=/y/2.html>2</a><a href=/y/3.html>3</a></ul></body></html>"
            if request.url == COLUMN
            else html(part(int(request.url[-6])))
        ),
    ),
}  # fmt: skip


def read(table: str, site: Callable[[NextRequest], str | None]) -> Outcome:
    portal = parse_definition(PORTAL + table)
    walk = open_walk("auto", COLUMN, described=portal.list_of(COLUMN), allows=portal.allows)
    outcome, queue = Outcome(), [walk.start()]
    while queue:
        request = queue.pop(0)
        outcome.requests.append(request)
        assert len(outcome.requests) < 20
        body = site(request)
        body = SHELL if body is None and request.url == COLUMN else body
        step = walk.feed(PageBytes(request.url, 404 if body is None else 200, (), (body or "").encode(), request))
        outcome.entries += step.entries
        queue += step.next
        outcome.last = step
    return outcome


@pytest.mark.parametrize("name", LISTS)
def test_described_lists_are_read_whole_and_exactly(name: str) -> None:
    outcome = read(*LISTS[name])
    assert [(one.url, one.title, one.date) for one in outcome.entries] == WANTED, outcome.reason
    assert outcome.is_whole, outcome.reason
    assert outcome.last is not None
    assert outcome.last.proof is not None
    assert outcome.last.quote


@pytest.mark.parametrize(
    ("site", "said"),
    [
        (by_query("page", lambda n: answers(part(min(n, 2)), total=7)), "counts 7 rows, 6 came"),
        (by_query("page", lambda n: "<html>维护中</html>"), "no JSON"),
        (by_query("page", lambda n: json.dumps({"rows": []})), "no rows were found by 'data.list'"),
        (
            by_query("page", lambda n: answers(part(n), total=7) if n < 3 else answers([], total=7)),
            "counts 7 rows, 6 came",
        ),
        (by_query("page", lambda n: json.dumps({"data": {"list": [{"title": "示例"}], "total": 1}})), "has no address"),
        (by_query("other", lambda n: ""), "answered 404"),
    ],
)
def test_what_is_not_as_described_leaves_the_list_incomplete(
    site: Callable[[NextRequest], str | None], said: str
) -> None:
    outcome = read(LISTS["json-total"][0], site)
    assert not outcome.is_whole
    assert said in outcome.reason


def test_a_count_of_nothing_is_said_emptiness() -> None:
    outcome = read(LISTS["json-total"][0], by_query("page", lambda n: answers([], total=0)))
    assert outcome.is_whole
    assert not outcome.entries
    assert outcome.last is not None
    assert outcome.last.proof == "said empty"


def test_a_count_that_is_only_the_page_s_own_ends_no_list() -> None:
    many = [(f"示例县第{n}局2022年政府信息公开工作年度报告", f"/nb/{n}.html", "2023-01-10") for n in range(14)]
    outcome = read(LISTS["json-total"][0], by_query("page", lambda n: answers(many[n * 10 - 10 : n * 10], total=10)))
    assert len(outcome.entries) == 14


def test_texts_that_come_by_a_call_of_their_own_hang_on_their_rows() -> None:
    table = LISTS["json-total"][0] + '[list.article]\nurl = "/doc?u={url}"\n'
    portal = parse_definition(PORTAL + table)
    walk = open_walk("auto", COLUMN, described=portal.list_of(COLUMN), allows=portal.allows)
    step = walk.feed(PageBytes(COLUMN, 200, (), SHELL.encode(), walk.start()))
    [request] = step.next
    step = walk.feed(PageBytes(request.url, 200, (), answers(part(3), total=1).encode(), request))
    assert [(row, link.url) for row, link in step.attachments] == [(WANTED[6][0], f"{BASE}/doc?u={ROWS[6][1]}")]


@pytest.mark.parametrize("name", LISTS)
def test_a_described_list_travels_with_its_definition(name: str) -> None:
    portal = parse_definition(PORTAL + LISTS[name][0])
    assert from_json(json.loads(json.dumps(to_json(portal)))) == portal


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('rows = "li"\ntitle = "a"\nonce = true', "list[1].link: is missing"),
        ('rows = "li"\ntitle = "a"\nlink = "a"', "list[1].once: nothing says how the list ends"),
        ('rows = "li["\ntitle = "a"\nlink = "a"\nonce = true', "list[1].rows: 'li[' is no CSS expression"),
        ('rows = "a["\ntitle = "a"\nlink = "a"\nonce = true\nanswer = "json"', "list[1].rows: 'a[' is no JMESPath expression"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nurl = "/api?p={pgae}"', "list[1].url: nothing fills {pgae}"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nurl = "/api?p={offset}"', "list[1].url: {offset} needs size"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nurl = "http://evil.example/{page}"', "leads off the portal"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nonce = true\nheaders = { Cookie = "a" }', "list[1].headers: Cookie"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nonce = true\ntotl = "b"', "list[1].totl: is not a known key"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nonce = "yes"', "list[1].once: must be true or false"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nonce = true\nanswer = "yaml"', "list[1].answer: must be one of"),
        ('rows = "li"\ntitle = "a"\nlink = "a"\nonce = true\ncolumn = "http://x/"', "list[1].column"),
    ],
)  # fmt: skip
def test_faults_of_a_table_are_named_with_file_and_key(table: str, said: str) -> None:
    assert tomllib.loads(PORTAL + table)
    with pytest.raises(DefinitionError) as caught:
        parse_definition(PORTAL + table, "a.toml")
    assert str(caught.value).startswith("a.toml: ")
    assert said in str(caught.value)
