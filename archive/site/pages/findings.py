"""What the audit says, by check, severity and region."""

from __future__ import annotations

from typing import Any

from archive.register import region_stem
from archive.site.memory import steady
from archive.site.view import render, rows

PAGE_SIZE = 50
SEVERITIES = ("error", "warning", "info")


async def findings(datasette: Any, request: Any) -> Any:
    """The findings of current versions, errors first."""
    conditions = ["f.version = r.version", "f.status <> 'dismissed'"]
    parameters: dict[str, Any] = {}
    for name, column in (("check", 'f."check"'), ("severity", "f.severity")):
        value = request.args.get(name)
        if value:
            conditions.append(f"{column} = :{name}")
            parameters[name] = value
    region = (request.args.get("region") or "")[:6]
    if region.isdigit():
        conditions.append("a.region like :region")
        parameters["region"] = region_stem(region) + "%"
    source = f"from findings f join reports r on r.id = f.report join agencies a on a.id = r.agency where {' and '.join(conditions)}"
    page_text = request.args.get("page") or "1"
    page = max(1, min(10_000, int(page_text))) if page_text.isdigit() else 1
    total = (await steady(datasette, f"select count(*) as n {source}", parameters))[0]["n"]
    found = await rows(
        datasette,
        f"select f.*, r.year, r.title, a.name as agency {source} "
        "order by case f.severity when 'error' then 0 when 'warning' then 1 else 2 end, r.year desc, f.report, f.id "
        f"limit {PAGE_SIZE} offset :offset",
        {**parameters, "offset": (page - 1) * PAGE_SIZE},
    )
    checks = await steady(
        datasette,
        'select f."check" as name, count(*) as n from findings f join reports r on r.id = f.report and r.version = f.version '
        "where f.status <> 'dismissed' group by 1 order by 2 desc",
    )
    return await render(
        datasette,
        request,
        "findings.html",
        {
            "findings": found,
            "checks": checks,
            "check": request.args.get("check"),
            "severity": request.args.get("severity"),
            "severities": SEVERITIES,
            "total": total,
            "page": page,
            "pages": -(-total // PAGE_SIZE),
        },
        section="findings",
    )


ROUTES = ((r"^/findings$", findings),)
