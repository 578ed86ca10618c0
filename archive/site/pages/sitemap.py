"""The sitemap: every page that is there, in both languages; several files and their index where one would be too long."""

from __future__ import annotations

from html import escape
from typing import Any

from archive.index.indicators import OFFERED
from archive.site.errors import not_found
from archive.site.http.addresses import with_language
from archive.site.memory import steady
from archive.site.state import site_url
from archive.site.view import rows

#: Addresses a file; the protocol allows 50,000 and 50 MB.
MOST = 20_000
FIXED = (
    "/",
    "/search",
    "/stats",
    "/changes",
    "/missing",
    "/findings",
    "/compare",
    "/data",
    "/portals",
    "/releases/",
    "/glossary",
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_PLACES = "select code from regions r where exists (select 1 from agencies a where a.region = r.code) order by code"
#: The tables whose rows have pages, by the name of their files.
_PAGES = {
    "reports": "select id, substr(last_seen, 1, 10) as changed from reports order by id limit :most offset :offset",
    "agencies": "select id, '' as changed from agencies order by id limit :most offset :offset",
}
_PATHS = {"reports": "/r/", "agencies": "/agency/"}


async def sitemap(datasette: Any, request: Any) -> Any:
    """All addresses, or the index of the files that have them."""
    counts = {name: (await steady(datasette, f"select count(*) as n from {name}"))[0]["n"] for name in _PAGES}
    if sum(counts.values()) <= MOST:
        found = await _fixed(datasette)
        for name in _PAGES:
            found += await _part(datasette, name, 0)
        return _answer(_urlset(found))
    base = site_url(datasette)
    parts = ["pages-1", *(f"{name}-{number + 1}" for name, n in counts.items() for number in range(-(-n // MOST)))]
    body = "".join(f"<sitemap><loc>{escape(f'{base}/sitemap-{part}.xml')}</loc></sitemap>" for part in parts)
    return _answer(f"{_HEAD}<sitemapindex {_NAMESPACE}>{body}</sitemapindex>")


async def part(datasette: Any, request: Any) -> Any:
    """One file of several."""
    name, number = request.url_vars["name"], int(request.url_vars["number"])
    if name == "pages":
        found = await _fixed(datasette) if number == 1 else []
    else:
        found = await _part(datasette, name, number - 1) if number else []
    return _answer(_urlset(found)) if found else await not_found(datasette, request)


async def _fixed(datasette: Any) -> list[str]:
    base = site_url(datasette)
    paths = [*FIXED, *(f"/stats/{item.code}" for item in OFFERED)]
    paths += [f"/region/{row['code']}" for row in await rows(datasette, _PLACES)]
    return [_entry(base, path) for path in paths]


async def _part(datasette: Any, name: str, number: int) -> list[str]:
    found = await rows(datasette, _PAGES[name], {"most": MOST, "offset": number * MOST})
    base = site_url(datasette)
    return [_entry(base, _PATHS[name] + row["id"], row["changed"]) for row in found]


def _urlset(entries: list[str]) -> str:
    return f'{_HEAD}<urlset {_NAMESPACE} xmlns:xhtml="http://www.w3.org/1999/xhtml">{"".join(entries)}</urlset>'


def _answer(body: str) -> Any:
    from datasette import Response

    return Response(body, content_type="application/xml; charset=utf-8")


def _entry(base: str, path: str, changed: str = "") -> str:
    """An address of the sitemap with its other language."""
    languages = {"zh-Hans": path, "en": with_language(path, "en")}
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(base + one)}"/>'
        for code, one in languages.items()
    )
    return f"<url><loc>{escape(base + path)}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}{links}</url>"


ROUTES = (
    (r"^/sitemap\.xml$", sitemap),
    (r"^/sitemap-(?P<name>pages|reports|agencies)-(?P<number>[0-9]{1,6})\.xml$", part),
)
