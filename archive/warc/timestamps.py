"""RFC 3161 time stamps: a third party's word that a manifest line existed at a time.

Only what an archive needs: asking for a token, reading from one which hash it covers and when it was given, and whether it is as its
service signed it. Whether a service that somebody trusts signed it, is for the library `rfc3161-client`, with the chain of certificates.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.warc.posting import post
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography.x509 import Certificate

_SHA256 = bytes.fromhex("0609608648016503040201")  # OID 2.16.840.1.101.3.4.2.1
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")  # OID 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # OID 1.2.840.113549.1.7.2
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # OID 1.2.840.113549.1.9.4
#: Attributes that hold the hash of the signer's certificate (RFC 2634, RFC 5035).
_SIGNING_CERTIFICATE = (
    bytes.fromhex("060b2a864886f70d010910020c"),  # OID 1.2.840.113549.1.9.16.2.12, SHA-1
    bytes.fromhex("060b2a864886f70d010910022f"),  # OID 1.2.840.113549.1.9.16.2.47
)
_PSS = bytes.fromhex("06092a864886f70d01010a")  # OID 1.2.840.113549.1.1.10
_HASHES = {
    bytes.fromhex("06052b0e03021a"): "sha1",
    _SHA256: "sha256",
    bytes.fromhex("0609608648016503040202"): "sha384",
    bytes.fromhex("0609608648016503040203"): "sha512",
}
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
    return _der(0x30, _der(0x02, b"\x01") + imprint + _integer(nonce) + _der(0x01, b"\xff"))


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def request_token(url: str, data: bytes, *, timeout_s: float) -> bytes:
    """Ask a service for a token over the data. Gives the TimeStampToken in DER.

    Raises:
        StampFailed: No answer, a refusal, or a token over something else.
    """
    query = build_query(data, int.from_bytes(os.urandom(8), "big"))
    try:
        status, body = post(
            url, query, {"Content-Type": "application/timestamp-query"}, timeout_s=timeout_s, most=_MAX_ANSWER
        )
    except OSError as error:
        raise StampFailed(f"{url}: {error}") from error
    if status != 200:
        raise StampFailed(f"{url}: answered {status}")
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
        encapsulated = list(_elements(list(_elements(_signed_data(token)))[2][1]))
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


def check_token(token: bytes) -> None:
    """See whether a token is as its service signed it, by the certificate inside. One without a certificate can't be checked.

    Raises:
        StampFailed: It was altered: what it says, the signature or the signer's certificate.
    """
    try:
        parts = list(_elements(_signed_data(token)))
        content = next(_elements(list(_elements(parts[2][1]))[1][1]))[1]
        certificates = [
            _der(*one) for tag, body in parts[3:] if tag == 0xA0 for one in _elements(body) if one[0] == 0x30
        ]
        signature = _signature_of(next(_elements(parts[-1][1]))[1])
        stated = next(_elements(signature.attributes[_MESSAGE_DIGEST]))[1]
        if hashlib.new(signature.algorithm, content).digest() != stated:
            raise StampFailed("it was altered: its content is not what the service signed")
        if certificates and not any(signature.is_by(key) for key in _keys(certificates, signature)):
            raise StampFailed("it was altered: the signature is not that of the certificate inside")
    except (StopIteration, IndexError, KeyError, ValueError, TypeError) as error:
        raise StampFailed(f"its signature can't be read: {error!r}") from error


class _Signature(NamedTuple):
    """A SignerInfo: `signed` is what the signature covers, `signer` the element that names the certificate."""

    signer: tuple[int, bytes]
    algorithm: str
    attributes: dict[bytes, bytes]
    signed: bytes
    scheme: bytes
    value: bytes

    def is_by(self, key: object) -> bool:
        """Whether it was made with the private key that belongs to this public one."""
        return _verifies(key, self.value, self.signed, self.algorithm, self.scheme)


def _signature_of(info: bytes) -> _Signature:
    """Read the content of a SignerInfo. Raises `StopIteration`, `KeyError` or another error of its kind if it is none."""
    parts = list(_elements(info))
    place = next(number for number, (tag, _) in enumerate(parts) if tag == 0xA0 and number > 2)
    attributes = {_first(body): list(_elements(body))[1][1] for _, body in _elements(parts[place][1])}
    signed = _der(0x31, parts[place][1])
    scheme, value = _first(parts[place + 1][1]), parts[place + 2][1]
    return _Signature(parts[1], _HASHES[_first(parts[2][1])], attributes, signed, scheme, value)


def _keys(certificates: Sequence[bytes], signature: _Signature) -> list[object]:
    """The public keys of the certificates that a signature names."""
    from cryptography.x509 import load_der_x509_certificate

    named = [certificate for certificate in certificates if _is_named(certificate, signature.attributes)]
    loaded = [load_der_x509_certificate(certificate) for certificate in named]
    if signature.signer[0] == 0x30:  # issuer and serial number
        wanted = tuple(_der(*one) for one in _elements(signature.signer[1]))
        loaded = [one for one in loaded if (one.issuer.public_bytes(), _integer(one.serial_number)) == wanted]
    return [one.public_key() for one in loaded]


def confirm_token(token: bytes, roots: Sequence[Certificate]) -> str:
    """See whether a service signed a token whose chain of certificates leads to a trusted root, valid at the token's time; gives its name.

    Certificates inside the token only lead there: none of them is ever trusted for being there.

    Raises:
        StampFailed: It doesn't.
    """
    from cryptography.x509 import load_der_x509_certificate
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    granted = _der(0x30, _der(0x30, _integer(0)) + token)  # the library reads a token in the answer that brought it
    try:
        answer = decode_timestamp_response(granted)
        known = [*map(load_der_x509_certificate, answer.signed_data.certificates), *roots]
        (signer,) = answer.signed_data.signer_infos
        own = next(one for one in known if (one.serial_number, one.issuer) == (signer.serial_number, signer.issuer))
    except (ValueError, StopIteration) as error:
        raise StampFailed(f"its certificates can't be read: {error!r}") from error
    try:
        VerifierBuilder(roots=list(roots)).build().verify(answer, read_token(token).digest)
    except (VerificationError, ValueError) as error:
        issuer = own.issuer.rfc4514_string()
        raise StampFailed(f"its certificate, issued by {issuer}, doesn't lead to a trusted root") from error
    return own.subject.rfc4514_string()


def _signed_data(token: bytes) -> bytes:
    """ContentInfo → [0] → the content of SignedData."""
    content_type, content = _elements(next(_elements(token))[1])
    if _der(*content_type) != _SIGNED_DATA:
        raise ValueError("no SignedData")
    return next(_elements(content[1]))[1]


def _first(sequence: bytes) -> bytes:
    """The first element of a sequence's content, as it stands: an algorithm's or attribute's OID."""
    return _der(*next(_elements(sequence)))


def _is_named(certificate: bytes, attributes: dict[bytes, bytes]) -> bool:
    """Whether the signed attributes name this certificate by its hash; a token that names none takes any."""
    named = [attributes[name] for name in _SIGNING_CERTIFICATE if name in attributes]
    digests = [hashlib.new(name, certificate).digest() for name in _HASHES.values()]
    return not named or any(digest in attribute for attribute in named for digest in digests)


def _verifies(key: Any, signature: bytes, signed: bytes, algorithm: str, scheme: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    functions: dict[str, hashes.HashAlgorithm] = {
        "sha1": hashes.SHA1(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    function = functions[algorithm]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            pad = padding.PSS(padding.MGF1(function), padding.PSS.AUTO) if scheme == _PSS else padding.PKCS1v15()
            key.verify(signature, signed, pad, function)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(function))
        else:
            key.verify(signature, signed)  # Ed25519, Ed448
    except InvalidSignature:
        return False
    return True


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
