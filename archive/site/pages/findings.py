"""What the audit says, by check, severity and region."""

from __future__ import annotations

from typing import Any

from archive.register import region_stem
from archive.site.i18n import language_of
from archive.site.memory import steady
from archive.site.provinces import province_choices
from archive.site.view import render, rows
from extract.audit import CHECKS

PAGE_SIZE = 50
SEVERITIES = ("error", "warning", "info")
#: A finding is shown if it is of a report's current version and nobody dismissed it.
SHOWN = "f.version = r.version and f.status <> 'dismissed'"


async def findings(datasette: Any, request: Any) -> Any:
    """The findings of current versions, errors first, the newest years first within them."""
    check, severity = request.args.get("check") or "", request.args.get("severity") or ""
    region = (request.args.get("region") or "")[:6]
    region = region if region.isdigit() else ""
    page_text = request.args.get("page") or "1"
    page = max(1, min(10_000, int(page_text))) if page_text.isdigit() else 1
    counts = await _counts(datasette, region)
    chosen = [row for row in counts if check in ("", row["check"]) and severity in ("", row["severity"])]
    total = sum(row["n"] for row in chosen)
    return await render(
        datasette,
        request,
        "findings.html",
        {
            "findings": await _page(datasette, check, [row["severity"] for row in chosen], region, page),
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


def _where(region: str) -> tuple[str, dict[str, Any]]:
    if not region:
        return "", {}
    return " join agencies a on a.id = r.agency and a.region like :region", {"region": region_stem(region) + "%"}


async def _counts(datasette: Any, region: str) -> list[dict[str, Any]]:
    """How many findings of each check and severity."""
    join, parameters = _where(region)
    return await steady(
        datasette,
        f'select f."check", f.severity, count(*) as n from findings f join reports r on r.id = f.report{join} where {SHOWN} group by 1, 2',
        parameters,
    )


def table_of(counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each check with its number of findings by severity, the most frequent check first."""
    found: dict[str, dict[str, Any]] = {}
    for row in counts:
        line = found.setdefault(row["check"], {"name": row["check"], **dict.fromkeys(SEVERITIES, 0)})
        line[row["severity"]] += row["n"]
    return sorted(found.values(), key=lambda line: (-sum(line[severity] for severity in SEVERITIES), line["name"]))


async def _page(datasette: Any, check: str, severities: list[str], region: str, page: int) -> list[dict[str, Any]]:
    """One page of findings. Each severity is read by itself, so that the index of the years gives the order and nothing is sorted."""
    join, parameters = _where(region)
    wanted, skip = PAGE_SIZE, (page - 1) * PAGE_SIZE
    found: list[dict[str, Any]] = []
    for severity in SEVERITIES:
        if severity not in severities or not wanted:
            continue
        condition = ' and f."check" = :check' if check else ""
        numbers = await steady(
            datasette,
            f"select count(*) as n from findings f join reports r on r.id = f.report{join} where {SHOWN} and f.severity = :severity{condition}",
            {**parameters, "severity": severity, **({"check": check} if check else {})},
        )
        if skip >= numbers[0]["n"]:
            skip -= numbers[0]["n"]
            continue
        found += await rows(
            datasette,
            f"select f.*, r.year, n.name as agency from reports r cross join findings f on f.report = r.id{join} join agencies n on n.id = r.agency "
            f"where {SHOWN} and f.severity = :severity{condition} order by r.year desc, r.id, f.id limit :limit offset :offset",
            {**parameters, "severity": severity, "check": check, "limit": wanted, "offset": skip},
        )
        wanted, skip = PAGE_SIZE - len(found), 0
    return found


ROUTES = ((r"^/findings$", findings),)
