"""Data for whoever wants it: downloads, releases, dictionary, method, accuracy, and an API guide with examples that work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.index.indicators import OFFERED
from archive.publish.frozen import FrozenRelease, releases
from archive.site.errors import not_found
from archive.site.files import FileResponse, media_type
from archive.site.i18n import Translator, language_of
from archive.site.memory import steady
from archive.site.metadata import PUBLIC_TABLES
from archive.site.public_copy import is_offered, public_database
from archive.site.ready import ready_queries
from archive.site.state import archive_of, site_url
from archive.site.view import render, rows


async def data(datasette: Any, request: Any) -> Any:
    """The page about data."""
    counts = {}
    for table in PUBLIC_TABLES:
        if table != "figures":  # a view over four tables: counting it reads them all
            counts[table] = (await steady(datasette, f"select count(*) as n from {table}"))[0]["n"]
    archive = archive_of(datasette)
    found = releases(archive.exports_dir)
    example = await rows(datasette, "select id, url from reports order by year desc, id desc limit 1")
    from archive.verify.run import head

    return await render(
        datasette,
        request,
        "data.html",
        {
            "tables": PUBLIC_TABLES,
            "queries": ready_queries(),
            "counts": counts,
            "releases": found,
            "release_files": listed_files(found[0]) if found else {},
            "example": example[0] if example else None,
            "dataset": described(site_url(datasette), Translator(language_of(request)), found),
            "has_database": is_offered(archive),
            "database_size": archive.db_path.stat().st_size,
            "head": head(archive) if archive.manifest_path.exists() else None,
        },
        section="data",
    )


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of a release as the page lists it: the year that it is of, if it is of one, its ending, and what the manifest says of it."""

    path: str
    year: str
    form: str
    rows: int
    bytes: int
    sha256: str


def listed_files(release: FrozenRelease) -> dict[str, list[ListedFile]]:
    """The files of a release with rows, by their table; Parquet by parts is a click away."""
    found: dict[str, list[ListedFile]] = {}
    for path, about in release.files.items():
        if not about.get("table") or about.get("table") == "delta" or "/year=" in path:
            continue
        name = path.rpartition("/")[2]
        year = str(about.get("year") or "")
        found.setdefault(str(about["table"]), []).append(
            ListedFile(path, year, name.partition(".")[2], about.get("rows") or 0, about["bytes"], str(about["sha256"]))
        )
    return found


def described(base: str, translate: Translator, found: list[FrozenRelease]) -> dict[str, object]:
    """The data as schema.org describes it, for those who look for data sets."""
    files = [
        {
            "@type": "DataDownload",
            "contentUrl": f"{base}/releases/{release.folder.name}/{path}",
            "contentSize": f"{file['bytes']} B",
            "sha256": file["sha256"],
            "encodingFormat": media_type(path),
        }
        for release in found[:1]
        for path, file in release.files.items()
        if "/year=" not in path  # its parts are in the manifest
    ]
    years = sorted({str(file["year"]) for release in found[:1] for file in release.files.values() if file.get("year")})
    tables = [
        {"@type": "DataDownload", "contentUrl": f"{base}/data/{table}.csv", "encodingFormat": "text/csv"}
        for table in PUBLIC_TABLES
    ]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": translate("site.name"),
        "description": translate("data.lead"),
        "url": f"{base}/data",
        "inLanguage": ["zh-Hans", "en"],
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "spatialCoverage": {"@type": "Place", "name": "China"},
        **({"temporalCoverage": f"{years[0]}/{years[-1]}"} if years else {}),
        "variableMeasured": [item.en for item in OFFERED],
        "distribution": files + tables,
    }


async def whole_database(datasette: Any, request: Any) -> Any:
    """The database as one file."""
    path = await public_database(datasette)
    if path is None:
        return await not_found(datasette, request)
    return FileResponse(path, content_type=media_type(path.name), request=request)


ROUTES = (
    (r"^/data$", data),
    (r"^/ogi\.db$", whole_database),
)
