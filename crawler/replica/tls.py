"""https as portals get it wrong: certificates that nobody signed, that have expired or name another host, and weak key exchange.

Keys and certificates are made when they are first needed, for this process alone.
"""

from __future__ import annotations

import base64
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

KINDS = ("self-signed", "expired", "wrong-name", "weak-dh")

#: The 1024-bit group of RFC 2409 §6.2: OpenSSL's default level refuses it with DH_KEY_TOO_SMALL.
_GROUP_2 = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE65381FFFFFFFFFFFFFFFF"
)
#: PKCS #3: a sequence of two integers, the prime and the generator 2.
_DH_PARAMETERS = bytes.fromhex(f"30818702818100{_GROUP_2}020102")


@cache
def server_context(kind: str) -> ssl.SSLContext:
    """The server's side of a kind of TLS trouble. Raises `ValueError` for a kind that isn't one of `KINDS`."""
    if kind not in KINDS:
        raise ValueError(f"no kind of TLS trouble: {kind!r}; there are {', '.join(KINDS)}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="ogi-replica-") as folder:
        pair = Path(folder) / "pair.pem"
        pair.write_bytes(_pair(kind))
        context.load_cert_chain(pair)
        if kind == "weak-dh":
            parameters = Path(folder) / "dh.pem"
            coded = base64.encodebytes(_DH_PARAMETERS).decode()
            parameters.write_text(f"-----BEGIN DH PARAMETERS-----\n{coded}-----END DH PARAMETERS-----\n", "ascii")
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers("DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
            context.load_dh_params(str(parameters))
    return context


def _pair(kind: str) -> bytes:
    """Private key and certificate in PEM. All are signed by themselves; what else is wrong depends on the kind."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.shili.gov.cn")])
    now = datetime.now(UTC)  # the machine's time: certificates are judged by it, not by the season
    end = now - timedelta(days=30) if kind == "expired" else now + timedelta(days=30)
    alternative: x509.GeneralName = (
        x509.DNSName("www.shili.gov.cn") if kind == "wrong-name" else x509.IPAddress(ip_address("127.0.0.1"))
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
