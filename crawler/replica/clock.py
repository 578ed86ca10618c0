"""A clock that a season moves by hand; between moves it runs on with the machine's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SeasonClock:
    """The simulated time of a replica. What is harvested by it says `simulated`."""

    kind = "simulated"

    def __init__(self, start: datetime) -> None:
        self._offset = timedelta()
        self.set(start)

    def now(self) -> datetime:
        """The simulated time in UTC."""
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime) -> None:
        """Go to a moment (with zone), forwards or back."""
        self._offset = moment.astimezone(UTC) - datetime.now(UTC)
