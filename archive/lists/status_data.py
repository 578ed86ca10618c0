"""What `ogi status --json` gives, by its members."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from archive.index.overview import RunSummary
    from archive.verify.last import LastVerification


class PortalState(TypedDict):
    """How a portal answers. Times are UTC ISO text."""

    portal: str
    name: str | None
    state: str
    reason: str | None
    last_pass_at: str | None
    last_ok_at: str | None
    failing_since: str | None
    listed: int | None
    expected: int | None
    lists: int
    lists_complete: int
    columns_moved: list[str]
    days_since_ok: int | None
    next_run: NotRequired[str | None]


class ColumnStatus(TypedDict):
    """How a column was read, and what proves that it was read to its end."""

    portal: str
    column: str
    whole: bool
    proof: str | None
    quote: str | None
    rows: int | None
    read_at: str
    reason: str | None


class GapData(TypedDict):
    """Agencies that lack something: how many, and the names of some."""

    n: int
    names: list[str]


class RegisterState(TypedDict):
    """How many agencies are known, and what the register lacks."""

    agencies: int
    proposed: int
    unresolved_names: int
    without_portal: GapData
    without_region: GapData
    kind_guessed: GapData


class DueState(TypedDict):
    """How the obligations of a year stand, and the next due date."""

    year: int
    published: int
    late: int
    missing: int
    vanished: int
    pending: int
    unknown: int
    next_due: str
    next_due_open: int


class OutboxState(TypedDict):
    """Messages that were not sent, and those that may have been."""

    waiting: int
    uncertain: int


class CalendarRun(TypedDict):
    """What became of an entry's last run."""

    entry: str
    due: str
    finished_at: str | None
    status: str


class CalendarState(TypedDict):
    """Whether the calendar runs here, and what became of the last runs."""

    is_used: bool
    last_runs: list[CalendarRun]


class ArchiveStatus(TypedDict):
    """Everything that `ogi status` shows."""

    archive: str
    as_of: str
    portals: list[PortalState]
    columns: list[ColumnStatus]
    portals_by_state: dict[str, int]
    last_run: RunSummary | None
    size: dict[str, int]
    reports_by_status: dict[str, int]
    last_verify: LastVerification | None
    due: DueState
    register: RegisterState
    outbox: OutboxState
    not_indexed: int
    quarantined: int
    attention: list[str]
    next_runs: NotRequired[list[dict[str, str]]]
    calendar: NotRequired[CalendarState]
