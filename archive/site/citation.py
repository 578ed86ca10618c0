"""Citations of a version, or of one figure of it: GB/T 7714, APA, BibTeX, each with the permanent address, the time of capture and the digest."""

from __future__ import annotations

from urllib.parse import quote

from archive.lists.labels import figure_label
from archive.site.reports import SiteReport, SiteVersion
from archive.site.view import beijing
from archive.warc.digests import in_hex
from extract.model import Figure


def citations(report: SiteReport, version: SiteVersion, base: str, figure: Figure | None = None) -> dict[str, str]:
    """The three forms by name.

    Args:
        report: A row of `reports` with `agency_name`.
        version: A row of `versions` with `captured_at` and `digest` of its capture.
        base: The site's address without a final slash.
        figure: The figure to cite; the whole report without one.
    """
    address = f"{base}/r/{report['id']}@{version['version']}"
    part = ""
    if figure is not None:
        address += f"?at={quote(figure.address, safe='.')}"
        part = f"{figure_label(figure.table, figure.row, figure.column)}：{figure.raw or '（空白）'}"
    seen = beijing(version["captured_at"] or version["first_seen"])[:10]
    published = version["published_on"] or ""
    title = version["title"] or f"{report['agency_name']}{report['year']}年政府信息公开工作年度报告"
    digest = in_hex(version["digest"] or version["content_digest"])
    key = report["id"].replace("-", "_") + f"_v{version['version']}"
    lines = [
        f"@techreport{{{key},",
        f"  author = {{{{{report['agency_name']}}}}},",
        f"  title = {{{{{title}}}}},",
        f"  year = {{{published[:4] or report['year'] + 1}}},",
        f"  url = {{{version['url']}}},",
        f"  note = {{{part + '. ' if part else ''}Archived {seen} at {address}, {digest}}},",
        "}",
    ]
    cited = f"{title}：{part}" if part else title
    return {
        "GB/T 7714": f"{report['agency_name']}. {cited}[R/OL]. {f'({published})' if published else ''}[{seen}]. {version['url']}. 存档: {address}. {digest}.",
        "APA": f"{report['agency_name']}. ({published[:4] or 'n.d.'}). {cited}. Archived {seen} at {address} ({digest}). {version['url']}",
        "BibTeX": "\n".join(lines),
    }
