"""The errors of `archive`. All derive from `extract.errors.OgiError`, the base that the command line turns into exit status 2."""

from __future__ import annotations

from extract.errors import OgiError


class ArchiveMissing(OgiError):
    """Raised when a folder is no archive (no `ogi.toml`), by `archive.files.folder`."""


class ArchiveBusy(OgiError):
    """Raised when another process holds the archive's lock, by `archive.files.folder`."""


class BadSettings(OgiError):
    """Raised when `ogi.toml`, the environment or an option holds an unusable value, by `archive.files.settings`."""


class DamagedArchive(OgiError):
    """Raised when records or the manifest can't be used as they are, by segments, manifest and ingest."""


class NewerArchive(OgiError):
    """Raised when an archive was written by a newer release than this one, by `archive.index.database` and `archive.files.folder`."""


class DiskFull(OgiError):
    """Raised when records can't be written for want of space, by `archive.warc.segments`; what was written before is whole and kept."""


class ClusterFailed(OgiError):
    """Raised when a Dask cluster can't be reached or its workers can't serve this archive, by `archive.work.jobs` and `crawler.harvest.cluster`."""


class SiteError(OgiError):
    """Raised when the site can't be served (no database, port in use), by `archive.site`."""


class ExportFailed(OgiError):
    """Raised when an export can't be written (no database, unknown format, occupied folder), by `archive.publish.export`."""


class ImportFailed(OgiError):
    """Raised when a file can't be imported (missing, nothing in it), by `crawler.imports`."""


class BadState(OgiError):
    """Raised when a file of the operator outside the archive (trust, heads seen) can't be read, by `archive.files.heads` and `archive.files.trust`."""


class RolledBack(OgiError):
    """Raised when an archive is shorter than, or another one than, this machine saw it at its place, by commands that would write to it."""
