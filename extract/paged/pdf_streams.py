"""A look at the compressed streams of a PDF before PDFium unpacks them: a few kilobytes can hold a million strokes."""

from __future__ import annotations

import re
import zlib

from extract.errors import DocumentTooLarge
from extract.paged.pdf_codes import has_twin_digits

# A page of dense text has 0.05 MB of drawing commands, a map a few; PDFium needs seconds and 300 bytes a stroke.
_MAX_STREAM = 12 * 1024 * 1024
_MAX_TOTAL = 48 * 1024 * 1024
_STREAM = re.compile(rb"stream\r?\n")
# Pictures and fonts aren't drawing commands; they are unpacked only as they are used.
_NOT_COMMANDS = re.compile(
    rb"/Image\b|/FontFile|/Length1\b|/Length2\b|/CIDFontType0C|/Type1C|/OpenType|/DCTDecode|/JPXDecode|/XRef\b"
)

# A map from codes to text names itself at its head; that of a font with all Han characters has half a megabyte.
_MAP, _HEAD_OF_MAP, _LONGEST_MAP = b"begincmap", 1000, 1 << 20
_LAYERS = b"/OCProperties"
_PACKED_OBJECTS = re.compile(rb"/ObjStm\b(?:(?!endobj).){0,400}?stream\r?\n", re.DOTALL)
# Dictionaries of a report have some kilobytes; no need for more of them.
_MAX_OBJECTS = 1024 * 1024


def may_have_layers(data: bytes) -> bool:
    """Whether a PDF may have layers that can be switched off (optional content); true also where that can't be determined."""
    if _LAYERS in data or b"/Encrypt" in data:
        return True
    return any(_LAYERS in _unpacked(data, found.end()) for found in _PACKED_OBJECTS.finditer(data))


def _unpacked(data: bytes, start: int) -> bytes:
    """The beginning of a stream of packed objects; `_LAYERS` if it can't be unpacked, so that the question stays open."""
    unpack = zlib.decompressobj()
    try:
        return unpack.decompress(data[start : start + _MAX_STREAM], _MAX_OBJECTS)
    except zlib.error:
        return _LAYERS


def check_streams(data: bytes) -> bool:
    """Raise `DocumentTooLarge` when drawing commands unpack to far more than any report has.

    Returns:
        Whether a font may have one digit for two codes: some map from codes to text says so, or can't be read.
    """
    total, any_twins = 0, b"/Encrypt" in data
    for found in _STREAM.finditer(data):
        start = found.start()
        if data[start - 3 : start] == b"end":
            continue
        opening = data.rfind(b"obj", max(0, start - 1500), start)
        description = data[max(opening, start - 1500, 0) : start]
        if _NOT_COMMANDS.search(description):
            continue
        if b"/FlateDecode" not in description and b"/Fl " not in description:
            plain = data[found.end() : found.end() + _LONGEST_MAP].partition(b"endstream")[0]
            any_twins = any_twins or b"/LZW" in description or has_twin_digits(plain)
            continue
        size, beginning = _unpacked_size(data, found.end())
        any_twins = any_twins or has_twin_digits(beginning)
        total += size
        if total > _MAX_TOTAL:
            raise DocumentTooLarge(f"the PDF draws with more than {_MAX_TOTAL} bytes of commands; print it as a scan")
    return any_twins


def _unpacked_size(data: bytes, start: int) -> tuple[int, bytes]:
    """How much a stream unpacks to, and the beginning of it if it begins as a map from codes to text does."""
    unpack = zlib.decompressobj()
    size, at, beginning = 0, start, b""
    try:
        while not unpack.eof and at < len(data):
            piece = unpack.unconsumed_tail or data[at : at + 65536]
            at += 0 if unpack.unconsumed_tail else 65536
            unpacked = unpack.decompress(piece, 1 << 20)
            if len(beginning) < _LONGEST_MAP and (beginning or _MAP in unpacked[:_HEAD_OF_MAP]):
                beginning += unpacked
            size += len(unpacked)
            if size > _MAX_STREAM:
                raise DocumentTooLarge(
                    f"a page of the PDF draws with more than {_MAX_STREAM} bytes of commands; print it as a scan"
                )
    except zlib.error:
        return size, beginning  # damaged: PDFium stops there too
    return size, beginning
