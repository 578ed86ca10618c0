"""Web pages saved in one file (MHT), as Word and WPS write them, often under a `.doc` name."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.errors import MessageError

from extract.document.detect import MHT, decode_text
from extract.document.limits import check_size
from extract.errors import UnreadableDocument
from extract.model import Document, Limits


def read(data: bytes, limits: Limits) -> Document:
    """Read the first HTML part; raise `UnreadableDocument` where there is none."""
    from extract.web import html

    try:
        message = email.message_from_bytes(data.lstrip(), policy=email.policy.compat32)
        for part in message.walk():
            if part.get_content_type() == "text/html":
                content = part.get_payload(decode=True)
                if isinstance(content, bytes) and content.strip():
                    check_size(content, limits)
                    charset = part.get_content_charset()
                    page = decode_text(content, charset).encode()
                    address = part.get("Content-Location")
                    document = html.read(b"\xef\xbb\xbf" + page, limits, url=str(address) if address else None)
                    return replace(document, media_type=MHT)
    except (MessageError, LookupError, ValueError, RecursionError) as error:
        raise UnreadableDocument(f"the saved web page is damaged ({error}); save it as .docx or .html") from error
    raise UnreadableDocument("the saved web page holds no HTML part; save it as .docx or .html")
