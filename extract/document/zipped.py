"""Zip archives: the annual report among the files inside, the others beside it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from extract.document.detect import IMAGES, ZIP, detect
from extract.document.limits import Budget
from extract.document.packed import open_zip, read_member
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Block, Cell, Document, Grid, Limits, Line, UnreadKind, UnreadPart

#: Reads one member: bytes, name, limits.
ReadMember = Callable[[bytes, str, Limits], Document]
#: How surely a member is the report by its name: the smallest comes first.
RankName = Callable[[str], int]

_MAX_DOCUMENTS = 40
_MAX_NESTING = 2
_SKIPPED = re.compile(r"(?:^|/)(?:__MACOSX/|\.|~\$|Thumbs\.db|desktop\.ini)", re.IGNORECASE)


def read(data: bytes, limits: Limits, read_document: ReadMember, rank: RankName, *, nesting: int = 1) -> Document:
    """Read the documents in a zip archive, the report first.

    The file whose name is most like an annual report's (`rank`), of equals the largest one, comes first; `where` begins with the file's
    name inside the archive. `read_document` reads a member: its bytes, its name, the limits. A file that can't be read is named in a
    warning; if none can, the archive is unreadable. Archives inside the archive are opened once.

    Raises:
        UnreadableDocument: Damaged, encrypted, or without a document that can be read.
        DocumentTooLarge: It unpacks to more than the limits allow.
    """
    budget = Budget(limits)
    documents: list[Document] = []
    warnings: list[str] = []
    unread: list[UnreadPart] = []
    with open_zip(data) as archive:
        members, pictures = _documents(archive, rank)
        unread.extend(UnreadPart(UnreadKind.PICTURE, name) for name in pictures)
        if not members:
            raise UnreadableDocument("the zip archive holds no document")
        if len(members) > _MAX_DOCUMENTS:
            raise DocumentTooLarge(f"the zip archive holds more than {_MAX_DOCUMENTS} documents; unpack it first")
        for member, name in members:
            budget.check_time()
            try:
                content = read_member(archive, member.filename, budget)
                found = _read_inside(content, name, limits, read_document, rank, nesting)
            except DocumentTooLarge:
                raise
            except UnreadableDocument as error:
                warnings.append(f"{name} in the zip archive was not read: {error}")
                unread.append(UnreadPart(UnreadKind.ATTACHMENT, name))
                continue
            warnings.extend(f"{name}: {warning}" for warning in found.warnings)
            documents.append(_placed(found, name))
    if not documents:
        raise UnreadableDocument("; ".join(warnings))
    first = documents[0]
    blocks: list[Block] = [block for document in documents for block in document.blocks]
    alternatives = tuple(
        replace(
            alternative, blocks=(*alternative.blocks, *(block for other in documents[1:] for block in other.blocks))
        )
        for alternative in first.alternatives
    )
    return Document(
        media_type=ZIP,
        blocks=tuple(blocks),
        titles=first.titles,
        metadata=first.metadata,
        links=tuple(link for document in documents for link in document.links),
        alternatives=alternatives,
        warnings=tuple(warnings),
        unread=(*unread, *(part for document in documents for part in document.unread)),
        further=tuple(part for document in documents for part in document.further),
    )


def _read_inside(
    content: bytes, name: str, limits: Limits, read_document: ReadMember, rank: RankName, nesting: int
) -> Document:
    if detect(content, name) == ZIP:
        if nesting >= _MAX_NESTING:
            raise UnreadableDocument("archives are nested too deeply; unpack them")
        return read(content, limits, read_document, rank, nesting=nesting + 1)
    return read_document(content, name, limits)


def _documents(archive: zipfile.ZipFile, rank: RankName) -> tuple[list[tuple[zipfile.ZipInfo, str]], list[str]]:
    """Files worth reading with their names, most report-like first, and the pictures that are left aside.

    Pictures are read only where there is nothing else.
    """
    found = [
        (member, _true_name(member))
        for member in archive.infolist()
        if not member.is_dir() and member.file_size and not _SKIPPED.search(member.filename)
    ]
    texts = [item for item in found if not _is_picture(item[1])]
    pictures = [name for _, name in found if _is_picture(name)] if texts else []
    worth = sorted(texts or found, key=lambda item: (rank(item[1]), -item[0].file_size, item[1]))
    return worth, pictures


def _is_picture(name: str) -> bool:
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    return f"image/{'jpeg' if suffix == 'jpg' else suffix}" in IMAGES or suffix == "tif"


def _true_name(member: zipfile.ZipInfo) -> str:
    """The file's name; archives made by Windows programs in China hold GBK without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return member.filename


def _placed(document: Document, name: str) -> Document:
    """The document with the file's name before every place."""
    return replace(
        document,
        blocks=tuple(_placed_block(block, name) for block in document.blocks),
        alternatives=tuple(_placed(alternative, name) for alternative in document.alternatives),
        unread=tuple(replace(part, where=f"{name}: {part.where}") for part in document.unread),
        further=tuple(_placed(other, name) for other in document.further),
    )


def _placed_block(block: Block, name: str) -> Block:
    if isinstance(block, Line):
        return replace(block, where=f"{name}: {block.where}")
    rows = tuple(tuple(_placed_cell(cell, name) for cell in row) for row in block.rows)
    return Grid(rows, f"{name}: {block.where}")


def _placed_cell(cell: Cell | None, name: str) -> Cell | None:
    return None if cell is None else replace(cell, where=f"{name}: {cell.where}")
