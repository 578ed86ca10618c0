"""RFC 3161 time stamps: a third party's word that a manifest line existed at a time.

Only what an archive needs: asking for a token, and reading from one which hash it covers and when it was given. The token's own
signature is checked by `openssl ts -verify` with the service's certificate, as `docs/evidence.md` shows.
"""

from __future__ import annotations

import hashlib
import os
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHA256 = bytes.fromhex("0609608648016503040201")  # OID 2.16.840.1.101.3.4.2.1
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")  # OID 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo
_MAX_ANSWER = 1 << 20


class StampFailed(OgiError):
    """Raised when a service gives no token, or bytes are none, by this module."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token says: the SHA-256 that it covers, and when the service saw it."""

    digest: bytes
    at: datetime


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def build_query(data: bytes, nonce: int) -> bytes:
    """The TimeStampReq for the SHA-256 of the data; asks for the service's certificate in the answer."""
    imprint = _der(0x30, _der(0x30, _SHA256 + _der(0x05, b"")) + _der(0x04, hashlib.sha256(data).digest()))
    number = nonce.to_bytes(nonce.bit_length() // 8 + 1, "big")
    return _der(0x30, _der(0x02, b"\x01") + imprint + _der(0x02, number) + _der(0x01, b"\xff"))


def request_token(url: str, data: bytes, *, timeout_s: float) -> bytes:
    """Ask a service for a token over the data. Gives the TimeStampToken in DER.

    Raises:
        StampFailed: No answer, a refusal, or a token over something else.
    """
    query = build_query(data, int.from_bytes(os.urandom(8), "big"))
    request = urllib.request.Request(url, query, {"Content-Type": "application/timestamp-query"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            body = answer.read(_MAX_ANSWER)
    except (OSError, ValueError) as error:
        raise StampFailed(f"{url}: {error}") from error
    return token_of(body, data)


def token_of(answer: bytes, data: bytes) -> bytes:
    """The token in a TimeStampResp, which must cover the data. Raises `StampFailed`."""
    try:
        parts = list(_elements(next(_elements(answer))[1]))
        status = next(_elements(parts[0][1]))[1]
    except (StopIteration, IndexError, ValueError) as error:
        raise StampFailed("the service's answer is no time stamp") from error
    if int.from_bytes(status, "big") not in (0, 1) or len(parts) < 2:  # granted, granted with modifications
        raise StampFailed(f"the service refused (status {int.from_bytes(status, 'big')})")
    token = _der(parts[1][0], parts[1][1])
    if read_token(token).digest != hashlib.sha256(data).digest():
        raise StampFailed("the service's token covers something else")
    return token


def read_token(token: bytes) -> Stamp:
    """Read a TimeStampToken. Raises `StampFailed` if it is none, or doesn't use SHA-256."""
    try:
        # ContentInfo → [0] → SignedData → encapContentInfo (id-ct-TSTInfo) → [0] → OCTET STRING → TSTInfo
        signed = next(_elements(list(_elements(next(_elements(token))[1]))[1][1]))[1]
        encapsulated = list(_elements(list(_elements(signed))[2][1]))
        if _der(*encapsulated[0]) != _TST_INFO:
            raise ValueError("no TSTInfo")
        info = list(_elements(next(_elements(next(_elements(encapsulated[1][1]))[1]))[1]))
        algorithm, imprint = _elements(info[2][1])
        if _der(*next(_elements(algorithm[1]))) != _SHA256:
            raise ValueError("not over a SHA-256")
        text = next(content for tag, content in info[3:] if tag == 0x18).decode("ascii")
        at = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except (StopIteration, IndexError, ValueError) as error:
        raise StampFailed(f"these bytes are no time-stamp token: {error}") from error
    return Stamp(imprint[1], at)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each DER element of a sequence's content. Raises `ValueError` for what is none."""
    position = 0
    while position < len(data):
        tag, size = data[position], data[position + 1]
        position += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[position : position + count], "big")
            position += count
        if position + size > len(data):
            raise ValueError("torn DER")
        yield tag, data[position : position + size]
        position += size
