"""What every page shares: language, footer facts, rendering, and the headers that keep archived pages harmless."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup

from archive.clock import SHANGHAI, shanghai_day
from archive.index.rows import Parameters
from archive.lists.labels import figure_label, table_label
from archive.site.http.addresses import base_of, in_language, links_in_language, path_of, root_of, with_language
from archive.site.http.layers import language_cookie
from archive.site.http.static import static_path
from archive.site.i18n import LANGUAGES, Translator, language_of
from archive.site.metadata import DATABASE
from archive.site.state import archive_of, site_url
from archive.warc.digests import in_hex
from extract.messages import speaking
from extract.messages.sentences import localized

#: Marks our own templates for the hook that serves Datasette's.
OWN_PAGE = "ogi"


def database(datasette: Any) -> Any:
    """The archive's database within Datasette."""
    return datasette.get_database(DATABASE)


async def rows(datasette: Any, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries; the site's time limit holds."""
    result = await database(datasette).execute(sql, parameters or {})
    return [dict(row) for row in result.rows]


async def last_day(datasette: Any) -> str:
    """The day for which all obligations stand, in Shanghai: that of the last run; empty for an empty archive."""
    found = await rows(datasette, "select max(ended_at) as at from runs")
    return shanghai_day(found[0]["at"]) if found[0]["at"] else ""


def beijing(moment: str | None, *, seconds: bool = False) -> str:
    """`2021-03-04T03:08:17Z` as `2021-03-04 11:08` (Asia/Shanghai); empty for none."""
    if not moment:
        return ""
    local = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(SHANGHAI)
    return local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def number(value: float | None) -> str:
    """A figure for reading: thousands separated, no trailing zeros; empty for none."""
    if value is None:
        return ""
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.4f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=4096)
def said(text: str | None, language: str) -> str:
    """A reason or a notice, which are stored in English, in the reader's language; what the program didn't say stays as it is."""
    if not text:
        return ""
    with speaking(language):
        return localized(text)


def with_arguments(request: Any, path: str | None = None, **changes: Any) -> str:
    """The page's own address, or another one with the same arguments, with some of them changed; `None` removes one."""
    pairs = [(key, value) for key, value in parse_qsl(request.query_string) if key not in changes and key != "lang"]
    pairs += [(key, str(value)) for key, value in changes.items() if value is not None]
    return root_of(request) + (path or path_of(request)) + ("?" + urlencode(pairs) if pairs else "")


def web_address(url: str) -> bool:
    """Whether a harvested address may be a link: one of the web, never `javascript:` or `data:`."""
    return url.lower().startswith(("http://", "https://"))


async def shared(datasette: Any, request: Any) -> dict[str, object]:
    """What every template has: words in the visitor's language, the other language's address, the archive's age, formats."""
    language = language_of(request)
    facts = await rows(datasette, "select max(ended_at) as ended_at, max(clock) as clock from runs")
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    path = path_of(request)
    query = with_arguments(request)[len(root_of(request) + path) :]
    addresses = {name: base_of(request) + with_language(path, name) + query for name in LANGUAGES}
    return {
        "t": Translator(language),
        "lang": language,
        "root": root_of(request),
        "plain": base_of(request),
        "site_url": site_url(datasette),
        "static": lambda name: base_of(request) + static_path(name),
        "other_lang": other,
        "absolute": {name: site_url(datasette) + with_language(path, name) + query for name in LANGUAGES},
        # A cookie from an address with `?lang=` would lead back to English: the way to Chinese passes by the switch.
        "other_lang_url": addresses[other]
        if other != LANGUAGES[0]
        else f"{base_of(request)}/lang?" + urlencode({"to": other, "next": path + query}),
        "section": "",
        "notice": archive_of(datasette).settings.serve.notice,
        "as_of": beijing(facts[0]["ended_at"]),
        "simulated": facts[0]["clock"] == "simulated",
        "beijing": beijing,
        "said": lambda text: said(text, language),
        "number": number,
        "hexed": in_hex,
        "figure_label": figure_label,
        "table_label": table_label,
        "here": lambda address: in_language(request, address),
        "here_html": lambda html: Markup(links_in_language(request, str(html))) if hasattr(html, "__html__") else html,
        "link": lambda path=None, **changes: with_arguments(request, path, **changes),
    }


async def render(
    datasette: Any, request: Any, template: str, context: Mapping[str, object], *, status: int = 200, section: str = ""
) -> Any:
    """A page in the visitor's language, within the site's layout.

    Args:
        section: Which entry of the main navigation is current.
    """
    from datasette import Response

    html = await datasette.render_template(
        template,
        {**await shared(datasette, request), "section": section, **context},
        request=request,
        view_name=OWN_PAGE,
    )
    return Response.html(html, status=status)


async def switch_language(request: Any) -> Any:
    """Remember a language and go to a page of this site in it; other hosts are never redirected to."""
    from datasette import Response

    language = request.args.get("to")
    target = request.args.get("next") or "/"
    if (
        not target.startswith("/")
        or target.startswith(("//", "/\\"))
        or any(ord(character) < 32 for character in target)
    ):
        target = "/"
    if language not in LANGUAGES:
        return Response.redirect(target)
    headers = {"set-cookie": language_cookie(language, base_of(request))}
    return Response.redirect(with_language(target, language), headers=headers)
