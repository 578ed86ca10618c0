"""Data for whoever wants it: downloads, releases, dictionary, method, accuracy, and an API guide with examples that work."""

from __future__ import annotations

from typing import Any

from archive.index.indicators import OFFERED
from archive.publish.frozen import FrozenRelease, releases
from archive.site.errors import not_found
from archive.site.files import FileResponse
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
            "example": example[0] if example else None,
            "dataset": described(site_url(datasette), Translator(language_of(request)), found),
            "has_database": is_offered(archive),
            "database_size": archive.db_path.stat().st_size,
            "head": head(archive) if archive.manifest_path.exists() else None,
        },
        section="data",
    )


def described(base: str, translate: Translator, found: list[FrozenRelease]) -> dict[str, Any]:
    """The data as schema.org describes it, for those who look for data sets."""
    files = [
        {
            "@type": "DataDownload",
            "contentUrl": f"{base}/releases/{release.folder.name}/{path}",
            "contentSize": f"{file['bytes']} B",
            "sha256": file["sha256"],
        }
        for release in found[:1]
        for path, file in release.files.items()
        if "/year=" not in path  # its parts are in the manifest
    ]
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
        "variableMeasured": [item.en for item in OFFERED],
        "distribution": files + tables,
    }


async def whole_database(datasette: Any, request: Any) -> Any:
    """The database as one file."""
    path = await public_database(datasette)
    if path is None:
        return await not_found(datasette, request)
    return FileResponse(path, content_type="application/vnd.sqlite3", request=request)


ROUTES = (
    (r"^/data$", data),
    (r"^/ogi\.db$", whole_database),
)
