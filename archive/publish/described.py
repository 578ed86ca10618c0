"""What descriptors say of tables and files, by their members: `datapackage.json` (Frictionless) and the manifest of a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from archive.publish.fewer import ReportExtent


class FieldData(TypedDict):
    """A column, in a table schema."""

    name: str
    type: str
    description: str
    unit: NotRequired[str]
    constraints: NotRequired[dict[str, list[str]]]


class _Reference(TypedDict):
    """Which columns of which table a foreign key names."""

    resource: str
    fields: list[str]


class _ForeignKey(TypedDict):
    fields: list[str]
    reference: _Reference


class SchemaData(TypedDict):
    """A table schema."""

    fields: list[FieldData]
    missingValues: list[str]
    primaryKey: NotRequired[list[str]]
    foreignKeys: NotRequired[list[_ForeignKey]]


class ResourceData(TypedDict):
    """A file with rows of a table."""

    name: str
    title: str
    path: str
    format: str
    bytes: NotRequired[int]
    hash: str
    rows: int
    schema: SchemaData
    compression: NotRequired[str]
    profile: NotRequired[str]
    mediatype: NotRequired[str]
    encoding: NotRequired[str]
    dialect: NotRequired[dict[str, str]]


class ProvenanceData(TypedDict):
    """Where the rows of a package come from."""

    evidence: str
    manifest_head: str
    extractor: str | list[str] | None
    method: str


class DescribedFile(TypedDict):
    """A file of a package beside its tables."""

    path: str
    bytes: int
    sha256: str


class PackageData(TypedDict):
    """`datapackage.json`."""

    profile: str
    name: str
    title: str
    description: str
    release: str | None
    version: str
    created: str | None
    licenses: list[dict[str, str]]
    sources: list[dict[str, str]]
    contributors: list[dict[str, str]]
    provenance: ProvenanceData
    extent: ReportExtent
    resources: list[ResourceData]
    files: NotRequired[list[DescribedFile]]


class PartData(TypedDict, total=False):
    """Which rows a part of a release has: those of a year and province, with a key that is the same for the same rows."""

    year: int
    province: str
    key: str


class MemberData(PartData, total=False):
    """A part of a packed CSV file: its place in the file."""

    offset: int
    bytes: int
    rows: int


class FileData(PartData, total=False):
    """What the manifest of a release says of a file."""

    path: str
    table: str
    format: str
    rows: int
    columns: list[str]
    members: list[MemberData]
    bytes: int
    sha256: str
    unchanged_since: str


class RowDifference(TypedDict):
    """A report of two releases: the columns in which the table of reports differs, and both versions."""

    report: str
    columns: list[str]
    version: list[str | None]


ReleaseDelta = TypedDict(
    "ReleaseDelta",
    {
        "from": "str | None",
        "added": list[str],
        "changed": list[RowDifference],
        "removed": list[dict[str, str]],
        "changes": list[str],
        "figures_changed_by_agencies": list[dict[str, str]],
    },
)
