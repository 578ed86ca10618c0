"""Captures of a portal derived from what a web archive answered, kept in a file until they are brought in, each with the exchange it was derived from."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

from archive.warc.digests import digest_of
from archive.warc.members import compress
from archive.warc.records import build_record
from crawler.imports.common_crawl import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crawler.imports.exchanges import Exchanged
    from crawler.imports.web_archives import PublicCapture


def keep(file: Path, found: PublicCapture, exchanges: Iterable[Exchanged]) -> None:
    """Put a capture into the file, on the disk: the page as it stood at its time, and behind it how it was got.

    Args:
        exchanges: That which gave it first; those with the archive's index, which named it, may follow.
    """
    member, identity = _record(found)
    with file.open("ab") as stream:
        stream.write(member + b"".join(one.records(identity) for one in exchanges))
        stream.flush()
        os.fsync(stream.fileno())


def _record(found: PublicCapture) -> tuple[bytes, str]:
    """The capture's record, as a gzip member, and its id: the original one where the archive gives that, else one made of what came."""
    row = found.row
    if found.member is not None:
        return found.member, record_of(found.member).id
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in found.headers) + "\r\n"
    block = head.encode("utf-8", "replace") + found.body
    identity = f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{found.asked} {digest_of(block)}').urn}>"
    fields = [("WARC-Target-URI", row.url), ("Content-Type", "application/http; msgtype=response")]
    fields += [("WARC-Payload-Digest", row.digest)] if row.digest else []
    return compress(build_record("response", fields, block, at=row.at, record_id=identity)), identity
