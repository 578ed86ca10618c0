"""The layers of an answer, from outside in: methods, prefix and language, validators, headers, compression."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.site.http.addresses import BASE, ROOT, prefix_of, split_language, with_language
from archive.site.http.compression import Compressor
from archive.site.http.head import HeadSent, OnlyHead
from archive.site.http.prefix import Prefixer
from archive.site.http.validators import etag_of, is_known
from archive.site.i18n import COOKIE, LANGUAGE, LANGUAGES
from archive.site.memory import watch_for_older
from archive.site.metadata import DATABASE
from archive.site.ready import ready_queries
from archive.site.state import state_of
from archive.site.streams import Breaker, StreamBroken
from archive.site.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Application = Callable[[Any, Any, Any], Awaitable[None]]

logger = logging.getLogger(__name__)

#: Nothing is loaded from elsewhere, no inline script runs, and nobody frames the site.
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
SECURITY_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
#: Where releases of Datasette have a visitor's SQL; ours answers at all of them.
_SQL_PATHS = {
    f"/{DATABASE}{end}{ending}": f"/{DATABASE}/sql{ending}"
    for end in ("", "/-/query")
    for ending in ("", ".json", ".csv")
}
_TABLE_CSV = re.compile(rf"/{DATABASE}/([a-z_]+)\.csv")
_WHOLE = {("_stream", "on"), ("_stream", "1"), ("_size", "max"), ("_dl", "1"), ("_dl", "on")}
METHODS = ("GET", "HEAD", "OPTIONS")
#: What anybody's page may read with a script: everything but pages (their addresses are the same for everybody, and nobody logs in).
_OPEN_TO_ALL = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "etag, link, content-disposition, content-range, accept-ranges, x-ogi-rows, x-ogi-sha256, "
    "x-ogi-truncated, memento-datetime",
    "cross-origin-resource-policy": "cross-origin",
}
#: Preferences by cookie lead only from pages to pages.
_FILE = re.compile(r"\.(?:json|jsonld|csv|ndjson|svg|png|atom|ics|xml|txt|md|db|gz|parquet|xlsx)$")
_NO_PAGES = (
    "/static/",
    "/-/",
    "/raw/",
    "/view/",
    "/web/",
    "/timegate/",
    "/timemap/",
    "/feeds/",
    "/lang",
    "/embed/",
)


def wrap(datasette: Any, app: Application) -> Application:
    """The application with everything around it."""

    async def layered(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        state = state_of(datasette)
        if scope["method"] not in METHODS:
            await _short(send, 405, {"allow": ", ".join(METHODS)}, b"the site only reads\n")
            return
        scope = _addressed(_as_known(scope, state.url), prefix_of(state.archive.settings.serve.base_url))
        if scope is None:
            await _short(send, 404, {}, b"outside the site\n")
            return
        if scope["method"] == "OPTIONS":
            await _short(
                send,
                204,
                {
                    **_OPEN_TO_ALL,
                    "access-control-allow-methods": "GET, HEAD",
                    "access-control-allow-headers": "*",
                    "access-control-max-age": "86400",
                },
            )
            return
        target = _preferred(scope)
        if target is not None:
            await _short(
                send, 302, {"location": target, "vary": "cookie", "cache-control": "no-cache"}, cookie=_cookie(scope)
            )
            return
        tag = etag_of(state, scope)
        if tag is not None and is_known(scope, tag):
            await _short(send, 304, {"etag": tag, "vary": "accept-encoding, cookie"})
            return
        try:
            sender = _Headers(scope, Compressor(scope, OnlyHead(send) if scope["method"] == "HEAD" else send), tag)
            sender.older = watch_for_older()
            answered = _without_facets(_whole_table(_with_own_sql(_without_language(scope))))
            send_all = Prefixer(scope, sender)
            await app(answered, receive, Breaker(send_all) if scope["path"].endswith(".csv") else send_all)
        except HeadSent:
            return
        except (
            StreamBroken
        ) as broken:  # the server closes the connection of an answer that has no end; an exception would fill its log
            logger.warning("%s: broken off: %s", scope["path"], broken)

    return layered


def _as_known(scope: Any, url: str) -> Any:
    """The scope as if the site had been called by its public address: what a request says of the host stands in no answer."""
    parts = urlsplit(url)
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    return {**scope, "scheme": parts.scheme, "headers": [(b"host", parts.netloc.encode()), *headers]}


def _addressed(scope: Any, prefix: str) -> Any:
    """The scope with language and root of links, its path without the language; `None` for a path outside the prefix."""
    path: str = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or scope["path"]
    if prefix and not (path == prefix or path.startswith(f"{prefix}/")):
        return None
    inner, language = split_language(path[len(prefix) :] or "/")
    return {
        **scope,
        "path": split_language(scope["path"][len(prefix) :] or "/")[0],
        "raw_path": inner.encode("latin-1"),
        LANGUAGE: language or LANGUAGES[0],
        ROOT: f"{prefix}/{language}" if language else prefix,
        BASE: prefix,
    }


def _query(scope: Any) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _preferred(scope: Any) -> str | None:
    """Where a page in the visitor's language is, if that is another address: asked for by `?lang=`, or chosen before and kept in a cookie."""
    path, pairs = scope["path"], _query(scope)
    if path.startswith(_NO_PAGES) or _FILE.search(path):
        return None
    asked = dict(pairs).get("lang")
    wanted = asked if asked in LANGUAGES else None
    if wanted is None and scope[LANGUAGE] == LANGUAGES[0] and _cookie_language(scope) != LANGUAGES[0]:
        wanted = _cookie_language(scope)
    if wanted is None or (wanted == scope[LANGUAGE] and asked is None):
        return None
    rest = urlencode([(key, value) for key, value in pairs if key != "lang"], encoding="latin-1")
    base: str = scope[BASE]
    return base + with_language(scope["raw_path"].decode("latin-1"), wanted) + (f"?{rest}" if rest else "")


def _without_language(scope: Any) -> Any:
    """Without `lang` of a file's address, which Datasette would take for a column to filter by."""
    pairs = _query(scope)
    if dict(pairs).get("lang") not in LANGUAGES:
        return scope
    rest = urlencode([(key, value) for key, value in pairs if key != "lang"], encoding="latin-1")
    return {**scope, "query_string": rest.encode("latin-1")}


def _cookie_language(scope: Any) -> str:
    for name, value in scope.get("headers", ()):
        if name.lower() == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, _, chosen = part.strip().partition("=")
                if key == COOKIE and chosen in LANGUAGES:
                    return str(chosen)
    return LANGUAGES[0]


def _cookie(scope: Any) -> str | None:
    """Remembers the language that an address asks for with `?lang=`."""
    chosen = dict(_query(scope)).get("lang")
    if chosen not in LANGUAGES:
        return None
    return language_cookie(chosen, scope[BASE])


def language_cookie(language: str, base: str) -> str:
    """The value of `set-cookie` that remembers a language for a year."""
    return f"{COOKIE}={language}; Max-Age={365 * 86400}; Path={base or '/'}; SameSite=lax; HttpOnly"


def _whole_table(scope: Any) -> Any:
    """Datasette's CSV of a table gives a page of it, without a word. Unless a page is asked for, it is the whole: from our own download
    where nothing but values of columns is asked for, else as Datasette's stream.
    """
    found = _TABLE_CSV.fullmatch(scope["path"])
    if found is None or found[1] in ready_queries():
        return scope
    pairs = [(name, value) for name, value in _query(scope) if (name, value) not in _WHOLE]
    names = {name for name, _ in pairs}
    if names & {"_size", "_next"}:
        return scope
    if found[1] in TABLES and not any(name.startswith("_") or "__" in name for name in names):
        path = f"/data/{found[1]}.csv"
        return {**scope, "path": path, "raw_path": path.encode(), "query_string": urlencode(pairs).encode()}
    query = urlencode([*pairs, ("_stream", "on"), ("_size", "max")])
    return {**scope, "query_string": query.encode()}


def _without_facets(scope: Any) -> Any:
    """A search in Datasette's own box counts no facets unless it is asked to: each searches all texts again, and our search page has them."""
    names = {name for name, _ in _query(scope)}
    if scope["path"] != f"/{DATABASE}/reports" or "_search" not in names or names & {"_facet", "_nofacet"}:
        return scope
    return {**scope, "query_string": scope["query_string"] + b"&_nofacet=1"}


def _with_own_sql(scope: Any) -> Any:
    """The address of our own page of SQL for Datasette's."""
    path = scope["path"]
    target = _SQL_PATHS.get(path)
    if target is None or (
        not path.startswith(f"/{DATABASE}/-/query") and b"sql=" not in scope.get("query_string", b"")
    ):
        return scope
    return {**scope, "path": target, "raw_path": target.encode()}


async def _short(send: Any, status: int, headers: dict[str, str], body: bytes = b"", cookie: str | None = None) -> None:
    """An answer without a page."""
    found = {**SECURITY_HEADERS, **({"content-type": "text/plain; charset=utf-8"} if body else {}), **headers}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in found.items()]
    if cookie is not None:
        pairs.append((b"set-cookie", cookie.encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


class _Headers:
    """Wraps `send`: puts headers on an answer that has none of its own."""

    def __init__(self, scope: Any, send: Any, tag: str | None) -> None:
        self._send = send
        self._scope = scope
        self._tag = tag
        #: Not empty if the answer is made of something older than the database, whose tag it would keep for good.
        self.older: list[bool] = []

    async def __call__(self, message: Any) -> None:
        """Send a message of the application."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": self._completed(message["status"], message.get("headers", []))}
        await self._send(message)

    def _validators(self) -> dict[str, str]:
        """What an answer says of how long it may be kept."""
        if self._tag is None or self.older:
            return {"cache-control": "no-cache"}
        return {"etag": self._tag, "cache-control": "public, max-age=300"}

    def _completed(self, status: int, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower(): value for name, value in headers}
        kind = present.get(b"content-type", b"").decode("latin-1")
        is_page = kind.startswith("text/html")
        added = dict(SECURITY_HEADERS)
        if not is_page:
            added |= _OPEN_TO_ALL
        if status == 200:
            added |= self._validators()
        # Datasette says of its answers, ours among them, that they are private as soon as a cookie came along; there is nothing private here.
        kept = [
            (name, value)
            for name, value in headers
            if name.lower() != b"vary" and not (name.lower() == b"cache-control" and value in _DATASETTES_CACHING)
        ]
        names = {name.lower() for name, _ in kept}
        vary = {part.strip().lower() for part in present.get(b"vary", b"").decode().split(",") if part.strip()} - {
            "authorization"
        }
        vary = (vary - {"cookie"}) | {"accept-encoding"} | ({"cookie"} if is_page else set())
        kept += [(name.encode(), value.encode()) for name, value in added.items() if name.encode() not in names]
        return [*kept, (b"vary", ", ".join(sorted(vary)).encode())]


_DATASETTES_CACHING = (b"private, no-store", b"max-age=5")
