"""Sending digests: an outbox in the archive folder, so that nothing is told twice and nothing is dropped without a word.

A message is written to the outbox before it is sent, renamed while it is being sent, and removed when it was taken. A message whose sending was
cut off by the death of the process stays under `*.sending`: it may have arrived, so it is reported and sent again only on demand.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.digest import render, subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.digest import Digest
    from archive.settings import NotifyRule

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the outbox: messages sent, still waiting, and those of which it is unknown."""

    sent: int
    waiting: int
    uncertain: int


class Outbox:
    """Messages on their way, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "outbox"

    def put(self, digest: Digest, rules: Sequence[NotifyRule]) -> int:
        """Write a message for every rule that wants some of the digest; gives how many."""
        written = 0
        for rule in rules:
            part = digest.for_rule(rule)
            if not part.events:
                continue
            message = {
                "url": rule.url,
                "format": rule.format,
                "subject": subject(part),
                "body": render(part, rule.format),
                "events": [event.id for event in part.events],
            }
            name = hashlib.sha256(json.dumps([rule.url, message["events"]]).encode()).hexdigest()[:16]
            self.folder.mkdir(exist_ok=True)
            path = self.folder / f"{digest.at.replace(':', '')}-{name}.json"
            with path.with_suffix(".tmp").open("w", encoding="utf-8") as stream:
                json.dump(message, stream, ensure_ascii=False)
                stream.flush()
                os.fsync(stream.fileno())
            path.with_suffix(".tmp").rename(path)
            written += 1
        return written

    def send(self, *, again: bool = False) -> Delivery:
        """Send what waits. `again` also sends messages of which it is unknown whether they arrived."""
        if again:
            for path in sorted(self.folder.glob("*.sending")):
                path.rename(path.with_suffix(".json"))
        sent = 0
        for path in sorted(self.folder.glob("*.json")):
            moving = path.with_suffix(".sending")
            path.rename(moving)
            if _deliver(json.loads(moving.read_text("utf-8"))):
                moving.unlink()
                sent += 1
            else:
                moving.rename(path)  # refused, so it did not arrive: tried again with the next digest
        return Delivery(sent, len(list(self.folder.glob("*.json"))), len(list(self.folder.glob("*.sending"))))


def _deliver(message: dict[str, str]) -> bool:
    """Hand one message to apprise; `False` (and a log line without the address's secrets) if it was refused."""
    import apprise

    form = {
        "text": apprise.NotifyFormat.TEXT,
        "markdown": apprise.NotifyFormat.MARKDOWN,
        "html": apprise.NotifyFormat.HTML,
    }
    sender = apprise.Apprise()
    scheme = message["url"].split("://")[0]
    if not sender.add(message["url"]):
        logger.error("notify: %s://… is no address that apprise knows; the message stays in the outbox", scheme)
        return False
    taken = sender.notify(title=message["subject"], body=message["body"], body_format=form[message["format"]])
    if not taken:
        logger.error("notify: %s://… did not take the message; it stays in the outbox", scheme)
    return bool(taken)
