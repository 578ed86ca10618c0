"""Memento addresses: `/web/<time>/<address>`, TimeGate and TimeMaps, for every captured address."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from archive.clock import parse_http_date
from archive.lists.memento import (
    Addresses,
    Moment,
    memento_links,
    nearest,
    parse_stamp,
    timemap_json,
    timemap_link,
)
from archive.site.errors import not_found
from archive.site.http.addresses import base_of
from archive.site.state import site_url
from archive.site.view import render, rows

MOST = 10_000


async def _moments(datasette: Any, url: str) -> list[Moment]:
    found = await rows(
        datasette,
        "select id, at, status from captures where url = :url and kind in ('response', 'revisit', 'resource') "
        f"order by at, id limit {MOST}",
        {"url": url},
    )
    return [Moment(datetime.fromisoformat(row["at"].replace("Z", "+00:00")), row["id"], row["status"]) for row in found]


def _original(request: Any) -> str:
    """The address asked for, with its own query."""
    url: str = request.url_vars["url"]
    if "://" not in url:
        url = url.replace(":/", "://", 1) if ":/" in url else f"http://{url}"
    return f"{url}?{request.query_string}" if request.query_string else url


def _addresses(datasette: Any, request: Any, url: str) -> Addresses:
    return Addresses(site_url(datasette), url)


async def timemap(datasette: Any, request: Any) -> Any:
    """The list of captures of an address; 404 without any."""
    from datasette import Response

    url = _original(request)
    moments = await _moments(datasette, url)
    if not moments:
        return await not_found(datasette, request)
    addresses = _addresses(datasette, request, url)
    if request.url_vars["format"] == "json":
        return Response(timemap_json(addresses, moments), content_type="application/json; charset=utf-8")
    return Response(timemap_link(addresses, moments), content_type="application/link-format; charset=utf-8")


async def timegate(datasette: Any, request: Any) -> Any:
    """Redirect to the capture nearest to `Accept-Datetime`, the newest without it (RFC 7089 pattern 2.1)."""
    from datasette import Response

    url = _original(request)
    moments = await _moments(datasette, url)
    if not moments:
        return await not_found(datasette, request)
    addresses = _addresses(datasette, request, url)
    headers = {"vary": "accept-datetime", "link": memento_links(addresses, moments)}
    wanted = request.headers.get("accept-datetime")
    try:
        chosen = nearest(moments, parse_http_date(wanted)) if wanted else moments[-1]
    except ValueError:
        return Response(
            "Accept-Datetime is no HTTP date\n", status=400, headers=headers, content_type="text/plain; charset=utf-8"
        )
    return Response("", status=302, headers={**headers, "location": addresses.memento(chosen)})


async def memento(datasette: Any, request: Any) -> Any:
    """A capture under a banner that says what is looked at; another time is redirected to the nearest capture's."""
    from datasette import Response

    url = _original(request)
    moments = await _moments(datasette, url)
    if not moments:
        return await not_found(datasette, request)
    addresses = _addresses(datasette, request, url)
    try:
        wanted = parse_stamp(request.url_vars["stamp"])
    except ValueError:
        return await not_found(datasette, request)
    shown = nearest(moments, wanted)
    links = memento_links(addresses, moments, shown)
    if shown.stamp != request.url_vars["stamp"]:
        return Response("", status=302, headers={"location": addresses.memento(shown), "link": links})
    if request.url_vars.get("raw"):
        from archive.site.pages.evidence import NotHere, raw_response

        try:
            response = await raw_response(datasette, shown.capture, own_type=True)
        except NotHere:
            response = None
        if response is None:
            return await not_found(datasette, request)
    else:
        place = moments.index(shown)
        response = await render(
            datasette,
            request,
            "memento.html",
            {
                "url": url,
                "shown": shown,
                "at": shown.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "count": len(moments),
                "place": place + 1,
                "timemap": addresses.timemap,
                "previous": addresses.memento(moments[place - 1]) if place else None,
                "following": addresses.memento(moments[place + 1]) if place + 1 < len(moments) else None,
                "src": f"{base_of(request)}/view/{quote(shown.capture, safe='')}",
                "raw": f"{base_of(request)}/web/{shown.stamp}id_/{url}",
                "capture": shown.capture,
                "report": next(
                    iter(
                        await rows(
                            datasette,
                            "select d.report, a.name as agency, r.year from documents d join reports r on r.id = d.report join agencies a on a.id = r.agency where d.url = :url",
                            {"url": url},
                        )
                    ),
                    None,
                ),
            },
        )
    response.headers["memento-datetime"] = shown.http_date
    response.headers["link"] = links
    return response


ROUTES = (
    (r"^/timemap/(?P<format>link|json)/(?P<url>.+)$", timemap),
    (r"^/timegate/(?P<url>.+)$", timegate),
    (r"^/web/(?P<stamp>[0-9]{4,14})(?P<raw>id_)?/(?P<url>.+)$", memento),
)
