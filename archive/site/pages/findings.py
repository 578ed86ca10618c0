"""What the audit says, by check, severity and region."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import Any, TypedDict

from archive.index.codes import Severity
from archive.index.rows import of_type
from archive.site.finding_words import finding_words
from archive.site.i18n import language_of
from archive.site.memory import steady
from archive.site.params import page_of, region_of
from archive.site.provinces import province_choices
from archive.site.reports import SiteFinding
from archive.site.view import render, rows
from extract.audit import CHECKS
from extract.lexicon.regions import region_stem

PAGE_SIZE = 50
#: The findings of a region, read from its agencies.
BY_AGENCY = "agencies a cross join reports r on r.agency = a.id and a.region like :region cross join findings f on f.report = r.id"
#: So many findings are sorted rather than sought among all reports.
FEW = 1000
SEVERITIES = tuple(Severity)
#: A finding is shown if it is of a report's current version and nobody dismissed it.
SHOWN = "f.version = r.version and f.status <> 'dismissed'"


class FindingCount(TypedDict):
    """How many findings there are of a check and severity."""

    check: str
    severity: str
    n: int


class ListedFinding(SiteFinding):
    """A finding with its report's year and agency."""

    year: int
    agency: str


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


def by_report(found: list[ListedFinding], language: str) -> list[list[ListedFinding]]:
    """Findings in their order, those of a report that follow each other together, with their words in the reader's language."""
    said: list[ListedFinding] = [{**finding, "words": finding_words(finding, language)} for finding in found]
    return [list(some) for _, some in groupby(said, key=itemgetter("report"))]


async def _counts(datasette: Any, region: str) -> list[FindingCount]:
    """How many findings of each check and severity."""
    source = BY_AGENCY if region else "findings f join reports r on r.id = f.report"
    parameters = {"region": region_stem(region) + "%"} if region else {}
    sql = f'select f."check", f.severity, count(*) as n from {source} where {SHOWN} group by 1, 2'
    return of_type(FindingCount, await steady(datasette, sql, parameters))


def table_of(counts: list[FindingCount]) -> list[dict[str, str | int]]:
    """A row for each check with its number of findings by severity, the most frequent check first."""
    found: dict[str, Counter[str]] = {}
    for row in counts:
        found.setdefault(row["check"], Counter())[row["severity"]] += row["n"]
    ranked = sorted(found.items(), key=lambda item: (-item[1].total(), item[0]))
    return [{"name": name, **{severity: of[severity] for severity in SEVERITIES}} for name, of in ranked]


async def _page(datasette: Any, chosen: list[FindingCount], check: str, region: str, page: int) -> list[ListedFinding]:
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
    found: list[ListedFinding] = []
    for severity in SEVERITIES:
        number = sum(row["n"] for row in chosen if row["severity"] == severity)
        if skip >= number or not wanted:
            skip = max(0, skip - number)
            continue
        condition = ' and f."check" = :check' if check else ""
        source = few if number < FEW else by_year
        some = await rows(
            datasette,
            f"select f.*, r.year, n.name as agency from {source} join agencies n on n.id = r.agency "
            f"where {SHOWN} and f.severity = :severity{condition} order by r.year desc, r.id desc, f.id limit :limit offset :offset",
            {**parameters, "severity": severity, "check": check, "limit": wanted, "offset": skip},
        )
        found += of_type(ListedFinding, some)
        wanted, skip = PAGE_SIZE - len(found), 0
    return found


ROUTES = ((r"^/findings$", findings),)
