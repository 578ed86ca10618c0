"""Full-text search: ranked, with facets, snippets and a bounded cost for words that are everywhere.

The full-text table gives the numbers of all reports that match; what the facets need of each report is kept in memory, so that counting and
narrowing down cost a few milliseconds whatever the words. Only the page's own twenty reports are read from the database.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import urlencode

from markupsafe import Markup

from archive.index.rows import of_type
from archive.index.search import highlight, literals, match_query, snippet
from archive.publish.feeds import search_feed
from archive.publish.spreadsheet import CONTENT_TYPE, attachment
from archive.site.finder import FEW, MOST, find
from archive.site.http.addresses import path_of
from archive.site.i18n import language_of
from archive.site.memory import keep, patient_rows, steady
from archive.site.params import day_of, page_of, region_of
from archive.site.provinces import province_name
from archive.site.state import site_url
from archive.site.streams import ROWS, Rows, RowStream, csv_piece
from archive.site.view import database, render, rows
from extract.lexicon.regions import region_stem

PAGE_SIZE = 20
#: bm25 costs by hit, not by result: above this many hits only the newest are ranked.
RANKED_HITS = 5_000
SNIPPET_WIDTH = 90
SORTS = ("relevance", "newest", "oldest")

#: Facets in the order of `TRAITS` columns, and whether the most frequent value comes first (else the highest).
FACETS = {"year": False, "region": True, "kind": True, "form": False, "findings": False}
TRAITS = """
select r.search_id, r.year, coalesce(substr(nullif(a.region, ''), 1, 2) || '0000', 'none') as region, a.kind, coalesce(r.form, 'none') as form,
  r.id in (select f.report from findings f join reports c on c.id = f.report and c.version = f.version
    where f.severity = 'error' and f.status <> 'dismissed') as findings
from reports r join agencies a on a.id = r.agency order by r.search_id desc
"""
RESULTS = """
select r.id, r.search_id, r.title, r.year, r.form, r.scope, r.status, r.published_on, r.first_seen, r.version, a.name as agency, a.kind,
  a.id as agency_id, (select count(*) from findings f where f.report = r.id and f.version = r.version and f.severity = 'error'
    and f.status <> 'dismissed') as errors
from reports r join agencies a on a.id = r.agency where r.search_id in (select value from json_each(:ids))
"""
#: Reports of agencies in a region, printed as published within some days: what the facets don't know.
WITHIN = """
select r.search_id from reports r join agencies a on a.id = r.agency
where coalesce(a.region, '') like :stem and coalesce(r.published_on, '') between :first and :last
"""
COLUMNS = (
    "title", "agency", "agency_id", "kind", "year", "form", "scope", "status", "published_on", "first_seen", "version", "errors",
)  # fmt: skip
FEED_LENGTH = 100
#: As one text, because a row object for each of many thousand numbers takes as long again as finding them (measured: 24 against 13 ms of 50,000).
HITS = "select json_group_array(rowid) from (select rowid from report_fts where report_fts match ? order by rowid desc)"
RANKED = """
select rowid as id from report_fts where report_fts match :match and rowid >= :least and +rowid in (select value from json_each(:ids))
order by bm25(report_fts, 8.0, 1.0), rowid desc limit :limit offset :offset
"""


@dataclass(frozen=True, slots=True)
class Traits:
    """What the facets need of every report: its group by its number in the full-text table (newest first), and what the groups are."""

    group_of: dict[int, int]
    groups: tuple[tuple[str, ...], ...]
    counts: Counter[int]


async def _traits(datasette: Any) -> Traits:
    """What the facets need of every report, by its number in the full-text table."""

    async def read() -> Traits:
        found = await patient_rows(datasette, TRAITS)
        groups: dict[tuple[str, ...], int] = {}
        group_of = {
            row["search_id"]: groups.setdefault(tuple(str(row[facet]) for facet in FACETS), len(groups))
            for row in found
        }
        return Traits(group_of, tuple(groups), Counter(group_of.values()))

    return await keep(datasette, "search traits", read)


async def _hits(datasette: Any, query: str, traits: Traits) -> list[int]:
    """Numbers of the reports that match, newest first."""
    if not query:
        return list(traits.group_of)
    match = match_query(query)

    def read(connection: Any) -> str:
        return str(connection.execute(HITS, (match,)).fetchone()[0])

    found: list[int] = json.loads(await database(datasette).execute_fn(read))
    return found


def narrow(
    hits: list[int], traits: Traits, chosen: dict[str, str]
) -> tuple[list[int], dict[str, list[dict[str, object]]]]:
    """The hits that have all chosen traits, and for each facet its values among those that have all the other chosen ones."""
    places = {facet: place for place, facet in enumerate(FACETS)}
    wanted = {places[facet]: value for facet, value in chosen.items()}
    is_all = len(hits) == len(traits.group_of)
    numbers = traits.counts if is_all else Counter(map(traits.group_of.get, hits))
    groups = {traits.groups[group]: number for group, number in numbers.items() if group is not None}
    facets = {facet: _facet(facet, places[facet], groups, wanted) for facet in FACETS}
    if not wanted:
        return hits, facets
    allowed = {number for number, group in enumerate(traits.groups) if _has(group, wanted)}
    return [number for number in hits if traits.group_of.get(number) in allowed], facets


def _has(group: tuple[str, ...], wanted: Mapping[int, str]) -> bool:
    """Whether a group of reports has all the traits, by their places."""
    return all(group[place] == value for place, value in wanted.items())


def _facet(
    facet: str, place: int, groups: Mapping[tuple[str, ...], int], wanted: Mapping[int, str]
) -> list[dict[str, object]]:
    """The values of a facet with their numbers of reports, among those that have the traits wanted of the other facets."""
    others = {other: value for other, value in wanted.items() if other != place}
    counts: Counter[str] = Counter()
    for group, number in groups.items():
        if _has(group, others):
            counts[group[place]] += number
    order = sorted(counts.items(), key=lambda item: (item[1], item[0]) if FACETS[facet] else (item[0], item[1]))
    return [
        {"value": int(value) if facet in ("year", "findings") else value, "n": number}
        for value, number in reversed(order[-40:])
    ]


async def search(datasette: Any, request: Any) -> Any:
    """The search page; without words it lists all reports, newest first."""
    found = await _found(datasette, request)
    named_regions = "select code, name from regions where level = 'province' or code = :code"
    names = {
        row["code"]: province_name(row["code"], row["name"], language_of(request))
        for row in await steady(datasette, named_regions, {"code": found["chosen"].get("region", "")})
    }
    is_named = bool(found["q"]) and found["page"] == 1
    most = MOST if request.args.get("named") == "all" else FEW
    named = await find(datasette, found["q"], most=most) if is_named else None
    return await render(
        datasette, request, "search.html", {**found, "named": named, "region_names": names}, section="reports"
    )


def _columns(result: Mapping[str, object]) -> dict[str, object]:
    """The public columns of a report, in their order."""
    return {name: result[name] for name in COLUMNS}


async def search_json(datasette: Any, request: Any) -> Any:
    """The same hits for programs: how many, their facets, and a page of them with the passages as plain text."""
    from datasette import Response

    found = await _found(datasette, request)
    results = [
        {
            "report": result["id"],
            **_columns(result),
            "pieces": [
                ": ".join(filter(None, (match["heading"], match["piece"].striptags())))
                for match in result.get("matches", ())
            ],
        }
        for result in found["results"]
    ]
    about = {name: found[name] for name in ("q", "chosen", "sort", "page", "pages", "total", "facets")}
    return Response.json({**about, "results": results})


async def search_csv(datasette: Any, request: Any) -> Any:
    """All hits, newest first: complete or broken off."""
    asked = _asked(request)
    hits, _ = await _hits_and_facets(datasette, asked)

    def read() -> Iterator[tuple[list[str], Rows]]:
        connection = database(datasette).open_connection()
        try:
            connection.execute("begin")
            for start in range(0, max(1, len(hits)), ROWS):
                some = hits[start : start + ROWS]
                rows_of = {row["search_id"]: row for row in connection.execute(RESULTS, {"ids": json.dumps(some)})}
                yield (
                    ["report", *COLUMNS],
                    [(rows_of[one]["id"], *(rows_of[one][name] for name in COLUMNS)) for one in some if one in rows_of],
                )
        finally:
            connection.close()

    headers = {"content-disposition": attachment("search.csv"), "x-ogi-rows": str(len(hits))}
    return RowStream(read, csv_piece, content_type=CONTENT_TYPE, headers=headers)


async def search_atom(datasette: Any, request: Any) -> Any:
    """The newest hits, to be told of further ones."""
    from datasette import Response

    asked = _asked(request)
    hits, _ = await _hits_and_facets(datasette, asked)
    results = await _rows_of(datasette, hits[:FEED_LENGTH])
    newest = await rows(datasette, "select coalesce(max(ended_at), '1970-01-01T00:00:00Z') as at from runs")
    query = f"?{request.query_string}" if request.query_string else ""
    body = search_feed(
        results,
        base=site_url(datasette),
        path=f"{path_of(request)}{query}",
        page=f"{path_of(request).removesuffix('.atom')}{query}",
        title=" · ".join(filter(None, ("年报档案：检索", asked.query, *asked.chosen.values()))),
        updated=newest[0]["at"],
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8")


@dataclass(frozen=True, slots=True)
class _Asked:
    """Words and traits that an address asks for, and first and last day of publication (empty for any)."""

    query: str
    chosen: dict[str, str]
    first_day: str
    last_day: str

    @property
    def address(self) -> str:
        """The same as arguments of an address."""
        found = {"q": self.query, **self.chosen, "from": self.first_day, "to": self.last_day}
        return urlencode({name: value for name, value in found.items() if value})

    @property
    def stem(self) -> str:
        """The beginning of the codes of a region that is no province, which the facets know alone; empty for none."""
        code = self.chosen.get("region", "")
        return "" if not (code.isascii() and code.isdigit()) or code.endswith("0000") else region_stem(code)


def _asked(request: Any) -> _Asked:
    chosen = {facet: value for facet in FACETS if (value := request.args.get(facet))}
    region = region_of(request)
    if region:
        chosen["region"] = region.ljust(6, "0")
    query = (request.args.get("q") or "").strip()[:200]
    return _Asked(query, chosen, day_of(request, "from"), day_of(request, "to"))


async def _hits_and_facets(datasette: Any, asked: _Asked) -> tuple[list[int], dict[str, list[dict[str, object]]]]:
    """Numbers of all reports that are asked for, newest first, and the facets."""
    traits = await _traits(datasette)
    hits, chosen = await _hits(datasette, asked.query, traits), dict(asked.chosen)
    within = await _within(datasette, asked)
    if within is not None:
        hits = [number for number in hits if number in within]
    if asked.stem:
        chosen.pop("region")
    return narrow(hits, traits, chosen)


async def _within(datasette: Any, asked: _Asked) -> set[int] | None:
    """Numbers of the reports of a place that is no province, and of some days; `None` where none are asked for."""
    if not (asked.stem or asked.first_day or asked.last_day):
        return None
    least = "0" if asked.last_day else ""  # who asks for days wants reports with one
    wanted = {"stem": f"{asked.stem}%", "first": asked.first_day or least, "last": asked.last_day or "9"}
    return {row["search_id"] for row in await steady(datasette, WITHIN, wanted)}


class Passage(TypedDict):
    """A piece of a report's text with the words marked in it."""

    heading: str | None
    piece: Markup


class _Result(TypedDict):
    id: str
    search_id: int
    title: str | None
    year: int
    form: str | None
    scope: str | None
    status: str
    published_on: str | None
    first_seen: str
    version: int
    agency: str
    kind: str
    agency_id: str
    errors: int


class SearchResult(_Result, total=False):
    """A report that a search found; of a search for words, where these stand."""

    matches: list[Passage]
    marked_title: Markup


class SearchAnswer(TypedDict):
    """What an address asks for, and the reports of its page."""

    q: str
    total: int
    results: list[SearchResult]
    facets: dict[str, list[dict[str, object]]]
    chosen: dict[str, str]
    first_day: str | None
    last_day: str | None
    same_query: str
    sort: str
    page: int
    pages: int
    ranked_part: bool


async def _found(datasette: Any, request: Any) -> SearchAnswer:
    """What an address asks for: words, traits, order, page; and the reports of that page."""
    asked = _asked(request)
    query = asked.query
    sort = request.args.get("sort") if request.args.get("sort") in SORTS else "relevance" if query else "newest"
    page = page_of(request, most=500)
    hits, facets = await _hits_and_facets(datasette, asked)
    pages = -(-min(len(hits), PAGE_SIZE * 500) // PAGE_SIZE)
    page = min(page, max(1, pages))
    results = await _results(datasette, hits, query, sort, page)
    return {
        "q": query,
        "total": len(hits),
        "results": results,
        "facets": facets,
        "chosen": asked.chosen,
        "first_day": asked.first_day,
        "last_day": asked.last_day,
        "same_query": asked.address,
        "sort": sort,
        "page": page,
        "pages": pages,
        "ranked_part": sort == "relevance" and bool(query) and len(hits) > RANKED_HITS,
    }


async def _rows_of(datasette: Any, numbers: list[int]) -> list[SearchResult]:
    """The reports of some numbers, in their order."""
    some = of_type(SearchResult, await rows(datasette, RESULTS, {"ids": json.dumps(numbers)}))
    found = {row["search_id"]: row for row in some}
    return [found[number] for number in numbers if number in found]


async def _results(datasette: Any, hits: list[int], query: str, sort: str | None, page: int) -> list[SearchResult]:
    first = (page - 1) * PAGE_SIZE
    if sort == "relevance" and query and hits:
        newest = hits[:RANKED_HITS]
        ranked = await rows(
            datasette,
            RANKED,
            {
                "match": match_query(query),
                "least": newest[-1],
                "ids": json.dumps(newest),
                "limit": PAGE_SIZE,
                "offset": first,
            },
        )
        chosen = [row["id"] for row in ranked]
    elif sort == "oldest":
        chosen = hits[::-1][first : first + PAGE_SIZE]
    else:
        chosen = hits[first : first + PAGE_SIZE]
    results = await _rows_of(datasette, chosen)
    if query:
        await _add_matches(datasette, results, query)
    return results


async def _add_matches(datasette: Any, results: list[SearchResult], query: str) -> None:
    """Where the words stand: the sections that hold most of them, with a highlighted piece each, at most three."""
    words = literals(query)
    sections = await rows(
        datasette,
        "select t.report, t.heading, t.text from json_each(:wanted) w join report_text t on t.report = w.value ->> 0 "
        "and t.version = w.value ->> 1 order by t.report, t.position",
        {"wanted": json.dumps([(result["id"], result["version"]) for result in results])},
    )
    for result in results:
        found: list[tuple[int, Passage]] = []
        for section in sections:
            if section["report"] != result["id"] or len(found) >= 3:
                continue
            piece = snippet(section["text"], query, SNIPPET_WIDTH)
            if "<mark>" in piece:
                number = sum(word in section["text"] for word in words)
                found.append((number, {"heading": section["heading"], "piece": Markup(piece)}))  # escaped by `snippet`
        found.sort(key=lambda match: -match[0])
        result["matches"] = [match for _, match in found]
        result["marked_title"] = Markup(highlight(result["title"] or "", query))  # escaped by `highlight`


ROUTES = (
    (r"^/search$", search),
    (r"^/search\.json$", search_json),
    (r"^/search\.csv$", search_csv),
    (r"^/search\.atom$", search_atom),
)
