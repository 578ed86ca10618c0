"""The bytes on the wire: framing, truncation, header fields as sent, addresses and certificates that are refused."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.http.transport import Answer, HttpClient, TransportError

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


def client(*, timeout_s: float = 5.0, max_body: int = 1 << 20, allowed: bool = True) -> HttpClient:
    return HttpClient(
        timeout_s=timeout_s,
        connect_timeout_s=5.0,
        max_body=max_body,
        may_connect=lambda name, ip: allowed,
        legacy_tls=lambda name: False,
    )


def ask(raw: bytes, *, timeout_s: float = 5.0, max_body: int = 1 << 20, stay: bool = False) -> Answer:
    """The answer that a client makes of raw bytes; `stay` leaves the connection open after them."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        if stay:
            await reader.read()

    async def run() -> Answer:
        async with server(talk) as port:
            http = client(timeout_s=timeout_s, max_body=max_body)
            try:
                return await http.exchange("GET", f"http://127.0.0.1:{port}/a?b=1#c", [("X-Mine", "yes")], b"")
            finally:
                await http.close()

    return asyncio.run(run())


def test_header_fields_keep_their_case_order_and_repetitions() -> None:
    answer = ask(b"HTTP/1.1 200 Good\r\nsErVeR: x\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nok")
    assert answer.headers == (("sErVeR", "x"), ("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("Content-Length", "2"))
    assert (answer.status, answer.reason, answer.body, answer.truncated) == (200, "Good", b"ok", None)
    assert answer.ip == "127.0.0.1"
    assert ("X-Mine", "yes") in answer.sent_headers


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: 1\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nabcde",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 5\r\n\r\nabcde",
        b"\r\nHTTP/1.1 200 OK\r\nX: long\r\n folded\r\nno colon here\r\nContent-Length: 5\r\n\r\nabcde",
    ],
    ids=["chunked", "until close", "bare line feeds", "continue first", "odd head"],
)
def test_framings(raw: bytes) -> None:
    answer = ask(raw)
    assert (answer.status, answer.body, answer.truncated) == (200, b"abcde", None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabcde", "disconnect"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", "disconnect"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nzz\r\n", "disconnect"),
    ],
)
def test_an_answer_that_breaks_off_is_kept_and_marked(raw: bytes, reason: str) -> None:
    answer = ask(raw)
    assert (answer.body, answer.truncated) == (b"abcde", reason)


def test_a_long_answer_is_cut_at_the_limit_and_marked() -> None:
    answer = ask(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, max_body=1000)
    assert (len(answer.body), answer.truncated) == (1000, "length")


def test_a_slow_drip_ends_with_what_has_come() -> None:
    answer = ask(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabcde", timeout_s=0.3, stay=True)
    assert (answer.body, answer.truncated) == (b"abcde", "time")


@pytest.mark.parametrize("raw", [b"", b"220 ftp ready\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_no_http_answer_is_unreachable(raw: bytes) -> None:
    with pytest.raises(TransportError) as failure:
        ask(raw)
    assert failure.value.verdict == "unreachable"


def test_silence_is_unreachable() -> None:
    with pytest.raises(TransportError, match=r"within 0\.3 s"):
        ask(b"", timeout_s=0.3, stay=True)


def test_one_connection_is_used_again_and_replaced_when_the_server_has_closed_it() -> None:
    connections: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()

    async def run() -> list[bytes]:
        async with server(talk) as port:
            http = client()
            try:
                return [(await http.exchange("GET", f"http://127.0.0.1:{port}/", [], b"")).body for _ in range(4)]
            finally:
                await http.close()

    assert asyncio.run(run()) == [b"ok"] * 4
    assert len(connections) == 2


def test_an_address_that_may_not_be_asked_is_not_connected_to() -> None:
    asked: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(1)

    async def run() -> None:
        async with server(talk) as port:
            await client(allowed=False).exchange("GET", f"http://localhost:{port}/", [], b"")

    with pytest.raises(TransportError, match="no public address") as failure:
        asyncio.run(run())
    assert failure.value.is_final
    assert not asked


def certificate(folder: Path, *, names: list[str], days: int) -> ssl.SSLContext:
    """A self-signed certificate in a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(item) for item in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def over_tls(context: ssl.SSLContext) -> Answer:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()

    async def run() -> Answer:
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, details: None
        )  # the server's view of a refused handshake
        async with server(talk, context) as port:
            http = client()
            try:
                return await http.exchange("GET", f"https://localhost:{port}/", [], b"")
            finally:
                await http.close()

    return asyncio.run(run())


def test_a_self_signed_certificate_has_a_verdict_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(TransportError) as failure:
        over_tls(certificate(tmp_path, names=["localhost"], days=5))
    assert failure.value.verdict == "tls:self-signed"


@pytest.mark.parametrize(
    ("names", "days", "verdict"),
    [(["localhost"], -1, "tls:expired"), (["other.example"], 5, "tls:wrong-name")],
)
def test_trusted_issuers_don_t_excuse_other_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], days: int, verdict: str
) -> None:
    context = certificate(tmp_path, names=names, days=days)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    with pytest.raises(TransportError) as failure:
        over_tls(context)
    assert failure.value.verdict == verdict


def test_facts_of_the_channel_go_with_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path, names=["localhost"], days=5)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    answer = over_tls(context)
    assert answer.body == b"ok"
    assert answer.tls is not None
    assert answer.tls["version"] == "TLSv1.3"
    assert answer.tls["subject"] == "commonName=localhost"
    assert answer.tls["certificate"].startswith("sha256:")
