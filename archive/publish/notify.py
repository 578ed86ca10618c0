"""Sending digests: an outbox in the archive folder, so that nothing is sent twice and no failure is silent.

A digest goes through four steps, and a process may die between any two of them:

1. Its messages, one or more for each rule (chats take a few thousand characters at a time), are written as one file (`*.digest`), whole or
   not at all.
2. They become files of their own (`*.json`), and their events are noted as told; then the file of step 1 goes. Both can be done again.
3. A message is renamed to `*.sending` and handed over.
4. It is removed when it was taken, and becomes `*.json` again when it was refused, to be tried with the next digest.

A message of which nobody knows whether it arrived, because the process died in step 3 or the other side hung up without an answer, stays
`*.sending`: it is reported every time and sent again only on demand. What waits follows its rule: when the rule's address is mended in
`ogi.toml`, it goes to the new one.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import logging
import os
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from archive.errors import ArchiveBusy, BadSettings
from archive.index import overview
from archive.publish.digest import Digest, DigestLog, render, subject
from archive.publish.events import KINDS, sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlite_utils import Database

    from archive.files.settings import NotifyRule
    from archive.publish.events import Event

logger = logging.getLogger(__name__)

FORMATS = ("text", "markdown", "html", "json")
_HTTP = ("http://", "https://")
#: Seconds until an address that takes JSON is given up.
_PATIENCE = 30
#: Room for a heading that apprise puts into the body where a service has no title.
_HEADINGS = 200
#: What senders say (requests, smtplib) when the other side may have taken the message before the connection was lost.
_UNCERTAIN = re.compile(
    r"read timed out|write timed out|aborted|disconnected|unexpectedly closed|reset by peer|: timed out", re.I
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the outbox: messages sent, still waiting, and those of which it is unknown."""

    sent: int = 0
    waiting: int = 0
    uncertain: int = 0


class _Outcome(Enum):
    TAKEN = "taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def check_rules(rules: Sequence[NotifyRule]) -> None:
    """Raise `BadSettings` for a rule that could never tell anything: an unknown kind of event, format or address."""
    for rule in rules:
        for kind in rule.events:
            if kind not in KINDS:
                raise BadSettings(
                    f"notify.events in ogi.toml: {kind!r} is no kind of event; there are {', '.join(KINDS)}"
                )
        if rule.format not in FORMATS:
            raise BadSettings(f"notify.format in ogi.toml: {rule.format!r} is none of {', '.join(FORMATS)}")
        if rule.format == "json":
            if not rule.url.startswith(_HTTP):
                raise BadSettings("notify.url in ogi.toml: events as json go to an http:// or https:// address")
        elif _service(rule.url) is None:
            raise BadSettings(
                f"notify.url in ogi.toml: {rule.url.split('://')[0]}://… can't be used; addresses are in apprise's notation"
            )


def resolve_rules(db: Database, rules: Sequence[NotifyRule]) -> list[NotifyRule]:
    """The rules with the names that agencies bear now instead of aliases and earlier ones; unknown names are logged."""
    portals = {portal.id for portal in overview.portals(db)}
    names: dict[str, set[str]] = {}
    for name, aliases in overview.named_agencies(db):
        for alias in (name, *json.loads(aliases)):
            names.setdefault(alias, set()).add(name)
    resolved = []
    for rule in rules:
        for portal in rule.portals:
            if portal not in portals:
                logger.warning("notify: no portal %r has been harvested; a rule waits for it", portal)
        for agency in rule.agencies:
            if agency not in names:
                logger.warning("notify: no agency %r is in the register; a rule waits for it", agency)
        meant = {name for agency in rule.agencies for name in names.get(agency, {agency})}
        resolved.append(replace(rule, agencies=tuple(sorted(meant))))
    return resolved


class Outbox:
    """Messages on their way, one file each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "outbox"

    def tell(
        self, collect: Callable[[], Digest], rules: Sequence[NotifyRule], *, again: bool = False
    ) -> tuple[Digest, Delivery]:
        """Collect what is new, put it into the outbox, note it as told, and send what waits.

        Args:
            collect: Gives the events that no digest has told; called when earlier digests have been settled.
            again: Also send messages of which it is unknown whether they arrived.

        Raises:
            ArchiveBusy: Another digest is being sent.
        """
        self.folder.mkdir(exist_ok=True)
        with self._lock():
            self._settle()
            digest = collect()
            if digest.events:
                self._put(digest, rules)
                self._settle()
            return digest, self._send(rules, again=again)

    def is_busy(self) -> bool:
        """Whether a digest is being sent now."""
        self.folder.mkdir(exist_ok=True)
        try:
            with self._lock():
                return False
        except ArchiveBusy:
            return True

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / ".lock").open("a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ArchiveBusy(f"another digest of {self.root} is being sent; wait until it has ended") from None
            yield

    def _put(self, digest: Digest, rules: Sequence[NotifyRule]) -> None:
        stamp = digest.at.replace(":", "")
        messages = {}
        for rule in rules:
            parts = _parts(digest.for_rule(rule), rule)
            for number, part in enumerate(parts, 1):
                events = [event.id for event in part.events]
                name = hashlib.sha256(json.dumps([rule.url, rule.format, events]).encode()).hexdigest()[:16]
                messages[f"{stamp}-{number:04d}-{name}.json"] = {
                    "url": rule.url,
                    "rule": _identity(rule),
                    "format": rule.format,
                    "subject": subject(part) + (f"（{number}/{len(parts)}）" if len(parts) > 1 else ""),
                    "body": render(part, rule.format),
                    "events": events,
                }
        plan = {"at": digest.at, "events": [event.id for event in digest.events], "messages": messages}
        _write(self.folder / f"{stamp}.digest", plan)

    def _settle(self) -> None:
        """Step 2, for the digest that was just put and for those whose process died in it."""
        for path in sorted(self.folder.glob("*.digest")):
            plan = json.loads(path.read_text("utf-8"))
            for name, message in plan["messages"].items():
                _write(self.folder / name, message)
            DigestLog(self.root).add(plan["at"], plan["events"])
            path.unlink()

    def _send(self, rules: Sequence[NotifyRule], *, again: bool) -> Delivery:
        if again:
            for path in sorted(self.folder.glob("*.sending")):
                path.rename(path.with_suffix(".json"))
        sent = 0
        closed: set[str] = set()  # an address that did not take one message isn't asked to take the next
        for path in sorted(self.folder.glob("*.json")):
            message = json.loads(path.read_text("utf-8"))
            message["url"] = _address(message, rules)
            if message["url"] in closed:
                continue
            moving = path.with_suffix(".sending")
            path.rename(moving)
            outcome = _deliver(message)
            if outcome is _Outcome.TAKEN:
                moving.unlink()
                sent += 1
                continue
            closed.add(message["url"])
            if outcome is _Outcome.REFUSED:
                moving.rename(path)
        return Delivery(sent, len(list(self.folder.glob("*.json"))), len(list(self.folder.glob("*.sending"))))


def _parts(digest: Digest, rule: NotifyRule) -> list[Digest]:
    """A digest cut between events into messages that the rule's address takes whole; none if it has no event.

    A message that the sender had to cut could be half delivered: its first part would be sent again with the second.
    """
    if rule.format == "json":
        return [digest] if digest.events else []
    service = _service(rule.url)
    most = service.body_maxlen - service.title_maxlen - _HEADINGS if service is not None else 0

    def size(*events: Event) -> int:
        return len(render(replace(digest, events=events), rule.format).encode())

    parts: list[list[Event]] = []
    left = 0
    for event in digest.events:
        alone = size(event)
        line = size(event, event) - alone
        if parts and parts[-1][-1].kind == event.kind and line <= left:
            parts[-1].append(event)
            left -= line
        elif parts and parts[-1][-1].kind != event.kind and alone - size() <= left:
            parts[-1].append(event)
            left -= alone - size()
        else:
            parts.append([event])
            left = most - alone
    return [replace(digest, events=tuple(events)) for events in parts]


def _identity(rule: NotifyRule) -> list[Any]:
    """What a rule of `ogi.toml` is besides its address."""
    return [rule.format, list(rule.events), list(rule.portals), list(rule.agencies)]


def _address(message: Mapping[str, Any], rules: Sequence[NotifyRule]) -> str:
    """Where a message goes: its rule's address, the present one if the rule stands in `ogi.toml` with another."""
    url = str(message["url"])
    if url in [rule.url for rule in rules]:
        return url
    same = [rule.url for rule in rules if _identity(rule) == message.get("rule")]
    same.sort(key=lambda one: one.split("://")[0] != url.split("://")[0])
    return same[0] if same else url


def _write(path: Path, content: Any) -> None:
    """Whole or not at all, and durably."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def _service(url: str) -> Any:
    """Apprise's sender for an address, `None` if it knows none.

    Chats take some thousand characters a message: a long digest goes in parts, unless the address says otherwise.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # its first use imports all its senders, some of them old-fashioned
        import apprise

        split = "" if "overflow=" in url else ("&" if "?" in url else "?") + "overflow=split"
        return apprise.Apprise.instantiate(url + split)


def _deliver(message: dict[str, str]) -> _Outcome:
    """Hand one message to its address; says in the log (without the address's secrets) if it was not taken."""
    if message["format"] == "json":
        return _post(message["url"], message["body"])
    import apprise

    form = {
        "text": apprise.NotifyFormat.TEXT,
        "markdown": apprise.NotifyFormat.MARKDOWN,
        "html": apprise.NotifyFormat.HTML,
    }
    scheme = message["url"].split("://")[0]
    service = _service(message["url"])
    if service is None:
        logger.error("notify: %s://… is no address that apprise knows; the message stays in the outbox", scheme)
        return _Outcome.REFUSED
    sender = apprise.Apprise(service)
    library = logging.getLogger("apprise")
    library.propagate = False  # it writes addresses with their secrets
    try:
        with apprise.LogCapture(level=logging.DEBUG) as said:  # type: ignore[no-untyped-call]
            taken = sender.notify(title=message["subject"], body=message["body"], body_format=form[message["format"]])
            words = said.getvalue()
    finally:
        library.propagate = True
    if taken:
        return _Outcome.TAKEN
    if _UNCERTAIN.search(words):
        logger.error(
            "notify: %s://… hung up without an answer; whether the message arrived is unknown (see --again)", scheme
        )
        return _Outcome.UNKNOWN
    logger.error("notify: %s://… did not take the message; it stays in the outbox", scheme)
    return _Outcome.REFUSED


def _post(url: str, body: str) -> _Outcome:
    """Send a JSON document by HTTP; the other side takes it with a status of 2xx."""
    import urllib.error
    import urllib.request

    place = "://".join((url.partition("://")[0], "…"))
    asked = urllib.request.Request(
        url, body.encode(), {"Content-Type": "application/json", "User-Agent": "ogi-archive"}, method="POST"
    )
    try:
        with urllib.request.urlopen(asked, timeout=_PATIENCE):
            return _Outcome.TAKEN
    except urllib.error.HTTPError as error:
        logger.error("notify: %s did not take the message (status %d); it stays in the outbox", place, error.code)
        return _Outcome.REFUSED
    except (urllib.error.URLError, ValueError) as error:  # no connection: nothing was sent
        if isinstance(error, urllib.error.URLError) and isinstance(error.reason, TimeoutError):
            logger.error("notify: %s did not answer; whether the message arrived is unknown (see --again)", place)
            return _Outcome.UNKNOWN
        logger.error("notify: %s could not be reached; the message stays in the outbox", place)
        return _Outcome.REFUSED
    except (OSError, http.client.HTTPException):
        logger.error(
            "notify: %s hung up without an answer; whether the message arrived is unknown (see --again)", place
        )
        return _Outcome.UNKNOWN


def try_rules(rules: Sequence[NotifyRule], at: str, base_url: str = "") -> list[tuple[str, bool]]:
    """Send a message that tells nothing by every rule, once, without the outbox; gives each address's scheme, and whether it was taken."""
    tried = []
    for rule in rules:
        digest = Digest("", at, (sample(at),), base_url)
        message = {
            "url": rule.url,
            "format": rule.format,
            "subject": subject(digest),
            "body": render(digest, rule.format),
        }
        tried.append((rule.url.partition("://")[0], _deliver(message) is _Outcome.TAKEN))
    return tried
