"""Files inside zip containers (docx, xlsx, ofd, zip), unpacked only as far as the limits allow."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from lxml import etree

from extract.errors import DocumentTooLarge, UnreadableDocument

if TYPE_CHECKING:
    from extract.document.limits import Budget

_MAX_MEMBERS = 20_000
# A long report has 100,000; the tree of one element takes some 150 bytes.
_MAX_TAGS = 800_000
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip container; raise `UnreadableDocument` when its directory is damaged."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGE as error:
        raise UnreadableDocument(f"the zip container is damaged or cut short ({error}); download it again") from error
    if len(archive.NameToInfo) > _MAX_MEMBERS:
        raise DocumentTooLarge(f"the zip container holds more than {_MAX_MEMBERS} files")
    return archive


def read_member(archive: zipfile.ZipFile, name: str, budget: Budget) -> bytes:
    """The bytes of one file; its size is counted before a byte is unpacked.

    Raises:
        UnreadableDocument: Encrypted, damaged, or not there.
        DocumentTooLarge: It would pass `max_unpacked_bytes`.
    """
    try:
        member = archive.getinfo(name)
    except KeyError as error:
        raise UnreadableDocument(f"the file has no part {name}; save it again") from error
    if member.flag_bits & 0x1:
        raise UnreadableDocument(f"{name} in the zip container is encrypted; unpack it with its password first")
    budget.add_unpacked(member.file_size)
    try:
        return archive.read(member)
    except (*_DAMAGE, RuntimeError) as error:
        raise UnreadableDocument(f"{name} in the zip container is damaged ({error}); download it again") from error


def parse_xml(data: bytes, name: str) -> etree._Element:
    """Parse a part without entities, network or document types, which office files never have."""
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data[:65536]:
        raise UnreadableDocument(f"{name} declares a document type, which office files never do; it was not read")
    if data.count(b"<") > _MAX_TAGS:
        raise DocumentTooLarge(f"{name} has more than {_MAX_TAGS} tags; no report has a tenth of them")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocument(
            f"{name} is damaged or nested too deeply ({error.msg}); save the file again"
        ) from error
