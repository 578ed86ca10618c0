"""What the audit says, by check, severity and region."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

from archive.site.finding_words import finding_words
from archive.site.i18n import language_of
from archive.site.memory import steady
from archive.site.params import page_of, region_of
from archive.site.provinces import province_choices
from archive.site.view import render, rows
from extract.audit import CHECKS
from extract.lexicon.regions import region_stem

PAGE_SIZE = 50
#: The findings of a region, read from its agencies.
BY_AGENCY = "agencies a cross join reports r on r.agency = a.id and a.region like :region cross join findings f on f.report = r.id"
#: So many findings are sorted rather than sought among all reports.
FEW = 1000
SEVERITIES = ("error", "warning", "info")
#: A finding is shown if it is of a report's current version and nobody dismissed it.
SHOWN = "f.version = r.version and f.status <> 'dismissed'"


async def findings(datasette: Any, request: Any) -> Any:
    """The findings of current versions, errors first, the newest years first within them."""
    check, severity = request.args.get("check") or "", request.args.get("severity") or ""
    region, page = region_of(request), page_of(request)
    counts = await _counts(datasette, region)
    chosen = [row for row in counts if check in ("", row["check"]) and severity in ("", row["severity"])]
    total = sum(row["n"] for row in chosen)
    return await render(
        datasette,
        request,
        "findings.html",
        {
            "groups": by_report(await _page(datasette, chosen, check, region, page), language_of(request)),
            "checks": table_of(counts),
            "all_checks": tuple(CHECKS),
            "check": check if check in CHECKS else "",
            "severity": severity if severity in SEVERITIES else "",
            "severities": SEVERITIES,
            "region": region,
            "provinces": await province_choices(datasette, language_of(request)),
            "total": total,
            "page": page,
            "pages": -(-total // PAGE_SIZE),
        },
        section="findings",
    )


def by_report(found: list[dict[str, Any]], language: str) -> list[list[dict[str, Any]]]:
    """Findings in their order, those of a report that follow each other together, with their words in the reader's language."""
    said = [{**finding, "words": finding_words(finding, language)} for finding in found]
    return [list(some) for _, some in groupby(said, key=itemgetter("report"))]


async def _counts(datasette: Any, region: str) -> list[dict[str, Any]]:
    """How many findings of each check and severity."""
    source = BY_AGENCY if region else "findings f join reports r on r.id = f.report"
    parameters = {"region": region_stem(region) + "%"} if region else {}
    return await steady(
        datasette,
        f'select f."check", f.severity, count(*) as n from {source} where {SHOWN} group by 1, 2',
        parameters,
    )


def table_of(counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each check with its number of findings by severity, the most frequent check first."""
    found: dict[str, dict[str, Any]] = {}
    for row in counts:
        line = found.setdefault(row["check"], {"name": row["check"], **dict.fromkeys(SEVERITIES, 0)})
        line[row["severity"]] += row["n"]
    return sorted(found.values(), key=lambda line: (-sum(line[severity] for severity in SEVERITIES), line["name"]))


async def _page(
    datasette: Any, chosen: list[dict[str, Any]], check: str, region: str, page: int
) -> list[dict[str, Any]]:
    """One page of findings. Each severity is read by itself: many from the newest reports on, which sorts nothing; few by their check."""
    parameters = {"region": region_stem(region) + "%"} if region else {}
    by_year, few = (
        "reports r cross join findings f on f.report = r.id",
        "findings f cross join reports r on r.id = f.report",
    )
    if region:
        by_year += " join agencies a on a.id = r.agency and a.region like :region"
        few = BY_AGENCY
    wanted, skip = PAGE_SIZE, (page - 1) * PAGE_SIZE
    found: list[dict[str, Any]] = []
    for severity in SEVERITIES:
        number = sum(row["n"] for row in chosen if row["severity"] == severity)
        if skip >= number or not wanted:
            skip = max(0, skip - number)
            continue
        condition = ' and f."check" = :check' if check else ""
        source = few if number < FEW else by_year
        found += await rows(
            datasette,
            f"select f.*, r.year, n.name as agency from {source} join agencies n on n.id = r.agency "
            f"where {SHOWN} and f.severity = :severity{condition} order by r.year desc, r.id desc, f.id limit :limit offset :offset",
            {**parameters, "severity": severity, "check": check, "limit": wanted, "offset": skip},
        )
        wanted, skip = PAGE_SIZE - len(found), 0
    return found


ROUTES = ((r"^/findings$", findings),)
