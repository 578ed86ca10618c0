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

from archive.site import pages
from archive.site.errors import failed, not_found
from archive.site.i18n import COOKIE, LANGUAGE_IN_SCOPE, LANGUAGES
from archive.site.metadata import DATABASE
from archive.site.ready import ready_queries
from archive.site.tables import described_tables
from archive.site.view import OWN_PAGE, SECURITY_HEADERS, shared, switch_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    Application = Callable[[Any, Any, Any], Awaitable[None]]


#: Of Datasette's pages beside tables, readers get its static files; all others are for developers and for people who log in, or tell about
#: private tables (`/-/schema`). What a later release adds is closed until it is let in here.
_CLOSED = (r"^/-/(?!static/).*$", rf"^/{DATABASE}/(?:[^/]+/)*-/.*$", rf"^/{DATABASE}/[^/]+/[^/]+/-/.*$")


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
        *((pattern, closed) for pattern in _CLOSED),
    ]
    for module in pkgutil.iter_modules(pages.__path__):
        routes += importlib.import_module(f"{pages.__name__}.{module.name}").ROUTES
    return routes


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(datasette: Any, request: Any, view_name: str | None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Give Datasette's own pages the site's words, header and footer."""

    async def variables() -> dict[str, Any]:
        if view_name == OWN_PAGE or request is None:
            return {}
        own: dict[str, Any] = {"section": "data", "ready_queries": ready_queries()}
        if view_name == "database":
            own["own_tables"] = await described_tables(datasette)
        return {**await shared(datasette, request), **own}

    return variables


@hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Generator[None, Any, None]:
    """Errors as pages of this site, in place of what others say: Datasette's own prints a traceback with all variables for every address
    that isn't there.
    """

    async def page() -> Any:
        return await failed(datasette, request, exception)

    outcome = yield
    outcome.force_result([page])


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
                await app(_without_language(_with_own_sql(scope)), receive, send_with_headers)

        return guarded

    return wrap


#: Where releases of Datasette have a visitor's SQL; ours answers at all of them.
_SQL_PATHS = {
    f"/{DATABASE}{end}{ending}": f"/{DATABASE}/sql{ending}"
    for end in ("", "/-/query")
    for ending in ("", ".json", ".csv")
}


def _with_own_sql(scope: Any) -> Any:
    """The address of our own page of SQL for Datasette's."""
    target = _SQL_PATHS.get(scope["path"])
    if target is None or (scope["path"] != f"/{DATABASE}/-/query" and b"sql=" not in scope.get("query_string", b"")):
        return scope
    return {**scope, "path": target, "raw_path": target.encode()}


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
    if not manager.is_registered(module):
        manager.register(module, name="ogi_site")
