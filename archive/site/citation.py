"""Citations of a version: GB/T 7714, APA, BibTeX, each with the permanent address, the time of capture and the digest of the bytes."""

from __future__ import annotations

from typing import Any

from archive.site.view import beijing


def citations(report: dict[str, Any], version: dict[str, Any], base: str) -> dict[str, str]:
    """The three forms by name.

    Args:
        report: A row of `reports` with `agency_name`.
        version: A row of `versions` with `captured_at` and `digest` of its capture.
        base: The site's address without a final slash.
    """
    address = f"{base}/r/{report['id']}@{version['version']}"
    seen = beijing(version["captured_at"] or version["first_seen"])[:10]
    published = version["published_on"] or ""
    title = version["title"] or f"{report['agency_name']}{report['year']}年政府信息公开工作年度报告"
    digest = version["digest"] or version["content_digest"]
    key = report["id"].replace("-", "_") + f"_v{version['version']}"
    return {
        "GB/T 7714": f"{report['agency_name']}. {title}[R/OL]. {f'({published})' if published else ''}[{seen}]. {version['url']}. 存档: {address}. {digest}.",
        "APA": f"{report['agency_name']}. ({published[:4] or 'n.d.'}). {title}. Archived {seen} at {address} ({digest}). {version['url']}",
        "BibTeX": "\n".join(
            [
                f"@techreport{{{key},",
                f"  author = {{{{{report['agency_name']}}}}},",
                f"  title = {{{{{title}}}}},",
                f"  year = {{{published[:4] or report['year'] + 1}}},",
                f"  url = {{{version['url']}}},",
                f"  note = {{Archived {seen} at {address}, {digest}}},",
                "}",
            ]
        ),
    }
