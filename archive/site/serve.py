"""Running the site: Datasette over the live database, in this process."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import SiteError
from archive.index.freshness import require_index
from archive.site.metadata import DATABASE, PUBLIC_TABLES, SETTINGS, build_metadata

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from archive.files.folder import Archive

_BEGIN_S = 0.01


def make_datasette(archive: Archive, address: str = "http://localhost") -> Any:
    """A Datasette over the archive's database, opened live (WAL, read-only), with the site's plugin.

    Args:
        address: Where it will listen: its public address, unless `serve.base_url` of the settings says another.

    Raises:
        SiteError: The archive has no database yet.
        DamagedArchive: The index is lost.
    """
    require_index(archive)
    if not archive.db_path.is_file():
        raise SiteError(f"{archive.root} has no database yet: run `ogi harvest` or `ogi rebuild` first")
    from datasette.app import Datasette
    from datasette.plugins import pm

    from archive.index.database import open_database
    from archive.site import plugin
    from archive.site.database import GuardedDatabase
    from archive.site.state import remember

    _bring_up_to_date(archive)
    plugin.register(pm)
    database = open_database(archive.db_path, read_only=True)
    try:
        hidden = sorted((set(database.table_names()) | set(database.view_names())) - set(PUBLIC_TABLES))
    finally:
        database.close()
    here = Path(__file__).parent
    frozen = archive.is_snapshot
    site = Datasette(
        metadata=build_metadata(hidden),
        settings=SETTINGS,
        template_dir=str(here / "templates"),
    )
    # One rule for a running server: messages, static files and templates are those of its start, also while another release is installed.
    site.jinja_env.auto_reload = False
    remember(site, archive, address)
    site.add_database(GuardedDatabase(site, archive.db_path, is_mutable=not frozen), name=DATABASE)
    site.remove_database("_memory")  # it would run SQL beside the guard
    return site


def _bring_up_to_date(archive: Archive) -> None:
    """Migrate the database of an older release: the pages ask for what that one didn't have.

    Raises:
        SiteError: It can't be written.
        ArchiveBusy: Another process writes to the archive.
    """
    from archive.index.database import is_older, open_index

    if not is_older(archive.db_path):
        return
    if archive.is_snapshot or not os.access(archive.db_path, os.W_OK):
        remedy = "publish it again" if archive.is_snapshot else "make the folder writable for one start"
        raise SiteError(
            f"{archive.db_path} was written by an older release and can't be brought up to date here: {remedy}"
        )
    with archive.lock():
        open_index(archive).close()


def run_site(archive: Archive, host: str, port: int, tell: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted; `tell` gets the site's address once it answers and Ctrl-C ends it in good order.

    Raises:
        SiteError: The port is in use, or there is nothing to serve.
    """
    listener = _listen(host, port)
    address = _address_of(listener, host)
    try:
        site = make_datasette(archive, address)
    except BaseException:
        listener.close()
        raise

    from archive.site.warm import keep_ready  # start-up time: it loads Datasette

    ready: list[asyncio.Task[None]] = []

    async def application() -> Any:
        await site.invoke_startup()
        ready.append(asyncio.create_task(keep_ready(site)))  # a task that nobody holds may vanish
        return site.app()

    asyncio.run(_serve(application, listener, lambda: tell(address) if tell is not None else None))


def run_app(app: Any, host: str, port: int, tell: Callable[[str], None]) -> None:
    """Serve an ASGI application until interrupted; `tell` gets its address once it answers.

    Raises:
        SiteError: The port is in use.
    """
    listener = _listen(host, port)
    address = _address_of(listener, host)

    async def application() -> Any:
        return app

    asyncio.run(_serve(application, listener, lambda: tell(address)))


def _address_of(listener: socket.socket, host: str) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}/"


def _listen(host: str, port: int) -> socket.socket:
    """Bind first, so that a port in use is one clear line and not a traceback of the server."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SiteError(
            f"can't listen on {host}:{port} ({error.strerror}): stop the other program or choose another --port"
        ) from None
    return listener


async def _serve(application: Callable[[], Awaitable[Any]], listener: socket.socket, say: Callable[[], None]) -> None:
    import uvicorn  # start-up time: `make_datasette` needs no server

    config = uvicorn.Config(await application(), log_level="warning", lifespan="on", server_header=False)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        while not (server.started or serving.done()):
            await asyncio.sleep(_BEGIN_S)
    except asyncio.CancelledError:  # Ctrl-C before uvicorn listens to it: its half-begun applications would complain
        server.should_exit = True
        await serving
        raise
    if server.started:
        say()
    await serving
