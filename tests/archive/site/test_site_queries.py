"""Whatever an address says: a page, or a word that it makes no sense; never an error of the server."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.site.params import integer
from tests.archive.kept import copy_of
from tests.archive.site_archive import Client, build

REPORT, AGENCY = "ouhai-2020-5290cd", "08e98f2f71f3"
PATHS = (
    "/", "/search", "/changes", "/missing", "/findings", "/compare", "/compare.csv", "/data", f"/r/{REPORT}", f"/r/{REPORT}/diff",
    f"/r/{REPORT}/diff/1..2", f"/agency/{AGENCY}", "/feeds/changes.atom", "/ogi", "/ogi/reports", "/ogi/reports.json", "/ogi/reports.csv",
    "/ogi/late", "/ogi/late.json", "/ogi/series.csv", "/ogi/search.json", "/ogi/sql", "/ogi/sql.json", "/ogi/sql.csv", "/data/figures.csv",
    "/data/reports.ndjson", "/lang", "/calendar.ics",
)  # fmt: skip
NAMES = (
    "page", "year", "region", "kind", "status", "check", "severity", "agency", "indicator", "find", "q", "sort", "form", "findings", "at", "view",
    "a", "b", "before", "sql", "_shape", "_size", "_next", "_sort", "_search", "_facet", "_timelimit", "row", "column", "table", "lang", "next",
    "to", "report", "for", "basis", "year__gte",
)  # fmt: skip
DIGITS = "0123456789²³¹٠١٢٣߀०१২৩௧౨൩๑໒༣၄႕០᠑᥆᧗᪈᭙᮲᱃᱔꘠꣑꤂꩓０１𝟎𝟏①⑴⒈"
VALUES = st.one_of(
    st.text(DIGITS, min_size=1, max_size=12),
    st.sampled_from(["-1", "0", "1e9", "9" * 400, "NaN", "null", "true", "[]", "[1]", "[1,2,3,4,5]", '["a",null]', "{}", "'", '"', "%", "\\", "\x00", "\x7f", "\u202e", "../..", "javascript:1", "1' or '1'='1"]),
    st.text(max_size=40),
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(copy_of("site", build, tmp_path_factory.mktemp("queries") / "a", tmp_path_factory))
    yield client
    client.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), pairs=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4))
def test_no_query_is_an_error_of_the_server(site: Client, path: str, pairs: list[tuple[str, str]]) -> None:
    query = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])
    answer = site.get(f"{path}?{query}")
    assert answer.status_code in (200, 302, 400, 404), (path, pairs, answer.text[:300])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/r/{}", "/r/{}.json", "/r/ouhai@{}", "/agency/{}", "/raw/{}", "/view/{}", "/view/{}/page/1.png", "/ogi/{}", "/ogi/reports/{}",
                          "/web/{}/http://a.example/", "/timemap/link/{}", "/timegate/{}", "/feeds/region/{}.atom", "/data/{}.csv", "/{}", "/en/{}"]),
    value=VALUES,
)  # fmt: skip
def test_no_path_is_an_error_of_the_server(site: Client, path: str, value: str) -> None:
    answer = site.get(path.format(quote(value.encode("utf-8", "surrogatepass"), safe="")))
    assert answer.status_code in (200, 301, 302, 400, 404), (path, value, answer.text[:300])


@given(text=st.text(max_size=20))
def test_numbers_are_within_their_bounds(text: str) -> None:
    assert 1 <= integer(text, least=1, most=500, default=1) <= 500


def test_digits_of_other_scripts_are_none() -> None:
    for text in ("²", "٣", "１", "①", "", "-3", "1.5", " 7", None):
        assert integer(text, least=1, most=9, default=4) == 4
    assert integer("99999999999999999999", least=1, most=9, default=4) == 9
    assert integer("007", least=1, most=9, default=4) == 7
