"""What a host's robots.txt permits, by RFC 9309."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protego import Protego

#: RFC 9309 §2.5: at least 500 kibibytes are to be read.
_READ_LIMIT = 512 << 10


@dataclass(frozen=True, slots=True)
class RobotRules:
    """The rules of one origin.

    Attributes:
        reason: Where they come from, in words: for the log, and for people who wonder why nothing came.
        keep_out: Nothing may be asked for in this pass.
        verdict: What visits that are not made for this reason are called.
    """

    reason: str
    keep_out: bool = False
    verdict: str = "robots"
    _parser: Any = None

    def allows(self, url: str, agent: str) -> bool:
        """Whether the address may be asked for."""
        if self.keep_out:
            return False
        return self._parser is None or bool(self._parser.can_fetch(url, agent))

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds between requests that the host asks for: `Crawl-delay`, or what `Request-rate` comes to."""
        if self._parser is None:
            return None
        try:
            delay, rate = self._parser.crawl_delay(agent), self._parser.request_rate(agent)
        except (
            ValueError,
            OverflowError,
        ):  # a number or an hour that is none: the host has asked for nothing that can be kept
            return None
        delays = [float(delay)] if delay is not None else []
        if rate is not None and rate.requests:
            delays.append(rate.seconds / rate.requests)
        return max(delays) if delays else None


def read_rules(status: int, body: bytes) -> RobotRules:
    """The rules that an answer to /robots.txt makes.

    A server error means "keep out" (RFC 9309 §2.3.1.4); any 4xx except 429 means there are no rules (§2.3.1.3).
    An HTML page in place of the file is the portal's soft 404: no rules, but said.
    """
    if status >= 500 or status == 429:
        return RobotRules(f"robots.txt answers {status}: keeping out", keep_out=True)
    if status >= 300:
        return RobotRules(f"no robots.txt ({status})")
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<head", b"<script", b"<?xml", b"<body", b"<meta")):
        return RobotRules("an HTML page stands in place of robots.txt: no rules")
    text = body[:_READ_LIMIT].decode("utf-8-sig", "replace")
    return RobotRules("robots.txt", _parser=Protego.parse(text))
