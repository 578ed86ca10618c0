"""HTTP/1.1 on the wire, for an archive: header fields as received, bodies as transferred, the address that was connected to.

Scrapy's own handler gives normalised header fields, throws bodies over the limit away, and resolves names where nobody can look at
the answer. This handler keeps what evidence needs, and connects only to addresses that it has checked, so that neither a redirect nor
a name server leads a harvest into a private network. It costs a fraction of the CPU besides (`bench/harvest`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import socket
import ssl
import time
import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from scrapy.exceptions import DownloadFailedError
from scrapy.http import Headers, Response

from archive.warc.http_head import head_fields, status_code
from archive.warc.records import Exchange
from crawler.http.framing import proves_itself_whole
from crawler.http.hosts import is_public
from extract.document.numerals import whole_number
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from scrapy import Request
    from scrapy.crawler import Crawler

_CHUNK = 1 << 16
_HEAD_LIMIT = 1 << 18
_LINE_LIMIT = 1 << 17
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{0,15}")
#: Why a body may be cut although it is whole: its frame promised more.
_MISFRAMED = ("disconnect", "time")
_REQUEST_TIMEOUT = 408
_BODILESS = frozenset({204, 304})


class TransportError(DownloadFailedError):
    """Raised when an exchange brought no answer, by the transport.

    `verdict` is `unreachable` or `tls:<reason>`; `is_final` says that another attempt would fail for the same reason.
    """

    def __init__(self, verdict: str, detail: str, *, is_final: bool = False) -> None:
        super().__init__(detail)
        self.verdict = verdict
        self.detail = detail
        self.is_final = is_final


class _StaleConnectionError(Exception):
    """A connection kept from an earlier exchange was closed before it gave a byte: worth a fresh one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the network gave it.

    Attributes:
        headers: As received, order, case and repetitions included; bytes read as Latin-1.
        body: De-chunked, still content-encoded.
        truncated: WARC's reason (`length`, `time`, `disconnect`) if the body isn't whole.
        tls: Version, cipher and facts of the certificate.
        frame: What is wrong with the frame of a body that proves itself to be whole; empty where nothing is.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ip: str
    protocol: str
    truncated: str | None
    tls: dict[str, str | None] | None
    sent_headers: tuple[tuple[str, str], ...]
    elapsed_s: float
    frame: str = ""

    def header(self, name: str) -> str | None:
        """The first header field of that (lower-case) name, `None` without one."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None

    def exchange(self, url: str, method: str, request_body: bytes, now: datetime) -> Exchange:
        """The whole exchange, for the archive; it began when the answer was asked for. `now` is UTC."""
        return Exchange(
            url=url,
            method=method,
            request_headers=self.sent_headers,
            request_body=request_body,
            status=self.status,
            reason=self.reason,
            response_headers=self.headers,
            body=self.body,
            ip=self.ip,
            at=now - timedelta(seconds=self.elapsed_s),
            protocol=self.protocol,
            truncated=self.truncated,
            tls=self.tls,
            elapsed_s=self.elapsed_s,
        )


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ip: str
    tls: dict[str, str | None] | None
    used: bool = False


@dataclass(slots=True)
class _Partial:
    """What has arrived of an answer when time runs out."""

    status: int = 0
    reason: str = ""
    protocol: str = "http/1.1"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    complete: bool = False
    reusable: bool = False
    cut: str | None = None

    def field(self, name: str) -> str | None:
        """The first field of that (lower-case) name, `None` without one."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def promised(self) -> str:
        """What the head says of the body's end."""
        if "chunked" in (self.field("transfer-encoding") or "").lower():
            return localizable("no last chunk")
        return localizable(f"Content-Length {(self.field('content-length') or 'missing')[:20]}")


class HttpClient:
    """Keeps at most one idle connection a host. `may_connect(name, ip)` decides whether an address may be asked."""

    def __init__(
        self,
        *,
        timeout_s: float,
        connect_timeout_s: float,
        max_body: int,
        may_connect: Callable[[str, str], bool],
        legacy_tls: Callable[[str], bool],
    ) -> None:
        self._timeout_s = timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._max_body = max_body
        self._may_connect = may_connect
        self._legacy_tls = legacy_tls
        self._idle: dict[tuple[str, str, int], _Connection] = {}
        self._contexts: dict[bool, ssl.SSLContext] = {}

    async def exchange(self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        """Send one request and read its answer.

        Raises:
            TransportError: No answer: not resolved, refused, reset, timed out, TLS, or an address that may not be asked.
        """
        try:
            return await self._exchange(method, url, headers, body)
        except (ValueError, OverflowError) as error:  # UnicodeError is a ValueError
            # What a server or a page may write is without end; whatever the checks below don't foresee ends here.
            raise TransportError("unreachable", f"no exchange with {url[:200]} is possible: {error}") from error

    async def _exchange(self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        parts = urlsplit(url)
        name = (parts.hostname or "").rstrip(".")
        key = (parts.scheme, name, parts.port or (443 if parts.scheme == "https" else 80))
        target = quote(
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe="/:?#[]@!$&'()*+,;=%~^|{}\"<>\\`"
        )
        fields = [("Host", parts.netloc.rpartition("@")[2]), *headers]
        if body or method == "POST":
            fields.append(("Content-Length", str(len(body))))
        head = "".join([f"{method} {target} HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in fields), "\r\n"]).encode(
            "latin-1", "replace"
        )
        started = time.monotonic()
        try:
            connection, partial = await self._attempt(key, method, head + body)
        except _StaleConnectionError:
            connection, partial = await self._attempt(key, method, head + body)
        frame = ""
        if partial.cut in _MISFRAMED and proves_itself_whole(bytes(partial.body), partial.field("content-encoding")):
            frame = localizable(f"a whole body of {len(partial.body)} bytes under a wrong frame ({partial.promised})")
            partial.cut = None
        return Answer(
            status=partial.status,
            reason=partial.reason,
            headers=tuple(partial.headers),
            body=bytes(partial.body),
            ip=connection.ip,
            protocol=partial.protocol,
            truncated=partial.cut,
            tls=connection.tls,
            sent_headers=tuple(fields),
            elapsed_s=time.monotonic() - started,
            frame=frame,
        )

    async def close(self) -> None:
        """Close the idle connections."""
        for connection in self._idle.values():
            connection.writer.close()
        for connection in self._idle.values():
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                await asyncio.wait_for(connection.writer.wait_closed(), 1.0)
        self._idle.clear()

    async def _attempt(self, key: tuple[str, str, int], method: str, data: bytes) -> tuple[_Connection, _Partial]:
        connection = self._idle.pop(key, None)
        if connection is not None and not await _is_silent(connection):
            connection.writer.close()
            connection = None
        if connection is None:
            connection = await self._connect(*key)
        partial = _Partial()
        try:
            async with asyncio.timeout(self._timeout_s):
                connection.writer.write(data)
                await connection.writer.drain()
                await self._read(connection, method, partial)
        except TimeoutError as error:
            connection.writer.transport.abort()
            if not partial.headers and not partial.status:
                raise TransportError("unreachable", f"no answer from {key[1]} within {self._timeout_s:g} s") from error
            partial.cut = "time"
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            connection.writer.transport.abort()
            if not partial.status:
                if connection.used:
                    raise _StaleConnectionError from error
                raise _failure(key[1], error) from error
            partial.cut = "disconnect"
        except BaseException:
            connection.writer.transport.abort()
            raise
        if partial.status == _REQUEST_TIMEOUT and connection.used:
            # said of the silence before, not of this request (RFC 9110 §15.5.9): it goes out again on a fresh connection
            connection.writer.close()
            raise _StaleConnectionError
        if partial.complete and partial.reusable and partial.cut is None:
            connection.used = True
            self._idle[key] = connection
        else:
            connection.writer.close()
        return connection, partial

    async def _connect(self, scheme: str, name: str, port: int) -> _Connection:
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                infos = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
                addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
                for ip in addresses:  # one private answer among public ones is reason enough
                    if not self._may_connect(name, ip):
                        raise TransportError(
                            "unreachable", f"{name} resolves to {ip}, which is no public address", is_final=True
                        )
                return await self._open(scheme, name, port, addresses)
        except TimeoutError as error:
            raise TransportError(
                "unreachable", f"no connection to {name} within {self._connect_timeout_s:g} s"
            ) from error
        except (OSError, UnicodeError) as error:
            raise _failure(name, error) from error

    async def _open(self, scheme: str, name: str, port: int, addresses: Sequence[str]) -> _Connection:
        last: OSError | None = None
        for ip in addresses:
            try:
                if scheme == "https":
                    context = self._context(self._legacy_tls(name))
                    reader, writer = await asyncio.open_connection(
                        ip, port, ssl=context, server_hostname=name, limit=_LINE_LIMIT
                    )
                    return _Connection(reader, writer, ip, _tls_facts(writer.get_extra_info("ssl_object")))
                reader, writer = await asyncio.open_connection(ip, port, limit=_LINE_LIMIT)
                return _Connection(reader, writer, ip, None)
            except ssl.SSLError:
                raise
            except OSError as error:
                last = error
        raise last or OSError(f"{name} has no address")

    def _context(self, legacy: bool) -> ssl.SSLContext:
        if legacy not in self._contexts:
            context = ssl.create_default_context()
            if legacy:
                context.set_ciphers("ALL:!aNULL:!eNULL@SECLEVEL=0")
                context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 is what the definition asks for
                    context.minimum_version = ssl.TLSVersion.TLSv1
            self._contexts[legacy] = context
        return self._contexts[legacy]

    async def _read(self, connection: _Connection, method: str, partial: _Partial) -> None:
        reader = connection.reader
        while True:
            await _read_head(reader, partial)
            if partial.status >= 200 or partial.status == 101:
                break
            partial.headers.clear()  # 100 Continue, 103 Early Hints: the answer is still to come
        fields: dict[str, str] = {}
        for name, value in partial.headers:
            fields.setdefault(name.lower(), value)
        connection_field = fields.get("connection", "").lower()
        partial.reusable = (
            partial.protocol == "http/1.1" and "close" not in connection_field
        ) or "keep-alive" in connection_field
        if method == "HEAD" or partial.status in _BODILESS:
            partial.complete = True
        elif "chunked" in fields.get("transfer-encoding", "").lower():
            await self._read_chunked(reader, partial)
        elif (length := whole_number(fields.get("content-length"))) is not None:
            await self._read_exactly(reader, length, partial)
            partial.complete = partial.cut is None
        else:
            partial.reusable = False
            await self._read_to_end(reader, partial)

    async def _read_exactly(self, reader: asyncio.StreamReader, count: int, partial: _Partial) -> None:
        missing = count
        while missing:
            data = await reader.read(min(missing, _CHUNK))
            if not data:
                raise EOFError
            missing -= len(data)
            if not self._keep(data, partial):
                return

    async def _read_chunked(self, reader: asyncio.StreamReader, partial: _Partial) -> None:
        while True:
            line = await _read_line(reader)
            digits = line.split(b";")[0].strip()
            if not _CHUNK_SIZE.fullmatch(digits):
                raise EOFError
            size = int(digits or b"0", 16)
            if not size:
                break
            await self._read_exactly(reader, size, partial)
            if partial.cut:
                return
            await _read_line(reader)
        while (await _read_line(reader)).strip():  # trailer fields
            pass
        partial.complete = True

    async def _read_to_end(self, reader: asyncio.StreamReader, partial: _Partial) -> None:
        while data := await reader.read(_CHUNK):
            if not self._keep(data, partial):
                return
        partial.complete = True

    def _keep(self, data: bytes, partial: _Partial) -> bool:
        room = self._max_body - len(partial.body)
        if len(data) > room:
            partial.body += data[:room]
            partial.cut = "length"
            return False
        partial.body += data
        return True


async def _is_silent(connection: _Connection) -> bool:
    """Whether an idle connection is open and nothing has come on it: bytes that nobody asked for are no answer to what follows."""
    await asyncio.sleep(0)  # let the loop take in what has arrived
    if connection.writer.is_closing() or connection.reader.at_eof():
        return False
    try:
        async with asyncio.timeout(0):
            await connection.reader.read(1)
    except TimeoutError:
        return True
    except OSError:
        pass
    return False


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        line = await reader.readline()
    except ValueError as error:  # longer than the limit
        raise EOFError from error
    if not line.endswith(b"\n"):
        raise EOFError
    return line


async def _read_head(reader: asyncio.StreamReader, partial: _Partial) -> None:
    line = await _read_line(reader)
    while not line.strip():  # empty lines before the status line are to be passed over (RFC 9112 §2.2)
        line = await _read_line(reader)
    start = line.decode("latin-1").strip(" \t\r\n")
    status = status_code(start)
    if status is None:
        raise EOFError
    words = start.split(None, 2)
    size = 0
    lines: list[str] = []
    while True:
        line = await _read_line(reader)
        size += len(line)
        if size > _HEAD_LIMIT:
            raise EOFError
        text = line.decode("latin-1").removesuffix("\n").removesuffix("\r")
        if not text:
            break
        lines.append(text)
    partial.protocol = words[0].lower()
    partial.reason = words[2] if len(words) > 2 else ""
    partial.headers.extend(head_fields(lines))
    partial.status = status


def _tls_facts(channel: ssl.SSLObject) -> dict[str, str | None]:
    """What a capture keeps of its channel."""
    facts: dict[str, str | None] = {"version": channel.version()}
    cipher = channel.cipher()
    if cipher is not None:
        facts["cipher"] = cipher[0]
    der = channel.getpeercert(binary_form=True)
    if der:
        facts["certificate"] = "sha256:" + hashlib.sha256(der).hexdigest()
    details: Any = channel.getpeercert() or {}
    for name in ("subject", "issuer"):
        pairs = [pair for group in details.get(name, ()) for pair in group]
        facts[name] = ", ".join(f"{key}={value}" for key, value in pairs)
    facts["not_after"] = details.get("notAfter")
    return facts


#: OpenSSL's verification results (x509_vfy.h) by the words that status and documentation use.
_CERTIFICATE_ERRORS = {
    9: "not-yet-valid",
    10: "expired",
    18: "self-signed",
    19: "self-signed",
    20: "untrusted",
    21: "untrusted",
    62: "wrong-name",
    64: "wrong-name",
}


def _failure(name: str, error: BaseException) -> TransportError:
    """The verdict of a connection that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _CERTIFICATE_ERRORS.get(error.verify_code, "certificate")
        return TransportError(f"tls:{reason}", f"certificate of {name}: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "handshake").lower().replace("_", "-")
        return TransportError(f"tls:{reason}", f"TLS with {name} failed: {error.reason or error}")
    if isinstance(error, socket.gaierror):
        return TransportError("unreachable", f"{name} can't be resolved")
    if isinstance(error, OSError):
        return TransportError("unreachable", f"{name}: {error.strerror or error or type(error).__name__}")
    return TransportError("unreachable", f"{name} closed the connection without an answer that is HTTP")


class TransportHandler:
    """Scrapy's download handler for http and https. The `Answer` goes along as `request.meta["ogi_answer"]`."""

    lazy = True

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take limits and permissions from the settings."""
        settings = crawler.settings
        private = frozenset(settings.getlist("OGI_PRIVATE_HOSTS"))
        legacy = frozenset(settings.getlist("OGI_LEGACY_TLS"))
        return cls(
            HttpClient(
                timeout_s=settings.getfloat("DOWNLOAD_TIMEOUT"),
                connect_timeout_s=min(30.0, settings.getfloat("DOWNLOAD_TIMEOUT")),
                max_body=settings.getint("DOWNLOAD_MAXSIZE"),
                may_connect=lambda name, ip: name in private or is_public(ip),
                legacy_tls=legacy.__contains__,
            )
        )

    async def download_request(self, request: Request) -> Response:
        """Exchange one request; see `HttpClient.exchange` for the errors."""
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in request.headers.items()
            for value in values
        ]
        answer = await self._client.exchange(request.method, request.url, headers, request.body)
        request.meta["ogi_answer"] = answer
        return Response(
            request.url,
            status=answer.status,
            headers=Headers(_grouped(answer.headers)),
            body=answer.body,
            request=request,
            protocol=answer.protocol,
            flags=[f"truncated:{answer.truncated}"] if answer.truncated else None,
        )

    async def close(self) -> None:
        """Close idle connections."""
        await self._client.close()


def _grouped(headers: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name.title(), []).append(value)
    return grouped
