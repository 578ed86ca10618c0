"""Datasette's metadata of the tables: titles, search, facets, and what is not published."""

from __future__ import annotations

DATABASE = "ogi"

#: Tables and views of the contract, in the order in which they are shown, with one line each.
PUBLIC_TABLES: dict[str, str] = {
    "reports": "年报 · one agency's annual report for one year",
    "figures": "数字 · one row a figure of the current version",
    "applications": "申请办理情况 · requests received and handled",
    "disclosure": "主动公开情况 · active disclosure",
    "challenges": "复议诉讼情况 · reconsideration and litigation",
    "indicators": "统计指标 · any other label / unit / value table",
    "changes": "变动 · published, revised, vanished, restored, moved, delisted, replaced, corrected, column-shrank",
    "figure_changes": "数字变动 · figures before and after a change",
    "findings": "核对结果 · what the audit says",
    "obligations": "发布义务 · who had to publish by when, and did",
    "agencies": "机关 · who must publish",
    "regions": "行政区划 · GB/T 2260",
    "portals": "网站 · where reports are published, and how they were read last",
    "versions": "版本 · states of a report's content",
    "captures": "存证 · stored HTTP exchanges",
    "runs": "采集 · passes over the portals",
}

FACETS: dict[str, list[str]] = {
    "reports": ["year", "form", "status"],
    "changes": ["kind"],
    "findings": ["check", "severity"],
    "obligations": ["year", "status", "kind"],
    "agencies": ["kind", "source"],
    "captures": ["verdict", "role"],
}

SORTING: dict[str, dict[str, str]] = {
    "reports": {"sort_desc": "year"},
    "changes": {"sort_desc": "at"},
    "captures": {"sort_desc": "at"},
    "runs": {"sort_desc": "started_at"},
}

SETTINGS: dict[str, object] = {
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 1000,
    "suggest_facets": False,
    "num_sql_threads": 4,
    "max_returned_rows": 1000,
    "allow_download": True,
    "default_cache_ttl": 5,
    "max_csv_mb": 0,  # a download is whole or refused, never cut
    "default_allow_sql": False,  # visitors' SQL has a page of our own, with threads of its own
}


def build_metadata(hidden: list[str]) -> dict[str, object]:
    """Datasette's metadata: `hidden` names the helper tables, which are left out of listings."""
    tables: dict[str, dict[str, object]] = {name: {"hidden": True} for name in hidden}
    for name, description in PUBLIC_TABLES.items():
        tables[name] = {"description": description, **SORTING.get(name, {})}
        if name in FACETS:
            tables[name]["facets"] = FACETS[name]
    # A contentless FTS table is not detected by itself, and an undetected one makes the search box return everything.
    tables["reports"] |= {"fts_table": "report_fts", "fts_pk": "search_id", "label_column": "title"}
    tables["agencies"] |= {"label_column": "name"}
    return {
        "title": "年报档案 · OGI Archive",
        "description": "政府信息公开工作年度报告的存证、数字与变动",
        "databases": {DATABASE: {"tables": tables}},
    }
