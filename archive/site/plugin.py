"""The Datasette plugin: Chinese search in Datasette's own search box, the site's pages, and safe headers on every answer.

Only hooks that exist in Datasette 0.65 and 1.0 alike are used.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from archive.site import pages
from archive.site.errors import failed, not_found
from archive.site.http.addresses import local
from archive.site.http.layers import wrap
from archive.site.http.static import static_response
from archive.site.metadata import DATABASE
from archive.site.ready import ready_queries
from archive.site.tables import described_tables
from archive.site.view import OWN_PAGE, shared, switch_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    Application = Callable[[Any, Any, Any], Awaitable[None]]


#: Of Datasette's pages beside tables, readers get its static files; all others are for developers and for people who log in, or tell about
#: private tables (`/-/schema`). What a later release adds is closed until it is let in here.
_CLOSED = (r"^/-/(?!static/).*$", rf"^/{DATABASE}/(?:[^/]+/)*-/.*$", rf"^/{DATABASE}/[^/]+/[^/]+/-/.*$")


async def closed(datasette: Any, request: Any) -> Any:
    """Nothing."""
    return await not_found(datasette, request)


async def static(datasette: Any, request: Any) -> Any:
    """A file of the site's own."""
    return await static_response(request) or await not_found(datasette, request)


async def databases(request: Any, datasette: Any) -> Any:
    """Datasette's list of databases, without the place of the file on this machine."""
    from datasette import Response

    if request.url_vars["format"] is None:
        return Response.redirect(local(request, f"/{DATABASE}"))
    found = datasette.get_database(DATABASE)
    about = {"name": DATABASE, "route": DATABASE, "path": None, "size": found.size, "is_mutable": found.is_mutable}
    return Response.json([{**about, "is_memory": False, "hash": found.hash}])


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The pages of all modules under `archive.site.pages`; they come before Datasette's own routes."""
    routes: list[tuple[str, Callable[..., Any]]] = [
        (r"^/lang$", switch_language),
        (r"^/static/(?P<name>[^/]+)$", static),
        (r"^/-/databases(?P<format>\.json)?$", databases),
        *((pattern, closed) for pattern in _CLOSED),
    ]
    for module in pkgutil.iter_modules(pages.__path__):
        routes += importlib.import_module(f"{pages.__name__}.{module.name}").ROUTES
    return routes


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(
    datasette: Any, request: Any, view_name: str | None
) -> Callable[[], Awaitable[dict[str, object]]]:
    """Give Datasette's own pages the site's words, header and footer."""

    async def variables() -> dict[str, object]:
        if view_name == OWN_PAGE or request is None:
            return {}
        own: dict[str, object] = {"section": "data", "ready_queries": ready_queries()}
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
    """Everything between the server and the pages (`archive.site.http`)."""

    def wrapped(app: Application) -> Application:
        return wrap(datasette, app)

    return wrapped


def register(manager: Any) -> None:
    """Register this plugin with a Datasette plugin manager, once."""
    module = sys.modules[__name__]
    if not manager.is_registered(module):
        manager.register(module, name="ogi_site")
