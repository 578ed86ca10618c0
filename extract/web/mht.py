"""Web pages saved in one file (MHT), as Word and WPS write them, often under a `.doc` name."""

from __future__ import annotations

import email
import email.policy
from email.errors import MessageError
from email.message import Message

from extract.document.detect import MHT, decode_text
from extract.document.limits import check_size
from extract.errors import UnreadableDocument
from extract.model import Document, Limits
from extract.web import html


def read(data: bytes, limits: Limits) -> Document:
    """Read the first HTML part with the style sheets that came with it; raise `UnreadableDocument` where there is none."""
    try:
        message = email.message_from_bytes(data.lstrip(), policy=email.policy.compat32)
        page = next(
            (part for part in message.walk() if part.get_content_type() == "text/html" and _text(part, limits)), None
        )
        if page is not None:
            sheets = [_text(part, limits) for part in message.walk() if part.get_content_type() == "text/css"]
            address = page.get("Content-Location")
            url = str(address) if address else None
            return html.read_markup(_text(page, limits), limits, url=url, media_type=MHT, sheets=sheets)
    except (MessageError, LookupError, ValueError, RecursionError) as error:
        raise UnreadableDocument(f"the saved web page is damaged ({error}); save it as .docx or .html") from error
    raise UnreadableDocument("the saved web page holds no HTML part; save it as .docx or .html")


def _text(part: Message, limits: Limits) -> str:
    """The text of a part, `""` if it has none."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return ""
    check_size(content, limits)
    return decode_text(content, part.get_content_charset())
