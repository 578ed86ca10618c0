"""What the site keeps in memory: computed once for all who wait, made ready after a change, and never tagged as what it isn't."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from archive.site import memory, warm
from archive.site.stats import reading
from tests.archive.kept import copy_of
from tests.archive.site_archive import Client, build


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("site", build, tmp_path_factory.mktemp("warm") / "a", tmp_path_factory)


@pytest.fixture
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


def write(archive: Archive, text: str) -> None:
    db = open_index(archive)
    with db.atomic():
        db.execute("insert into meta values ('test', ?)", (text,))
    db.close()


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    read: list[int] = []
    whole = reading.read_facts

    def read_facts(connection: object) -> object:
        read.append(1)
        return whole(connection)

    monkeypatch.setattr(reading, "read_facts", read_facts)
    return read


def test_what_many_wait_for_is_computed_once(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)

    async def ask() -> list[int]:
        answers = await asyncio.gather(
            *(site.site.client.get(path) for path in ("/stats", "/", "/stats/received", "/en/stats", "/stats"))
        )
        return [answer.status_code for answer in answers]

    assert site.loop.run_until_complete(ask()) == [200] * 5
    assert len(read) == 1


def test_whoever_gives_up_leaves_it_to_the_others(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> object:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def compute() -> str:
            begun.set()
            await may_end.wait()
            return "computed"

        first = asyncio.create_task(memory.keep(site.site, "k", compute))
        await begun.wait()
        second = asyncio.create_task(memory.keep(site.site, "k", compute))
        await asyncio.sleep(0)
        first.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await first
        may_end.set()
        return await second

    assert site.loop.run_until_complete(ask()) == "computed"


def test_what_fails_fails_for_all_who_wait_and_is_tried_again(site: Client) -> None:
    async def fail() -> str:
        await asyncio.sleep(0)
        raise LookupError("nothing")

    async def succeed() -> str:
        return "something"

    async def ask() -> list[object]:
        found = await asyncio.gather(*(memory.keep(site.site, "k", fail) for _ in range(3)), return_exceptions=True)
        return [*found, await memory.keep(site.site, "k", succeed)]

    found = site.loop.run_until_complete(ask())
    assert [type(one) for one in found[:3]] == [LookupError] * 3
    assert found[3] == "something"


def test_a_page_made_of_what_is_older_has_no_tag(
    site: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "etag" in site.get("/stats").headers
    monkeypatch.setattr(memory, "SHARE", 10**6)  # what was computed is kept for a minute
    write(archive, "something else")
    older = site.get("/stats")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    assert "etag" not in older.headers, "with it, the page would stay as it is until the next change"
    monkeypatch.setattr(memory, "SECONDS", 0)
    assert "etag" in site.get("/stats").headers


def test_a_running_server_shows_the_release_that_it_started_with(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates as messages and static files: another release may be installed under it."""
    site.loop.run_until_complete(warm.load_templates(site.site))

    def refused(environment: object, name: str, *_: object) -> None:
        raise AssertionError(f"{name} is read again")

    monkeypatch.setattr(site.site.jinja_env.loader, "load", refused)
    for path in ("/", "/stats", "/findings", "/compare", "/portals"):
        assert site.get(path).status_code == 200, path


def test_pages_are_made_ready_after_a_change(site: Client, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)
    monkeypatch.setattr(warm, "EVERY_S", 0.01)
    monkeypatch.setattr(memory, "SECONDS", 0)

    async def wait_for(number: int) -> None:
        async with asyncio.timeout(20):
            while len(read) < number:
                await asyncio.sleep(0.01)

    async def run() -> None:
        keeping = asyncio.create_task(warm.keep_ready(site.site))
        await wait_for(1)
        await asyncio.sleep(0.1)
        assert len(read) == 1, "nothing changed"
        write(archive, "something")
        await wait_for(2)
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping

    site.loop.run_until_complete(run())
    site.get("/stats")
    assert len(read) == 2, "no visitor waits"
