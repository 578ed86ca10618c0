"""Releases: folders that never change, with a manifest each; the newest at an address that stays. What was withheld since answers 410."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.index.released import Withholding
from archive.publish.frozen import MANIFEST, TEXTS, FrozenRelease, releases, withheld_files
from archive.site.errors import gone, not_found
from archive.site.files import FileResponse, media_type
from archive.site.state import archive_of, site_url
from archive.site.view import render, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Releases are named with all their files, so many; further ones by their manifests.
SHOWN = 3
#: A release never changes; for as long as it is public, which `gone` ends.
_CACHE = {"cache-control": "public, max-age=86400"}


@dataclass(frozen=True, slots=True)
class Group:
    """Files of one table in one format, as the page lists them: one row, whatever the number of parts."""

    table: str
    format: str
    paths: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str


def public_releases(datasette: Any) -> list[FrozenRelease]:
    """The releases of the archive that the site shows, the newest first."""
    return releases(archive_of(datasette).exports_dir)


def groups(release: FrozenRelease) -> list[Group]:
    """The files of a release: Parquet parts by table, all others one by one."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for path, about in release.files.items():
        is_part = "/year=" in path
        found.setdefault(
            (str(about.get("table") or ""), path if not is_part else f"{path.partition('/year=')[0]}/…"), []
        ).append(about)
    return [
        Group(
            table,
            str(some[0].get("format") or ""),
            tuple(str(one["path"]) for one in some),
            sum(one.get("rows") or 0 for one in some),
            sum(one["bytes"] for one in some),
            str(some[0]["sha256"]) if len(some) == 1 else "",
        )
        for (table, _), some in found.items()
    ]


async def _withheld(datasette: Any, release: FrozenRelease) -> dict[str, str]:
    found = await rows(datasette, "select report, url, reason, at from withheld order by report, url")
    decisions = [Withholding(**dict(row)) for row in found]
    return await asyncio.to_thread(withheld_files, release, decisions)


async def index(datasette: Any, request: Any) -> Any:
    """The page of all releases."""
    found = public_releases(datasette)
    shown = [
        {"release": one, "groups": groups(one), "withheld": await _withheld(datasette, one)} for one in found[:SHOWN]
    ]
    context = {"releases": shown, "older": found[SHOWN:], "site": site_url(datasette)}
    return await render(datasette, request, "releases.html", context, section="data")


async def latest(datasette: Any, request: Any) -> Any:
    """The manifest of the newest release."""
    from datasette import Response

    found = public_releases(datasette)
    if not found:
        return await not_found(datasette, request)
    return Response.json(await _manifest(datasette, found, 0))


async def manifest(datasette: Any, request: Any) -> Any:
    """The manifest of one release."""
    from datasette import Response

    found = public_releases(datasette)
    place = next((n for n, one in enumerate(found) if one.folder.name == request.url_vars["release"]), None)
    if place is None:
        return await not_found(datasette, request)
    return Response.json(await _manifest(datasette, found, place))


async def _manifest(datasette: Any, found: list[FrozenRelease], place: int) -> dict[str, object]:
    """What the manifest on the disk says, with the address of each file, and which of them are not given out any more."""
    release, base = found[place], site_url(datasette)
    folder = f"{base}/releases/{release.folder.name}"
    withheld = await _withheld(datasette, release)
    own = f"{folder}/ogi.db" if "ogi.db" in release.files else f"{base}/ogi.db"
    return {
        **release.manifest,
        "previous": release.manifest.get("previous") or (found[place + 1].name if place + 1 < len(found) else None),
        "manifest": f"{folder}/{MANIFEST}",
        "datapackage": f"{folder}/datapackage.json",
        "database": own,
        "files": [
            {
                **about,
                "url": f"{folder}/{path}",
                **({"withheld": withheld[path]} if path in withheld else {}),
            }
            for path, about in release.files.items()
        ],
    }


async def download(datasette: Any, request: Any) -> Any:
    """A file of a release."""
    folder, name = request.url_vars["release"], request.url_vars["file"]
    release = next((one for one in public_releases(datasette) if one.folder.name == folder), None)
    if release is None or (name not in release.files and name not in TEXTS):
        return await not_found(datasette, request)
    withheld = await _withheld(datasette, release)
    path = release.folder / name
    if name in withheld:
        return await gone(datasette, request, withheld[name])
    if not path.is_file():
        return await not_found(datasette, request)
    about = release.files.get(name, {})
    media = media_type(path.name)
    tag = str(about["sha256"]) if "sha256" in about else None
    return FileResponse(
        path,
        content_type=f"{media}; charset=utf-8" if media.startswith("text/") else media,
        request=request,
        headers=_CACHE | ({"x-ogi-sha256": tag} if tag else {}),
        tag=tag,
    )


ROUTES = (
    (r"^/releases/?$", index),
    (r"^/releases/latest\.json$", latest),
    (r"^/releases/(?P<release>[A-Za-z0-9._-]+)/manifest\.json$", manifest),
    (r"^/releases/(?P<release>[A-Za-z0-9._-]+)/(?P<file>[A-Za-z0-9._=-]+(?:/[A-Za-z0-9._=-]+)*)$", download),
)
