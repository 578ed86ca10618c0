"""What the bytes are: media type by content, and text in the charset it was written in.

Neither a file's name nor a server's header decides: portals serve Word files as `text/html`, web pages named `.doc` and
`.wps` files that are Word's. They only break ties between kinds that look alike.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Set

from extract.document.json_text import load_json, may_be_json

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
OLE_ENCRYPTED = "application/x-ole-encrypted"
OLE = "application/x-ole-storage"
WORD_XML = "application/vnd.ms-word.xml"
OFD = "application/ofd"
RTF = "application/rtf"
MHT = "multipart/related"
ZIP = "application/zip"
GZIP = "application/gzip"
RAR = "application/vnd.rar"
SEVEN_ZIP = "application/x-7z-compressed"
HTML = "text/html"
TEXT = "text/plain"
JSON = "application/json"
XML = "application/xml"
BINARY = "application/octet-stream"

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/tiff", "image/webp"})

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"Rar!\x1a\x07", RAR),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"\x1f\x8b\x08", GZIP),
)
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?(?:(?><!--.*?-->)\s*+)*+"
    r"<(?:!doctype\s+html|html|head|body|meta|title|link|script|style|table|tbody|tr|td|div|p|span|h[1-6]|center|font|"
    r"ul|ol|section|article|br|a|b|strong|img|form|iframe|frameset|base|input|noscript)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_INSIDE = re.compile(r"<html[\s>]|</(?:td|tr|table|p|div)\s*>", re.IGNORECASE)
_MHT_HEADER = re.compile(
    rb"\A(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*?){0,40}?content-type:\s*multipart/(?:related|mixed|alternative)",
    re.IGNORECASE,
)
_META_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)
_HEADER_CHARSET = re.compile(r"""(?:charset\s*=\s*)?["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CHARSETS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le", "unicode"), "utf-16-le"),
    "utf-16be": "utf-16-be",
    # As browsers do: pages labelled GB2312 or GBK hold characters of the larger sets.
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk", "cp936", "gb-2312", "euc-cn", "hz-gb-2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5"), "big5hkscs"),
}
_SNIFF_BYTES = 4096
#: What a package says it is (the first file of OpenDocument files and books), and files that only one kind of package has.
_MIMETYPE = re.compile(r"application/[\w.+-]+")
_PACKAGES = ((".iwa", "application/vnd.apple.iwork"), (".fdseq", "application/vnd.ms-xpsdocument"))
#: An OpenDocument file in one piece of XML, with its kind.
_FLAT = re.compile(r"<office:document\b[^<>]*?office:mimetype\s*=\s*[\"'](application/[\w.-]+)")
#: A declared charset is a word; a header field may hold megabytes of blanks.
_DECLARED_CHARS = 100


def detect(data: bytes, hint: str | None = None) -> str:
    """Return the media type that the bytes show, `application/octet-stream` when they show none.

    Args:
        data: The whole file; containers are looked into (a zip with `word/` is a docx, an OLE file may be doc or xls).
        hint: A file name or a declared media type; used only for text that could be either kind.
    """
    head = data[:_SNIFF_BYTES]
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and len(head) > 18 and head[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    if _is_pdf(data, head):
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK00PK\x03\x04")):
        return _kind_of_zip(data)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_ole(data)
    if head.lstrip().startswith(b"{\\rtf"):
        return RTF
    if _MHT_HEADER.match(head.lstrip()):
        return MHT
    return _kind_of_text(data, hint)


def decode_text(data: bytes, header_charset: str | None = None) -> str:
    """Decode text that may be labelled wrongly: byte order mark, `<meta>`, header, UTF-8, then GB18030.

    `gb2312` and `gbk` are read as GB18030, as browsers do. A label that the bytes contradict is passed over. Where no
    charset fits the whole (a page cut inside a character), the one that loses fewest characters is taken.
    """
    return _decode(data, header_charset)[0]


def page_charset(data: bytes, header_charset: str | None = None) -> str:
    """The charset that `decode_text` reads a page in, by the name that counts for the queries of its links.

    GBK unless the page says GB18030: both are read alike, but GBK can't write all of the characters.
    """
    charset = _decode(data, header_charset)[1]
    if charset != "gb18030":
        return charset
    declared = (_META_CHARSET.search(data[:_SNIFF_BYTES]), header_charset or "")
    label = declared[0].group(1).decode("ascii") if declared[0] is not None else declared[1]
    return "gb18030" if "18030" in label else "gbk"


def _decode(data: bytes, header_charset: str | None) -> tuple[str, str]:
    """The text and the charset that it was read in."""
    for bom, charset in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(charset, "replace"), charset
    wide = _utf16_without_bom(data)
    if wide is not None:
        return data.decode(wide, "replace"), wide
    candidates = []
    for label in (_meta_charset(data), _label(header_charset), "utf-8", "gb18030"):
        if label is not None and label not in candidates:
            candidates.append(label)
    for charset in candidates:
        try:
            return data.decode(charset), charset
        except UnicodeDecodeError:
            continue
    attempts = [(data.decode(charset, "replace"), charset) for charset in candidates]
    return min(attempts, key=lambda attempt: attempt[0].count("\ufffd"))


def _meta_charset(data: bytes) -> str | None:
    found = _META_CHARSET.search(data[:_SNIFF_BYTES])
    if found is None:
        return None
    label = _label(found.group(1).decode("ascii"))
    # A page that says UTF-16 in ASCII letters isn't; the HTML standard reads it as UTF-8.
    return "utf-8" if label is not None and label.startswith("utf-16") else label


def _label(declared: str | None) -> str | None:
    """The Python codec of a declared charset, `None` unless it is one that Chinese portals write.

    A label that is not in the list says nothing: single-byte charsets decode any bytes, so that a server's default
    `iso-8859-1` would hide the real one.
    """
    if not declared:
        return None
    start = max(declared.lower().find("charset"), 0)
    named = _HEADER_CHARSET.search(declared[start : start + _DECLARED_CHARS])
    return _CHARSETS.get(named.group(1).lower().replace("_", "-")) if named is not None else None


def _utf16_without_bom(data: bytes) -> str | None:
    if data[:1] == b"<" and data[1:2] == b"\x00":
        return "utf-16-le"
    if data[:1] == b"\x00" and data[1:2] == b"<":
        return "utf-16-be"
    return None


def _is_pdf(data: bytes, head: bytes) -> bool:
    if head.lstrip(b"\xef\xbb\xbf\r\n\t \x00").startswith(b"%PDF-"):
        return True
    return b"%PDF-" in head[:1024] and b"endobj" in data


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            mimetype = (
                archive.read("mimetype")[:100].decode("ascii", "replace") if _small_entry(archive, "mimetype") else ""
            )
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, RuntimeError, EOFError):
        # Cut short: the list of files at its end is gone, but each file's own header names it.
        marks = ((b"word/document.xml", DOCX), (b"xl/workbook.xml", XLSX), (b"OFD.xml", OFD))
        return next((kind for mark, kind in marks if mark in data), ZIP)
    if any(name.startswith("word/") for name in names):
        return DOCX
    if "xl/workbook.bin" in names:
        return XLSB
    if any(name.startswith("xl/") for name in names):
        return XLSX
    if any(name.startswith("ppt/") for name in names) and "[Content_Types].xml" in names:
        return PPTX
    if any(name.lower() == "ofd.xml" for name in names):
        return OFD
    if mimetype.startswith((ODT, ODS)):
        return ODT if mimetype.startswith(ODT) else ODS
    return _kind_of_package(names, mimetype)


def _kind_of_package(names: Set[str], mimetype: str) -> str:
    """The kind of a document that is packed as a zip and that nothing here reads: what is inside is parts, not documents."""
    if _MIMETYPE.fullmatch(mimetype.strip()):
        return mimetype.strip().lower()
    found = next((kind for ending, kind in _PACKAGES if any(name.lower().endswith(ending) for name in names)), None)
    return ZIP if found is None else found


def _small_entry(archive: zipfile.ZipFile, name: str) -> bool:
    return name in archive.NameToInfo and archive.getinfo(name).file_size <= 200


def _kind_of_ole(data: bytes) -> str:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as storage:
            names = {"/".join(path).lower() for path in storage.listdir()}
    except (OSError, ValueError, IndexError, KeyError, TypeError, RecursionError):
        return OLE
    for stream, kind in (
        ("encryptedpackage", OLE_ENCRYPTED),
        ("worddocument", DOC),
        ("workbook", XLS),
        ("book", XLS),
        ("powerpoint document", PPT),
    ):
        if stream in names:
            return kind
    return OLE


def _kind_of_text(data: bytes, hint: str | None) -> str:
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and _utf16_without_bom(data) is None:
        sample = data[:65536]
        if len(_CONTROL.findall(sample)) > len(sample) // 200:
            return BINARY
    sample_text = decode_text(data[:65536])
    if (office := _kind_of_flat(sample_text[:8192])) is not None:
        return office
    if _HTML_START.match(sample_text):
        return HTML
    if may_be_json(sample_text) and _parses_as_json(data):
        return JSON
    if _HTML_INSIDE.search(sample_text):
        return HTML
    if re.match(r"\s*<\?xml\b|\s*<[A-Za-z][\w:.-]*[\s>/]", sample_text):
        return HTML if _names_html(hint) else XML
    return TEXT


def _kind_of_flat(head: str) -> str | None:
    """The kind of an office document in one piece of XML, by its beginning."""
    if "<w:wordDocument" in head or "<pkg:package" in head:
        return WORD_XML
    flat = _FLAT.search(head)
    if flat is None:
        return None
    return ODT if flat[1] == ODT else f"{flat[1]}-flat-xml"


def _names_html(hint: str | None) -> bool:
    return hint is not None and re.search(r"html?\b|\.shtml|\.jsp|\.aspx?", hint, re.IGNORECASE) is not None


def _parses_as_json(data: bytes) -> bool:
    try:
        load_json(decode_text(data))
    except (ValueError, RecursionError):
        return False
    return True
