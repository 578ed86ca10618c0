"""Statistics: what may be added, what is left out, and that every number is the sum of its rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.index.facts import DISPUTED, NONE, UNSURE, USED, value_of
from archive.index.indicators import BY_CODE, INDICATORS, OFFERED, PRINTED
from archive.site import raster
from archive.site.pages import stats as stats_pages
from archive.site.pages import stats_data
from archive.site.stats.basis import NATION, Unit, unit_of
from archive.site.stats.facts import ReportFacts
from archive.site.stats.standing import standings
from archive.site.stats.totals import by_year, growth, total, totals
from crawler.demo_country import NOTICE, make_country
from tests.archive.site_archive import Client

REGIONS = {
    code: {"code": code, "name": name, "level": level}
    for code, name, level in (
        ("330000", "浙江省", "province"), ("330300", "温州市", "city"), ("330304", "瓯海区", "county"), ("110000", "北京市", "province"),
        ("110100", "市辖区", "city"), ("110101", "东城区", "county"),
    )
}  # fmt: skip
RECEIVED, DISPOSED, GRANTED = (f"applications.{row}.total" for row in ("received", "disposed_total", "granted"))
PARTLY = "applications.partly_granted.total"


def agency(name: str, kind: str, region: str | None, aliases: str = "[]") -> dict[str, str | None]:
    return {"name": name, "kind": kind, "region": region, "aliases": aliases}


@pytest.mark.parametrize(
    ("what", "kind", "areas"),
    [
        (agency("温州市瓯海区人民政府", "government", "330304"), "county.government", (NATION, "330000", "330300", "330304")),
        (agency("瓯海经济开发区管理委员会", "government", "330304"), "county.zone", (NATION, "330000", "330300", "330304")),
        (agency("区政府", "government", "330304", '["瓯海区政府"]'), "county.government", (NATION, "330000", "330300", "330304")),
        (agency("温州市财政局", "department", "330300"), "city.department", (NATION, "330000", "330300")),
        (agency("浙江省人民政府", "government", "330000"), "province.government", (NATION, "330000")),
        (agency("仙岩街道办事处", "township", "330304"), "township.township", (NATION, "330000", "330300", "330304")),
    ],
)  # fmt: skip
def test_units_of_agencies(what: dict[str, str | None], kind: str, areas: tuple[str, ...]) -> None:
    unit = unit_of(what, REGIONS)
    assert unit is not None
    assert (unit.kind, unit.areas) == (kind, areas)


def test_an_agency_without_a_place_is_in_no_unit() -> None:
    assert unit_of(agency("某局", "department", None), REGIONS) is None
    assert unit_of(agency("某局", "department", "999999"), REGIONS) is None


@pytest.mark.parametrize(
    ("figures", "disputed", "expected"),
    [
        ({GRANTED: 3.0, PARTLY: 1.0, DISPOSED: 8.0}, (), (4.0, 8.0, USED)),
        ({GRANTED: 3.0, PARTLY: None, DISPOSED: 8.0}, (), (3.0, 8.0, USED)),  # a blank beside a value is 0
        ({GRANTED: None, PARTLY: None, DISPOSED: 8.0}, (), (0.0, 0.0, NONE)),  # all blank is no value, never 0
        ({GRANTED: 3.0, DISPOSED: 8.0}, (), (0.0, 0.0, UNSURE)),  # one was not read
        ({GRANTED: 3.0, PARTLY: 1.0, DISPOSED: 8.0}, (DISPOSED,), (4.0, 8.0, DISPUTED)),
        ({GRANTED: 9.0, PARTLY: 1.0, DISPOSED: 8.0}, (), (10.0, 8.0, DISPUTED)),  # more than 100 %
        ({GRANTED: 3.0, PARTLY: 1.0, DISPOSED: 8.0}, ("disclosure.fees.amount",), (4.0, 8.0, USED)),
    ],
)
def test_the_value_of_a_report(
    figures: dict[str, float | None], disputed: tuple[str, ...], expected: tuple[float, float, int]
) -> None:
    assert value_of(BY_CODE["granted_share"], "2021", figures, frozenset(disputed)) == expected


def made(reports: list[tuple[str, int, str, str, float, int]]) -> ReportFacts:
    """Facts of `received`: agency, year, basis, county, value, state."""
    facts = ReportFacts()
    for number, (name, year, basis, county, value, state) in enumerate(reports):
        facts.reports.append(f"r{number}")
        facts.versions.append(1)
        facts.agencies.append(name)
        facts.years.append(year)
        unit = Unit(basis.rpartition(".")[0], f"{county[:2]}0000", f"{county[:4]}00", county)
        facts.units.append(unit)
        facts.bases.append(basis)
        for item in INDICATORS:
            column = facts.columns[item.code]
            column.numerators.append(value)
            column.denominators.append(1.0)
            column.states.append(state)
        for area in unit.areas:
            facts.places.setdefault((basis, area), []).append(number)
    return facts


BASES = ("county.government.region", "county.government.office", "county.department.department")
COUNTIES = ("330304", "330303", "330102", "110101")
#: A busy machine makes a slow example of any.
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REPORTS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.integers(2019, 2022), st.sampled_from(BASES), st.sampled_from(COUNTIES),
        st.integers(0, 1000).map(float), st.sampled_from((USED, USED, NONE, UNSURE, DISPUTED)),
    ),
    max_size=40,
)  # fmt: skip


@QUICK
@given(REPORTS)
def test_the_parts_add_up_to_the_whole(reports: list[tuple[str, int, str, str, float, int]]) -> None:
    """In each basis: the sums of the provinces are the nation's, those of the counties their province's; no report counts twice."""
    facts, indicator = made(reports), BY_CODE["received"]
    for basis in BASES:
        for year, numbers in by_year(facts, basis, NATION).items():
            whole = total(facts, indicator, numbers, year)
            assert len(numbers) == len(set(numbers)) == whole.seen
            assert all(facts.bases[number] == basis for number in numbers)
            for areas in (("330000", "110000"), COUNTIES):
                parts = [total(facts, indicator, by_year(facts, basis, area).get(year, []), year) for area in areas]
                assert sum(part.numerator for part in parts) == whole.numerator
                assert sum(part.used for part in parts) == whole.used
                assert sum(part.disputed for part in parts) == whole.disputed
    assert sum(len(facts.within(basis, NATION)) for basis in BASES) == len(reports)


@QUICK
@given(REPORTS)
def test_growth_is_of_the_same_agencies(reports: list[tuple[str, int, str, str, float, int]]) -> None:
    unique = list({(name, year, basis): one for one in reports for name, year, basis in [one[:3]]}.values())
    facts = made(unique)
    found = growth(facts, BY_CODE["received"], BASES[0], NATION, 2020)
    sound = {
        (name, year): value for name, year, basis, _, value, state in unique if basis == BASES[0] and state == USED
    }
    both = {name for name, year in sound if year == 2019} & {name for name, year in sound if year == 2020}
    assert found.agencies == len(both)
    assert found.before == sum(sound[name, 2019] for name in both)
    assert found.after == sum(sound[name, 2020] for name in both)


def test_what_is_disputed_is_beside_the_total_and_not_in_it() -> None:
    rows = [("a", 2021, BASES[0], "330304", 5.0, USED), ("b", 2021, BASES[0], "330304", 90000.0, DISPUTED)]
    found = totals(made(rows), BY_CODE["received"], BASES[0], NATION)[0]
    assert (found.value, found.value_with, found.used, found.disputed) == (5.0, 90005.0, 1, 1)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    archive, _ = make_country(tmp_path_factory.mktemp("country") / "a", size=0.05, only=("330000", "540000", "110000"))
    client = Client(archive)
    yield client
    client.close()


def _csv(country: Client, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(country.text(path).lstrip("\ufeff"))))


def test_every_total_is_the_sum_of_its_rows(country: Client) -> None:
    for item in OFFERED:
        for line in _csv(country, f"/stats/{item.code}.csv?all=1"):
            if line["region"] not in ("", "330000") or line["year"] not in ("2019", "2023"):
                continue
            query = f"basis={line['basis']}&region={line['region']}&year={line['year']}"
            rows = _csv(country, f"/stats/{item.code}/rows.csv?{query}")
            used = [row for row in rows if row["state"] == "used"]
            assert len({(row["report"], row["agency_id"]) for row in rows}) == len(rows)
            assert len(used) == int(line["n_used"])
            assert sum(float(row["numerator"]) for row in used) == float(line["numerator"])
            if item.is_ratio:
                assert sum(float(row["denominator"]) for row in used) == float(line["denominator"])
            parts = sum(
                int(line[name]) for name in ("n_used", "n_disputed", "n_unread", "n_missing", "n_unknown", "n_rest")
            )
            assert parts == int(line["n_due"])


def test_the_sql_of_a_number_gives_the_number(country: Client) -> None:
    for item in OFFERED:
        lines = [line for line in _csv(country, f"/stats/{item.code}.csv?all=1") if line["year"] in ("2020", "2023")]
        for line in lines[:: max(1, len(lines) // 8)]:
            query = f"basis={line['basis']}&region={line['region']}&year={line['year']}"
            answer = country.get(f"/stats/{item.code}/sql?{query}")
            if item.is_typical:
                assert answer.status_code == 404
                continue
            address = answer.headers["location"].replace("/ogi/sql?", "/ogi/sql.json?")
            got = country.get(address).json()
            assert got["ok"], (got, address)
            row = got["rows"][0]
            assert (row["n_used"], row["numerator"] or 0) == (int(line["n_used"]), float(line["numerator"])), (
                item,
                line,
            )
            if line["value"] and row["n_used"]:
                assert row["value"] == pytest.approx(float(line["value"])), (item, line)


def test_an_error_finding_is_out_of_totals_and_said(country: Client) -> None:
    wrong = country.sql("select report from findings where \"check\" = 'balance' and severity = 'error'")
    assert wrong
    lines = [line for line in _csv(country, "/stats/received.csv?all=1") if line["region"] == ""]
    assert sum(int(line["n_disputed"]) for line in lines) >= len({row["report"] for row in wrong})
    for line in lines:
        if int(line["n_disputed"]):
            rows = _csv(country, f"/stats/received/rows.csv?basis={line['basis']}&year={line['year']}&state=disputed")
            assert all("balance" in row["findings"] and row["disputed"] == "1" for row in rows)
            assert float(line["value_with_disputed"]) > float(line["value"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_link_of_the_statistics_is_dead(country: Client, lang: str) -> None:
    seen: set[str] = set()
    for start in (
        "/stats",
        "/stats/granted_share",
        "/stats/received?region=330000",
        "/region/330000",
        "/region/110000",
        "/portals",
        "/glossary",
    ):
        text = country.text(start, lang=lang)
        assert NOTICE.partition("：")[0] in text
        seen |= {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', text)}
    kinds: dict[str, str] = {}
    for link in sorted(seen):  # one of each shape
        kinds.setdefault(re.sub(r"=[^&]*|\d{6}|[0-9a-f]{12}|p-?\d+[\w-]*", "=", link), link)
    for link in kinds.values():
        assert country.get(link).status_code in (200, 302), link


def test_a_place_with_few_reports_has_no_value(country: Client) -> None:
    text = country.text("/stats/received")
    assert "▨" in text
    for place in _csv(country, "/stats/received/places.csv"):
        assert int(place["n_used"]) <= int(place["n_due"])


def test_a_place_as_data_says_what_its_page_says(country: Client) -> None:
    found = country.get("/region/330000.json").json()
    assert found["total"] == found["returned"] == len(found["rows"]) == len(_csv(country, "/region/33.csv"))
    assert {row["region"] for row in found["rows"]} == {"330000"}
    wide = [line for line in _csv(country, "/stats/received.csv?all=1") if line["region"] == "330000"]
    own = [row for row in found["rows"] if row["indicator"] == "received"]
    assert [(row["basis"], str(row["year"]), row["n_used"]) for row in own] == [
        (line["basis"], line["year"], int(line["n_used"])) for line in wide
    ]
    due = sum(one["n"] for one in found["obligations"] if one["year"] == 2024)
    text = country.text("/region/330000?year=2024")
    counts = [
        int(n)
        for n in re.findall(
            r"<td class=\"n\">(\d+)</td></tr>", text.partition('<table class="plain">')[2].partition("</table>")[0]
        )
    ]
    assert sum(counts) == due
    assert country.get("/region/999999.json").status_code == 404


def test_the_printed_whole_and_the_sum_of_the_parts_stand_beside_each_other(country: Client) -> None:
    for code in ("330000", "110000"):
        for line in _csv(country, f"/region/{code}.csv"):
            if (line["indicator"], line["basis"]) != ("received", "province.government.region"):
                continue
            text = country.text(f"/region/{code}?year={line['year']}&basis={line['basis']}")
            parts = [
                other
                for other in _csv(country, f"/region/{code}.csv")
                if (other["indicator"], other["basis"], other["year"])
                == ("received", "city.government.region", line["year"])
            ]
            both = line["value"] and parts and parts[0]["value"]
            assert ("两个数不相加" in text) == bool(both)
            if both:
                note = text.partition('<p class="note">')[2].partition("</p>")[0].replace(",", "")
                assert f"新收 {float(line['value']):g} 件" in note
                assert f"新收 {float(parts[0]['value']):g} 件" in note


def test_panels_and_comparisons_say_the_same(country: Client) -> None:
    """One adds in Python, the other in SQL."""
    wrong = "select r.agency from findings f join reports r on r.id = f.report where f.severity = 'error'"
    agencies = {
        row["agency"] for row in country.sql(f"select agency from ({wrong}) union select id from agencies limit 12")
    }
    assert len(agencies) > 3
    for agency in agencies:
        panel = {(row["indicator"], row["year"]): row for row in _csv(country, f"/agency/{agency}/panel.csv")}
        for item in PRINTED:
            for row in _csv(country, f"/compare.csv?indicator={item.code}&agency={agency}"):
                other = panel[item.code, row["year"]]
                for name in ("unsure", "disputed", "findings", "denominator"):
                    assert (row[name] or "0") == (other[name] or "0"), (item.code, row, other)
                assert bool(row["value"]) == bool(other["value"])
                if row["value"]:
                    assert float(row["value"]) == pytest.approx(float(other["value"]), abs=0.006)


def test_the_front_page_shows_the_statistics_with_their_coverage(country: Client) -> None:
    home = country.text("/")
    whole = country.text("/stats")
    cards = re.findall(r'<a href="(/stats/[a-z_]+)\?[^"]*"><span class="t">.*?<span class="v">(.*?)</span>', home, re.S)
    assert [path for path, _ in cards] == ["/stats/received", "/stats/granted_share", "/stats/on_time_share"]
    for path, value in cards:
        assert re.search(rf'{path}\?[^"]*"><span class="t">.*?<span class="v">{re.escape(value)}</span>', whole, re.S)


def test_charts_are_files_and_figures_of_other_pages(country: Client) -> None:
    answer = country.get("/stats/granted_share.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "<metadata>" in answer.text
    assert "<style>" in answer.text
    embed = country.get("/embed/outcomes/trend")
    assert "frame-ancestors *" in embed.headers["content-security-policy"]
    assert "<script" not in embed.text
    assert "set-cookie" not in embed.headers
    assert "frame-ancestors 'self'" in country.get("/stats").headers["content-security-policy"]


def test_charts_are_pictures_where_letters_can_be_drawn(country: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = country.get("/stats/granted_share.png?w=640")
    if raster.why_not() is None:
        assert answer.headers["content-type"] == "image/png"
        assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(answer.content[16:20], "big") == 640
        assert "og:image" in country.text("/stats/granted_share")
    monkeypatch.setattr(stats_data, "why_not", lambda: "no font")
    monkeypatch.setattr(stats_pages, "why_not", lambda: "no font")
    answer = country.get("/stats/granted_share.png")
    assert (answer.status_code, answer.text) == (503, "no font")
    assert ".png" not in country.text("/stats/granted_share")


def test_an_agency_stands_among_its_kind() -> None:
    others = [(f"o{number}", 2021, BASES[0], "330304", float(number), USED) for number in range(9)]
    rows = [
        *others,
        ("me", 2021, BASES[0], "110101", 6.5, USED),
        ("me", 2022, BASES[0], "110101", 99.0, DISPUTED),  # the newest year that counts is the one before
        ("x", 2021, BASES[1], "330304", 1.0, USED),
    ]
    found = {one.indicator.code: one for one in standings(made(rows), "me")}
    assert (found["received"].year, found["received"].value, found["received"].below, found["received"].reports) == (
        2021,
        6.5,
        70.0,
        10,
    )
    assert standings(made(rows), "x") == []  # alone of its kind
    assert standings(made(rows), "nobody") == []


def test_an_agency_has_its_panel(country: Client) -> None:
    agency = country.sql("select agency from reports where scope = 'region' and year = 2023 order by agency limit 1")[
        0
    ]["agency"]
    html = country.text(f"/agency/{agency}")
    assert f"/agency/{agency}/panel.csv" in html
    panel = _csv(country, f"/agency/{agency}/panel.csv")
    years = country.sql(f"select year from reports where agency = '{agency}'")
    assert len(panel) == len(years) * len(PRINTED)
    rows = {(row["year"], row["indicator"]): row for row in panel}
    for year in {row["year"] for row in panel}:
        basis = "county.government.region"
        for line in _csv(country, f"/stats/received/rows.csv?basis={basis}&year={year}"):
            if line["agency_id"] == agency and line["state"] == "used":
                assert float(rows[year, "received"]["value"]) == float(line["numerator"])
                assert rows[year, "received"]["disputed"] == "0"
    assert country.get("/agency/nobody/panel.csv").status_code == 404


def test_an_archive_that_is_there_is_left_alone(tmp_path: Path) -> None:
    from crawler.demo_country import CountryError

    make_country(tmp_path / "a", size=0.01, only=("110000",))
    with pytest.raises(CountryError, match="holds an archive already"):
        make_country(tmp_path / "a")
