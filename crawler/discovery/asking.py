"""A small polite fetcher for `ogi probe`: one request at a time, robots.txt obeyed, private networks never entered.

A harvest goes through Scrapy instead; both identify themselves and keep the same manners.
"""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from archive.warc.coding import unpack
from archive.warc.statuses import is_asked_by_get, is_redirect
from crawler.http.cookies import Cookies
from crawler.http.hosts import host_key, is_loopback, is_public, origin, private_names
from crawler.http.robots import RobotRules, read_rules
from crawler.pages.classify import ROBOTS, TRUNCATED, classify_failure
from crawler.pages.exchange import NextRequest, PageBytes
from extract.errors import OgiError
from extract.lexicon.addresses import is_counter
from extract.lexicon.resolve import resolve_location

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_MAX_REDIRECTS = 8


class _Answer(NamedTuple):
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    reason: str = ""
    sent: tuple[tuple[str, str], ...] = ()


class NotFetched(OgiError):
    """Raised when a request has no answer or must not be made, by the fetcher; `verdict` is that of the classifier."""

    def __init__(self, verdict: str, evidence: str) -> None:
        super().__init__(f"{verdict}: {evidence}" if evidence else verdict)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class FetchManners:
    """How to ask.

    Attributes:
        agent: The full User-Agent.
        delay_s: Seconds between two requests to one host; none is kept towards loopback.
        timeout_s: Seconds until a request is given up.
        max_bytes: Where a download is cut.
    """

    agent: str
    delay_s: float = 2.0
    timeout_s: float = 30.0
    max_bytes: int = 16_000_000


class PoliteFetcher:
    """Fetches pages for a search that begins at `start_url`. Call it with a request.

    Args:
        start_url: Names the hosts that may be private: those written as private addresses in it.
        manners: See there.
        allows: Whether an address may be asked for; redirects are tested as well.
        sleep: Waits; an argument so that waiting can be measured.
    """

    def __init__(
        self,
        start_url: str,
        manners: FetchManners,
        allows: Callable[[str], bool],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._private = private_names([start_url])
        self._manners = manners
        self._allows = allows
        self._sleep = sleep
        self._robots: dict[str, RobotRules] = {}
        self._last: dict[str, float] = {}
        self._cookies = Cookies()

    def __call__(self, request: NextRequest) -> PageBytes:
        """The answer to a request, redirects followed.

        Raises:
            NotFetched: If there is none, or if asking is not allowed.
        """
        current = request
        seen: set[str] = set()
        for _ in range(_MAX_REDIRECTS):
            status, headers, body, *_ = self._asked(current, self._exchange)
            location = next((value for name, value in headers if name.lower() == "location"), "")
            target = resolve_location(current.url, location) if is_redirect(status) and location else None
            if target is None:
                return PageBytes(current.url.partition("#")[0], status, headers, body, request)
            if target in seen and target == current.url:
                return PageBytes(current.url, status, headers, body, request)
            seen.add(target)
            by_get = is_asked_by_get(status, current.method)
            current = NextRequest(target, headers=current.headers) if by_get else replace(current, url=target)
        raise NotFetched("unreachable", f"{request.url} redirects without end")

    def as_sent(self, request: NextRequest) -> PageBytes:
        """One answer as its server sent it: no redirect is followed, and the body keeps its Content-Encoding. Its request has all headers sent.

        Raises:
            NotFetched: If there is none, if it is longer than may be, or if asking is not allowed.
        """
        answer = self._asked(request, self._exchange_packed)
        if len(answer.body) >= self._manners.max_bytes:  # cut there: what came is not what was sent
            raise NotFetched(
                TRUNCATED, f"{request.url} has {self._manners.max_bytes} bytes or more, the most that is taken"
            )
        sent = replace(request, headers=answer.sent)
        return PageBytes(request.url, answer.status, answer.headers, answer.body, sent, answer.reason)

    def _asked(self, request: NextRequest, exchange: Callable[[NextRequest], _Answer]) -> _Answer:
        """One exchange, if it may be made. An address that is none (a port or a name that can't be, as strangers write them) has no answer."""
        try:
            self._test(request.url)
            return exchange(request)
        except ValueError as error:
            raise NotFetched("unreachable", f"{request.url}: {error}") from None

    def _test(self, url: str) -> None:
        if is_counter(url):
            raise NotFetched(ROBOTS, f"{url} counts visits and is never asked for")
        if not self._allows(url):
            raise NotFetched("unreachable", f"{url} is not on this portal and was not followed")
        key = origin(url)
        if key not in self._robots:
            self._robots[key] = self._read_robots(key)
        rules = self._robots[key]
        if not rules.allows(url, self._manners.agent):
            raise NotFetched(rules.verdict, f"{url}: {rules.reason}")

    def _read_robots(self, key: str) -> RobotRules:
        url = f"{key}/robots.txt"
        try:
            status, headers, body, *_ = self._exchange(NextRequest(url))
            for _ in range(_MAX_REDIRECTS):
                location = next((value for name, value in headers if name.lower() == "location"), "")
                target = resolve_location(url, location) if is_redirect(status) and location else None
                if target is None or not self._allows(target):
                    break
                url = target
                status, headers, body, *_ = self._exchange(NextRequest(url))
        except NotFetched as error:
            return RobotRules(
                f"robots.txt could not be read ({error}): keeping out", keep_out=True, verdict=error.verdict
            )
        rules = read_rules(status, body)
        logger.info("%s: %s", key, rules.reason)
        return rules

    def _wait(self, url: str) -> None:
        host = host_key(url)
        rules = self._robots.get(origin(url))
        asked = (rules.crawl_delay(self._manners.agent) if rules else None) or 0.0
        delay = max(0.0 if is_loopback(url) else max(self._manners.delay_s, 2.0), asked)
        last = self._last.get(host)
        if last is not None and delay > 0:
            rest = last + delay - time.monotonic()
            if rest > 0:
                self._sleep(rest)
        self._last[host] = time.monotonic()

    def _exchange(self, request: NextRequest) -> _Answer:
        """One HTTP exchange, nothing followed, its body unpacked."""
        answer = self._exchange_packed(request)
        coding = next((value for name, value in answer.headers if name.lower() == "content-encoding"), None)
        unpacked = unpack(answer.body, coding)
        if unpacked.problem:
            raise NotFetched(TRUNCATED, f"{request.url}: {unpacked.problem}")
        return answer._replace(body=unpacked.content)

    def _headers(self, request: NextRequest) -> dict[str, str]:
        """All headers of a request but `Host`."""
        cookie = self._cookies.field(request.url)
        return {
            "User-Agent": self._manners.agent,
            "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
            **dict(request.headers),
            **({"Cookie": cookie} if cookie else {}),
        }

    def _exchange_packed(self, request: NextRequest) -> _Answer:
        self._wait(request.url)
        parts = urlsplit(request.url)
        connection = self._connection(request.url)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        sent = self._headers(request)
        try:
            connection.request(request.method, target, body=request.body, headers=sent)
            response = connection.getresponse()
            self._cookies.keep(response.headers.get_all("Set-Cookie") or (), request.url)
            body = response.read(self._manners.max_bytes)
            return _Answer(response.status, tuple(response.getheaders()), body, response.reason, tuple(sent.items()))
        except (OSError, http.client.HTTPException, ssl.SSLError, ValueError, OverflowError) as error:
            verdict = classify_failure(f"{type(error).__name__}: {error}")
            raise NotFetched(verdict.verdict, f"{request.url}: {verdict.evidence}") from None
        finally:
            connection.close()

    def _connection(self, url: str) -> http.client.HTTPConnection:
        """A connection to an address that was resolved and tested first, so that a name can't lead into a private network."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NotFetched("unreachable", f"{host}: {error.strerror or error}") from None
        addresses = [str(entry[4][0]) for entry in found]
        if host not in self._private and not is_loopback(url):
            addresses = [address for address in addresses if is_public(address)]
            if not addresses:
                raise NotFetched("unreachable", f"{host} is a private address and is not asked")
        elif is_loopback(url) and host not in self._private:
            raise NotFetched("unreachable", f"{host} is this machine and is not asked")
        timeout = self._manners.timeout_s
        if parts.scheme == "https":
            return _PinnedTLSConnection(host, port, addresses[0], timeout)
        return _PinnedConnection(host, port, addresses[0], timeout)


class _PinnedConnection(http.client.HTTPConnection):
    """HTTP to a given IP address under the host's name."""

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _PinnedTLSConnection(http.client.HTTPSConnection):
    """HTTPS to a given IP address; the certificate is verified against the host's name."""

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout, context=self._tls)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
