"""One way into every carrier: bytes in, `Document` out. Each reader, and the library behind it, loads on first use."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from extract.document import detect as kinds
from extract.document.detect import detect
from extract.document.limits import Budget, check_size
from extract.errors import UnreadableDocument
from extract.messages import localizable
from extract.model import Document, Limits

_Reader = Callable[[bytes, Limits, str | None], Document]


def read_document(
    data: bytes, *, url: str | None = None, hint: str | None = None, limits: Limits | None = None
) -> Document:
    """Read a document of any kind that the program knows.

    Args:
        data: The file as stored.
        url: Where it came from; links of pages are made absolute with it.
        hint: A file name or declared media type; breaks ties only, the bytes decide.
        limits: What the document may cost; the defaults of `Limits` if left out.

    Raises:
        UnreadableDocument: Damaged, encrypted, or of a kind without a reader; the text says what to do.
        DocumentTooLarge: A limit was passed.
    """
    limits = limits or Limits()
    check_size(data, limits)
    if not data.strip(b"\x00\r\n\t "):
        raise UnreadableDocument("the file is empty; download it again")
    media_type = detect(data, hint or url)
    if media_type == kinds.GZIP:
        return read_document(_gunzip(data, limits), url=url, hint=hint, limits=limits)
    reader = _READERS.get(media_type)
    if reader is None:
        raise UnreadableDocument(_REFUSALS.get(media_type, _UNKNOWN).format(media_type=media_type))
    return reader(data, limits, url)


def _gunzip(data: bytes, limits: Limits) -> bytes:
    budget = Budget(limits)
    unpack = zlib.decompressobj(wbits=31)
    try:
        content = unpack.decompress(data, budget.unpacked_left + 1)
    except zlib.error as error:
        raise UnreadableDocument(f"the gzip data is damaged ({error}); download the file again") from error
    budget.add_unpacked(len(content))
    if not unpack.eof:
        raise UnreadableDocument("the gzip data is cut short; download the file again")
    return content


def _html(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.web import html

    return html.read(data, limits, url=url)


def _json(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.web import json_page

    return json_page.read(data, limits, url=url)


def _text(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.document import text

    return text.read(data, limits)


def _pdf(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.paged import pdf

    return pdf.read(data, limits)


def _docx(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.office import docx

    return docx.read(data, limits)


def _doc(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.office import doc

    return doc.read(data, limits)


def _sheets(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.office import sheets

    return sheets.read(data, limits)


def _zip(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.document import zipped
    from extract.lexicon.titles import file_rank

    def read_member(member: bytes, name: str, inner: Limits) -> Document:
        return read_document(member, hint=name, limits=inner)

    return zipped.read(data, limits, read_member, file_rank)


def _ofd(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.paged import ofd

    return ofd.read(data, limits)


def _rtf(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.office import rtf

    return rtf.read(data, limits)


def _mht(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.web import mht

    return mht.read(data, limits)


def _image(data: bytes, limits: Limits, url: str | None) -> Document:
    from extract.paged import ocr

    return ocr.read(data, limits)


_READERS: dict[str, _Reader] = {
    kinds.PDF: _pdf,
    kinds.DOCX: _docx,
    kinds.WORD_XML: _docx,
    kinds.DOC: _doc,
    kinds.XLSX: _sheets,
    kinds.XLSB: _sheets,
    kinds.ODS: _sheets,
    kinds.XLS: _sheets,
    kinds.ZIP: _zip,
    kinds.OFD: _ofd,
    kinds.RTF: _rtf,
    kinds.MHT: _mht,
    kinds.HTML: _html,
    kinds.XML: _html,
    kinds.JSON: _json,
    kinds.TEXT: _text,
    **dict.fromkeys(kinds.IMAGES, _image),
}

_UNKNOWN = localizable(
    "the bytes are of no kind that can be read ({media_type}); check that the file is the report and is whole"
)
_REFUSALS = {
    kinds.OLE_ENCRYPTED: localizable("the Office file is encrypted with a password; save it without one"),
    kinds.OLE: localizable(
        "the file is an OLE container without a Word or Excel stream, or is damaged; save it as .docx"
    ),
    kinds.PPT: localizable("PowerPoint files can't be read; save it as .pdf"),
    kinds.PPTX: localizable("PowerPoint files can't be read; save it as .pdf"),
    kinds.ODT: localizable("OpenDocument text can't be read; save it as .docx"),
    kinds.RAR: localizable("RAR archives can't be opened; unpack it and give the documents"),
    kinds.SEVEN_ZIP: localizable("7z archives can't be opened; unpack it and give the documents"),
}
