"""The Datasette plugin: Chinese search in Datasette's own search box, the site's pages, and safe headers on every answer.

Only hooks that exist in Datasette 0.65 and 1.0 alike are used.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from datasette import hookimpl

from archive.index.search import highlight, match_query, snippet
from archive.site import pages
from archive.site.errors import failed, not_found
from archive.site.guard import install
from archive.site.i18n import COOKIE, LANGUAGE_IN_SCOPE, LANGUAGES
from archive.site.metadata import DATABASE
from archive.site.view import OWN_PAGE, SECURITY_HEADERS, shared, switch_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from sqlite3 import Connection

    Application = Callable[[Any, Any, Any], Awaitable[None]]


_DEFAULT_ERRORS = "datasette.handle_exception"


#: Longer words to look for are cut, and longer texts to look through: SQLite can't interrupt a function while it runs.
QUERY_LENGTH, TEXT_LENGTH = 500, 2_000_000


def _match(query: str | None) -> str:
    return match_query(str(query or "")[:QUERY_LENGTH])


def _snippet(text: str | None, query: str | None, width: int = 80) -> str:
    return snippet(str(text or "")[:TEXT_LENGTH], str(query or "")[:QUERY_LENGTH], max(1, min(int(width), 5000)))


def _highlight(text: str | None, query: str | None) -> str:
    return highlight(str(text or "")[:TEXT_LENGTH], str(query or "")[:QUERY_LENGTH])


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: Connection, database: str) -> None:
    """Replace Datasette's `escape_fts` by the bigram query, after Datasette has registered its own; then put the guard on."""
    conn.create_function("escape_fts", 1, _match)
    conn.create_function("zh_match", 1, _match, deterministic=True)
    conn.create_function("zh_snippet", 2, _snippet, deterministic=True)
    conn.create_function("zh_snippet", 3, _snippet, deterministic=True)
    conn.create_function("zh_highlight", 2, _highlight, deterministic=True)
    if database == DATABASE:
        install(conn)


#: Datasette's pages for its developers and for people who log in; there is nobody to log in.
_CLOSED = r"^/-/(?:threads|messages|allow-debug|patterns|permissions|rules|check|auth-token|logout|actor|jump)\b.*$"


async def closed(datasette: Any, request: Any) -> Any:
    """Nothing."""
    return await not_found(datasette, request)


async def databases(request: Any, datasette: Any) -> Any:
    """Datasette's list of databases, without the place of the file on this machine."""
    from datasette import Response

    if request.url_vars["format"] is None:
        return Response.redirect(f"/{DATABASE}")
    found = datasette.get_database(DATABASE)
    about = {"name": DATABASE, "route": DATABASE, "path": None, "size": found.size, "is_mutable": found.is_mutable}
    return Response.json([{**about, "is_memory": False, "hash": found.hash}])


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The pages of all modules under `archive.site.pages`; they come before Datasette's own routes."""
    routes: list[tuple[str, Callable[..., Any]]] = [
        (r"^/lang$", switch_language),
        (r"^/-/databases(?P<format>\.json)?$", databases),
        (_CLOSED, closed),
    ]
    for module in pkgutil.iter_modules(pages.__path__):
        routes += importlib.import_module(f"{pages.__name__}.{module.name}").ROUTES
    return routes


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(datasette: Any, request: Any, view_name: str | None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Give Datasette's own pages the site's words, header and footer."""

    async def variables() -> dict[str, Any]:
        return (
            {} if view_name == OWN_PAGE or request is None else {**await shared(datasette, request), "section": "data"}
        )

    return variables


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Any]]:
    """Errors as pages of this site."""

    async def page() -> Any:
        return await failed(datasette, request, exception)

    return page


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Callable[[Application], Application]:
    """Put the security headers on every answer that has none of its own, and remember a language."""

    def wrap(app: Application) -> Application:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            async def send_with_headers(message: Any) -> None:
                if message["type"] == "http.response.start":
                    present = {name.lower() for name, _ in message.get("headers", [])}
                    added = [(n.encode(), v.encode()) for n, v in SECURITY_HEADERS.items() if n.encode() not in present]
                    message["headers"] = [*message.get("headers", []), *added, *_language_cookie(scope)]
                await send(message)

            if scope["type"] != "http":
                await app(scope, receive, send)
            else:
                await app(_without_language(scope), receive, send_with_headers)

        return guarded

    return wrap


def _without_language(scope: Any) -> Any:
    """For Datasette's own pages: without `lang`, which they would take for a column to filter by; `language_of` finds it in the scope."""
    pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    chosen = dict(pairs).get("lang")
    if chosen not in LANGUAGES or not scope["path"].startswith(f"/{DATABASE}"):
        return scope
    rest = urlencode([(key, value) for key, value in pairs if key != "lang"])
    return {**scope, "query_string": rest.encode("latin-1"), LANGUAGE_IN_SCOPE: chosen}


def _language_cookie(scope: Any) -> list[tuple[bytes, bytes]]:
    """Remembers the language that an address asks for with `?lang=`, whoever answers it."""
    chosen = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"))).get("lang")
    if chosen not in LANGUAGES:
        return []
    return [(b"set-cookie", f"{COOKIE}={chosen}; Max-Age={365 * 86400}; Path=/; SameSite=lax; HttpOnly".encode())]


def register(manager: Any) -> None:
    """Register this plugin with a Datasette plugin manager, once."""
    module = sys.modules[__name__]
    if manager.has_plugin(_DEFAULT_ERRORS):  # it prints a traceback to stdout for every address that isn't there
        manager.unregister(name=_DEFAULT_ERRORS)
    if not manager.is_registered(module):
        manager.register(module, name="ogi_site")
