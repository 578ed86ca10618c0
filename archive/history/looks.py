"""Two looks: a statement about something that is not there needs a second one, and how far it must lie behind the first."""

from __future__ import annotations

from datetime import datetime, timedelta

#: Two looks that lack something count if so much time lies between them: an outage of a night is over by then.
APART = timedelta(hours=20)


def is_later(first: str, second: str, apart: timedelta = APART) -> bool:
    """Whether a time (UTC ISO text) lies so much behind another one."""
    return datetime.fromisoformat(second) - datetime.fromisoformat(first) >= apart
