"""Full-text search: ranked, with facets, snippets and a bounded cost for words that are everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.search import literals, match_query, snippet
from archive.site.view import render, rows

PAGE_SIZE = 20
#: bm25 costs by hit, not by result: above this many hits only the newest are ranked.
RANKED_HITS = 5_000
SNIPPET_WIDTH = 90

#: The errors that the audit found in a report's current version.
ERRORS = (
    "select {} from findings f where f.report = r.id and f.version = r.version "
    "and f.severity = 'error' and f.status <> 'dismissed'"
)

#: Facets: argument of the address, expression over the joined tables, order.
FACETS: dict[str, tuple[str, str]] = {
    "year": ("r.year", "value desc"),
    "region": ("substr(a.region, 1, 2) || '0000'", "n desc"),
    "kind": ("a.kind", "n desc"),
    "form": ("coalesce(r.form, '')", "value desc"),
    "findings": (f"exists ({ERRORS.format('1')})", "value desc"),
}
SORTS = ("relevance", "newest", "oldest")


@dataclass(frozen=True, slots=True)
class Hits:
    """The SQL of a search: which reports match, with the chosen facets."""

    source: str
    condition: str
    parameters: dict[str, Any]

    def select(self, columns: str, tail: str = "") -> str:
        """A query over the matching reports."""
        return f"select {columns} from {self.source} where {self.condition} {tail}"


def build_hits(query: str, chosen: dict[str, str]) -> Hits:
    """Parse a visitor's words and facets into SQL with parameters; nothing of the words becomes SQL or FTS syntax."""
    source = "reports r join agencies a on a.id = r.agency"
    conditions = ["1"]
    parameters: dict[str, Any] = {}
    if query:
        conditions.append("r.search_id in (select rowid from report_fts where report_fts match :match)")
        parameters["match"] = match_query(query)
    for facet, value in chosen.items():
        conditions.append(f"{FACETS[facet][0]} = :{facet}")
        parameters[facet] = int(value) if facet in ("year", "findings") and value.lstrip("-").isdigit() else value
    return Hits(source, " and ".join(conditions), parameters)


async def search(datasette: Any, request: Any) -> Any:
    """The search page; without words it lists all reports, newest first."""
    query = (request.args.get("q") or "").strip()[:200]
    chosen = {facet: value for facet in FACETS if (value := request.args.get(facet))}
    sort = request.args.get("sort") if request.args.get("sort") in SORTS else "relevance" if query else "newest"
    page_text = request.args.get("page") or "1"
    page = max(1, min(500, int(page_text))) if page_text.isdigit() else 1
    hits = build_hits(query, chosen)
    total = (await rows(datasette, hits.select("count(*) as n"), hits.parameters))[0]["n"]
    results = await _results(datasette, hits, query, sort, total, page)
    facets = {}
    for facet, (expression, order) in FACETS.items():
        others = build_hits(query, {key: value for key, value in chosen.items() if key != facet})
        sql = others.select(f"{expression} as value, count(*) as n", f"group by 1 order by {order} limit 40")
        facets[facet] = await rows(datasette, sql, others.parameters)
    names = {
        row["code"]: row["name"]
        for row in await rows(datasette, "select code, name from regions where level = 'province'")
    }
    return await render(
        datasette,
        request,
        "search.html",
        {
            "q": query,
            "total": total,
            "results": results,
            "facets": facets,
            "chosen": chosen,
            "sort": sort,
            "page": page,
            "pages": -(-min(total, PAGE_SIZE * 500) // PAGE_SIZE),
            "region_names": names,
            "ranked_part": sort == "relevance" and bool(query) and total > RANKED_HITS,
        },
        section="reports",
    )


async def _results(
    datasette: Any, hits: Hits, query: str, sort: str | None, total: int, page: int
) -> list[dict[str, Any]]:
    columns = (
        "r.id, r.title, r.year, r.form, r.scope, r.status, r.published_on, r.first_seen, r.version, a.name as agency, a.kind, a.id as agency_id, "
        f"({ERRORS.format('count(*)')}) as errors"
    )
    parameters = {**hits.parameters, "limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
    if sort == "relevance" and query:
        newest = (
            " and r.search_id >= (select coalesce(min(id), 0) from (select rowid as id from report_fts where report_fts match :match "
            f"order by rowid desc limit {RANKED_HITS}))"
            if total > RANKED_HITS
            else ""
        )
        sql = (
            f"select {columns} from report_fts join reports r on r.search_id = report_fts.rowid join agencies a on a.id = r.agency "
            f"where report_fts match :match and {hits.condition}{newest} "
            "order by bm25(report_fts, 8.0, 1.0), r.search_id desc limit :limit offset :offset"
        )
    else:
        order = "r.year, r.search_id" if sort == "oldest" else "r.year desc, r.search_id desc"
        sql = hits.select(columns, f"order by {order} limit :limit offset :offset")
    found = await rows(datasette, sql, parameters)
    for result in found:
        result["matches"] = await _matches(datasette, result, query) if query else []
    return found


async def _matches(datasette: Any, result: dict[str, Any], query: str) -> list[dict[str, str]]:
    """Where the words stand: the sections that hold them, with a highlighted piece each, at most three."""
    sections = await rows(
        datasette,
        "select heading, text from report_text where report = :report and version = :version order by position",
        {"report": result["id"], "version": result["version"]},
    )
    words = literals(query)
    found = []
    for section in sections:
        piece = snippet(section["text"], query, SNIPPET_WIDTH)
        if "<mark>" in piece:
            found.append(
                {"heading": section["heading"], "piece": piece, "words": sum(word in section["text"] for word in words)}
            )
    found.sort(key=lambda match: -int(match["words"]))
    return [{"heading": match["heading"], "piece": match["piece"]} for match in found[:3]]


ROUTES = ((r"^/search$", search),)
