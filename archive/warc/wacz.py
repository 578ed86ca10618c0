"""WACZ 1.1.1: a selection of captures as one file that replay tools open.

Gzip members are copied byte by byte, so that each record in the package is the record of the archive: a leaf of its segment's tree in
`manifest.jsonl`, which travels along under `proof/` with the public keys.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, NotRequired, TypedDict
from urllib.parse import urlsplit

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.warc import growth, wacz_auth
from archive.warc.cdxj import cdxj_line, is_left_out
from archive.warc.context import Role
from archive.warc.members import BrokenMember, iter_members
from archive.warc.records import CAPTURES, parse_date
from archive.warc.segments import program_version
from archive.warc.signing import PUBLIC_SUFFIX
from archive.warc.taken import followed
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from archive.files.folder import Archive
    from archive.warc.members import Member
    from archive.warc.records import Record

WACZ_VERSION = "1.1.1"
_LINES_A_BLOCK = 300  # of the compressed index, as other writers have it
DATA_NAME = "data.warc.gz"
_EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class NothingSelected(OgiError):
    """Raised when no capture fits a selection, by `write_wacz`."""


@dataclass(frozen=True, slots=True)
class WaczSummary:
    """What a package holds."""

    path: Path
    captures: int
    pages: int
    size: int


@dataclass(slots=True)
class _Wanted:
    """The captures that go into the package, and what must come with them."""

    ids: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    #: Originals that revisits stand for, by record id or by address and date.
    original_ids: set[str] = field(default_factory=set)
    original_places: set[tuple[str, str]] = field(default_factory=set)
    #: Captures that are withheld, and whether some of them would have fitted.
    leave_out: Collection[str] = frozenset()
    lacks_some: bool = False

    def take(self, record: Record) -> None:
        """Add a capture."""
        self.ids.add(record.id)
        self.hosts.add(urlsplit(record.uri).hostname or "")
        refers_to = record.refers_to
        if refers_to is not None:
            if refers_to.record_id is not None:
                self.original_ids.add(refers_to.record_id)
            else:
                self.original_places.add((refers_to.url, utc_text(parse_date(refers_to.date))))

    def is_original(self, record: Record) -> bool:
        """Whether a revisit that goes along stands for this record."""
        if record.type not in ("response", "resource") or is_left_out(record, self.leave_out):
            return False
        return record.id in self.original_ids or (record.uri, utc_text(record.date)) in self.original_places


def write_wacz(
    archive: Archive,
    out: Path,
    *,
    created: datetime,
    urls: Collection[str] | None = None,
    title: str = "",
    description: str = "",
    segments: Collection[str] | None = None,
    index: Path | None = None,
    leave_out: Collection[str] = frozenset(),
) -> WaczSummary:
    """Write a package of captures, with their requests and the originals of their revisits.

    Args:
        archive: Where they come from; only closed segments count.
        out: The file, replaced when the new one is complete.
        created: The time that the package says it was made at.
        urls: Addresses; every capture of each goes in, and of the attachments that hang on them. `None` is everything.
        title: Of the package.
        description: Of the package.
        segments: Look only into these, if the caller knows where the captures are.
        leave_out: Ids of captures that are withheld. If there are any, the run's own records stay out as well: a visit log tells pages by
            what differs in them.
        index: Where to write the package's index (CDXJ) once more, for tools that don't look into packages.

    Raises:
        NothingSelected: No capture fits.
        DamagedArchive: A segment can't be read.
    """
    names = [name for name in archive.store.names() if segments is None or name in segments]
    wanted = _choose(archive, names, set(urls) if urls is not None else None, frozenset(leave_out))
    if not wanted.ids:
        raise _nothing(wanted)
    part = out.with_name(out.name + ".part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryFile(dir=out.parent) as data, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as package:
            lines, pages = _copy(archive, names, wanted, data)
            writer = PackageWriter(package, created)
            data.seek(0)
            writer.add_stream(f"archive/{DATA_NAME}", data)
            _add_lists(writer, lines, pages)
            _add_proof(writer, archive)
            writer.finish(
                title or archive.settings.archive.name,
                description,
                pages,
                (lambda digest: wacz_auth.signed_data(archive, digest, created))
                if archive.settings.proof.sign
                else None,
            )
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(out)
    if index is not None:
        index.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return WaczSummary(out, len(lines), len(pages), out.stat().st_size)


def _add_lists(writer: PackageWriter, lines: list[str], pages: list[ReportPage]) -> None:
    """Add the index of the captures, and the list of pages."""
    blocks, summary = compressed_index(lines)
    writer.add("indexes/index.cdx.gz", blocks)
    writer.add("indexes/index.idx", summary, deflate=True)
    writer.add("pages/pages.jsonl", pages_list(pages))


def _add_proof(writer: PackageWriter, archive: Archive) -> None:
    """Add what the records are proved by: the manifest and the public keys; in an archive that signs, the key's note too."""
    if archive.manifest_path.exists():
        writer.add("proof/manifest.txt", archive.manifest_path.read_bytes(), deflate=True)
    for key in sorted(archive.keys_dir.glob("*" + PUBLIC_SUFFIX)):
        writer.add(f"proof/{key.name}", key.read_bytes())
    if archive.settings.proof.sign:
        writer.add(
            wacz_auth.KEY_NOTE,
            wacz_auth.key_note(archive, growth.origin_of(archive, growth.genesis_of(archive))).encode(),
        )


def _records(archive: Archive, names: Collection[str]) -> Iterator[tuple[Member, Record]]:
    for name in names:
        with archive.store.open(name) as stream:
            try:
                yield from followed(iter_members(stream), name)
            except BrokenMember as error:
                raise DamagedArchive(f"{name}: {error}; `ogi verify` tells more") from error


def _choose(archive: Archive, names: Collection[str], urls: set[str] | None, leave_out: frozenset[str]) -> _Wanted:
    wanted = _Wanted(leave_out=leave_out)
    for _, record in _records(archive, names):
        if record.type not in CAPTURES or not (urls is None or _fits(record, urls)):
            continue
        if is_left_out(record, leave_out):
            wanted.lacks_some = True
        else:
            wanted.take(record)
    return wanted


def _nothing(wanted: _Wanted) -> NothingSelected:
    reason = "what fits is withheld (`ogi withhold`)" if wanted.lacks_some else "no archived capture fits the selection"
    return NothingSelected(f"{reason}, so there is nothing to package")


def _fits(record: Record, urls: set[str]) -> bool:
    context = record.context
    return record.uri in urls or (context is not None and context.parent in urls)


def _copy(
    archive: Archive, names: Collection[str], wanted: _Wanted, data: IO[bytes]
) -> tuple[list[str], list[ReportPage]]:
    """Copy the members that belong to the selection. Gives the lines of the index and the pages."""
    lines: list[str] = []
    pages: list[ReportPage] = []
    taken: set[str] = set()
    header: Member | None = None
    for member, record in _records(archive, names):
        if record.type == "warcinfo":
            header = member  # written when something of its segment follows
            continue
        if not _belongs(record, wanted, taken):
            continue
        if header is not None:
            _write_member(archive, record.segment, header, data)
            header = None
        offset = data.tell()
        _write_member(archive, record.segment, member, data)
        taken.add(record.id)
        if record.type in CAPTURES:
            lines.append(cdxj_line(record, DATA_NAME, offset, member.length))
            page = _page(record)
            if page is not None:
                pages.append(page)
    return sorted(lines, key=str.encode), pages


def _belongs(record: Record, wanted: _Wanted, taken: set[str]) -> bool:
    if record.type in CAPTURES:
        return record.id in wanted.ids or wanted.is_original(record)
    if record.type == "request":
        return record.get("WARC-Concurrent-To") in taken
    return record.type == "metadata" and record.uri.removeprefix("urn:ogi:host:") in wanted.hosts


def _write_member(archive: Archive, segment: str, member: Member, data: IO[bytes]) -> None:
    with archive.store.open(segment) as stream:
        stream.seek(member.offset)
        data.write(stream.read(member.length))


def _page(record: Record) -> ReportPage | None:
    """What the package's list of pages says of a capture; only pages of reports stand there."""
    context = record.context
    if record.http_status != 200 or context is None or context.role is not Role.REPORT:
        return None
    identity = hashlib.sha256(record.id.encode()).hexdigest()[:16]
    page: ReportPage = {"id": identity, "url": record.uri, "ts": utc_text(record.date)}
    if context.entry is not None and context.entry.title:
        page["title"] = context.entry.title
    return page


def compressed_index(lines: list[str]) -> tuple[bytes, bytes]:
    """The index in gzip blocks, and the index of the blocks by their first key."""
    blocks: list[bytes] = []
    summary = ['!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']
    offset = 0
    for start in range(0, len(lines), _LINES_A_BLOCK):
        chosen = lines[start : start + _LINES_A_BLOCK]
        block = gzip.compress("".join(line + "\n" for line in chosen).encode("utf-8"), mtime=0)
        place = {"offset": offset, "length": len(block), "digest": f"sha256:{hashlib.sha256(block).hexdigest()}"}
        summary.append(f"{chosen[0].partition('{')[0].strip()} {json.dumps(place)}\n")
        blocks.append(block)
        offset += len(block)
    return b"".join(blocks), "".join(summary).encode("utf-8")


def pages_list(pages: list[ReportPage]) -> bytes:
    """The package's list of pages, one JSON object a line, behind the line that says what it is."""
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (head, *pages)).encode("utf-8")


class ReportPage(TypedDict):
    """A line of `pages.jsonl`: an address that replay tools offer to open."""

    id: str
    url: str
    ts: str
    title: NotRequired[str]


class _File(TypedDict):
    """What the data package says of one of its files."""

    name: str
    path: str
    hash: str
    bytes: int


class PackageWriter:
    """Adds files to the ZIP and remembers what the data package must say of them."""

    def __init__(self, package: zipfile.ZipFile, created: datetime) -> None:
        self._package = package
        self._created = created
        self._resources: list[_File] = []

    def _entry(self, path: str, *, deflate: bool) -> zipfile.ZipInfo:
        date = max(self._created.timetuple()[:6], _EARLIEST_ZIP_DATE)
        entry = zipfile.ZipInfo(path, date)
        entry.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
        return entry

    def add(self, path: str, data: bytes, *, deflate: bool = False) -> None:
        """Add a small file."""
        self._package.writestr(self._entry(path, deflate=deflate), data)
        self._list(path, hashlib.sha256(data).hexdigest(), len(data))

    def add_stream(self, path: str, source: IO[bytes]) -> None:
        """Add a large file, stored as it is."""
        digest = hashlib.sha256()
        size = 0
        with self._package.open(self._entry(path, deflate=False), "w", force_zip64=True) as target:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self._list(path, digest.hexdigest(), size)

    def _list(self, path: str, digest: str, size: int) -> None:
        name = path.rpartition("/")[2].lower()
        self._resources.append({"name": name, "path": path, "hash": f"sha256:{digest}", "bytes": size})

    def finish(
        self,
        title: str,
        description: str,
        pages: list[ReportPage],
        sign: Callable[[str], dict[str, str]] | None,
    ) -> None:
        """Write the data package and its digest; `sign` gives the member `signedData` over the digest."""
        package: dict[str, str | list[_File]] = {"profile": "data-package", "resources": self._resources}
        if title:
            package["title"] = title
        if description:
            package["description"] = description
        if pages:
            package["mainPageURL"], package["mainPageDate"] = pages[0]["url"], pages[0]["ts"]
        package["created"] = utc_text(self._created)
        package["wacz_version"] = WACZ_VERSION
        package["software"] = f"ogi-archive {program_version()}"
        text = json.dumps(package, ensure_ascii=False, indent=2).encode("utf-8")
        self._package.writestr(self._entry("datapackage.json", deflate=True), text)
        whole = f"sha256:{hashlib.sha256(text).hexdigest()}"
        digest: dict[str, str | dict[str, str]] = {"path": "datapackage.json", "hash": whole}
        if sign is not None:
            digest["signedData"] = sign(whole)
        digest_text = json.dumps(digest, indent=2).encode("utf-8")
        self._package.writestr(self._entry("datapackage-digest.json", deflate=True), digest_text)
