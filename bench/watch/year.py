"""A year of portals played from a seed, watched day by day, and scored against the world's own ledger.

On every watched day: what an archivist would enter in the register that day (a merger, an agency that ended), a harvest, the obligations of
every agency compared with the truth, and a digest sent to a webhook. At the end the events that arrived are compared with those that
happened. What counts as right is decided here alone, from the world's truth and the days on which its portals could be read; nothing is
taken from the archive's own judgement.
"""

from __future__ import annotations

import http.server
import json
import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from archive.clock import SHANGHAI
from archive.duties.agencies import find_agency
from archive.duties.decisions import decide
from archive.duties.obligations import obligations
from archive.files.folder import Archive
from archive.files.settings import NotifyRule
from archive.index.database import open_index
from archive.index.rows import rows
from archive.publish.digest import Digest, collect
from archive.publish.notify import Outbox
from crawler.harvest.run import harvest
from crawler.portals.definitions import load_portals
from crawler.replica import SeasonClock, serve
from crawler.replica.generator import Plan, make_world
from crawler.replica.truth import Duty, blocked, duties
from crawler.replica.world import EventKind, World

logger = logging.getLogger(__name__)

#: When a day's pass begins; the worlds publish between 8 and 18 o'clock.
HOUR = 20
#: No waiting for replicas on this machine.
SETTINGS: dict[str, Any] = {
    "harvest.delay": 0.0,
    "harvest.jitter": 0.0,
    "harvest.retries": 0,
    "harvest.backoff": 0.0,
    "harvest.timeout": 20.0,
}
#: A known report may wait so long for its next look: monthly, and a little earlier counts.
REVISIT = timedelta(days=24)
#: One that was found gone twice is looked for once a week.
LOOKED_FOR = timedelta(days=7)


@dataclass(slots=True)
class Score:
    """What a watched year came to."""

    days: int = 0
    judged: int = 0
    wrong: list[str] = field(default_factory=list)
    missing_in_block: list[str] = field(default_factory=list)
    told: int = 0
    told_twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    column_lost: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def is_perfect(self) -> bool:
        """Whether nothing was wrong, lost, invented or told twice."""
        return not (
            self.wrong
            or self.missing_in_block
            or self.told_twice
            or self.lost
            or self.untrue
            or self.column_lost
            or self.unasked
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object: counts first, then every miss in words."""
        return {
            "days": self.days,
            "judged": self.judged,
            "right": self.judged - len(self.wrong),
            "missing_in_block": self.missing_in_block,
            "told": self.told,
            "told_twice": self.told_twice,
            "lost": self.lost,
            "untrue": self.untrue,
            "moved_columns_found": self.moved,
            "moved_columns_lost": self.column_lost,
            "impolite": self.unasked,
            "statuses": dict(sorted(self.statuses.items())),
            "events": dict(sorted(self.kinds.items())),
            "wrong": self.wrong,
            "seconds": round(self.seconds, 1),
        }


def weekly(season: int, weeks: int = 1) -> list[date]:
    """Days of a watched season: every week (or more seldom after April), and the days around the due dates."""
    first = date(season + 1, 1, 2)
    days = {first + timedelta(days=7 * number) for number in range(52)}
    days = {day for day in days if day.month <= 4 or (day - first).days % (7 * weeks) == 0}
    days |= {
        date(season + 1, month, day) for month, day in ((1, 31), (2, 1), (2, 2), (3, 31), (4, 1), (4, 2), (12, 31))
    }
    return sorted(days)


@contextmanager
def _webhook() -> Iterator[tuple[str, list[str]]]:
    """A webhook on loopback: its address in apprise's notation, and the bodies that it took."""
    taken: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"json://127.0.0.1:{server.server_address[1]}/", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def watch_year(
    folder: Path, plan: Plan, seed: int, days: Sequence[date], *, workers: int = 2, tell: Callable[[str], None] = print
) -> Score:
    """Play the world of a seed, watch it on some days, and score what the archive says.

    Args:
        folder: A new archive and the portals' definitions go here.
        days: The watched days, in order, after `plan.season`.
        tell: Called with a line a day.
    """
    world = make_world(seed, plan)
    score = Score()
    clock = SeasonClock(datetime.combine(days[0], time(HOUR), SHANGHAI))
    began = datetime.now().astimezone()
    archive = Archive.create(folder / "archive", SETTINGS)
    watch = _Watch(world, plan, archive, clock, score)
    with serve(world, clock) as server, _webhook() as (address, taken):
        server.write_definitions(folder / "portals")
        portals = load_portals([folder / "portals"])
        rule = NotifyRule(url=address, format="text")
        for day in days:
            clock.set(datetime.combine(day, time(HOUR), SHANGHAI))
            watch.decide_what_happened()
            summary = harvest(archive, portals, clock=clock, workers=workers)
            watch.decide_what_happened()  # about agencies that the first pass brought
            watch.note_pass(day, {result.portal: (result.ok, result.reason) for result in summary.portals})
            watch.check_obligations(day)
            watch.tell(rule)
            tell(f"{day} {dict(summary.changes)} wrong so far: {len(score.wrong)}")
        watch.check_events(taken)
        score.unasked = [str(violation) for violation in server.requests.violations]
    score.seconds = (datetime.now().astimezone() - began).total_seconds()
    return score


@dataclass(frozen=True, slots=True)
class _Gone:
    """A time in which a report's page was withdrawn."""

    begin: datetime
    end: datetime | None = None

    def is_in(self, moment: datetime) -> bool:
        return self.begin <= moment and (self.end is None or moment < self.end)

    def may_vanish(self, looks: Sequence[datetime]) -> bool:
        """Whether two looks could have found it gone."""
        return sum(self.is_in(moment) for moment in looks) >= 2

    def must_vanish(self, looks: Sequence[datetime]) -> bool:
        """Whether two looks must have: the first was due for certain, and a suspect is always looked at."""
        inside = [moment for moment in looks if self.is_in(moment)]
        return any(moment >= self.begin + REVISIT for moment in inside[:-1])

    def must_return(self, looks: Sequence[datetime]) -> bool:
        """Whether a look must have found it again."""
        return self.end is not None and any(moment >= self.end + LOOKED_FOR for moment in looks)


class _Watch:
    """What was seen so far, and the comparisons."""

    def __init__(self, world: World, plan: Plan, archive: Archive, clock: SeasonClock, score: Score) -> None:
        self.world, self.plan, self.archive, self.clock, self.score = world, plan, archive, clock, score
        self.looks: dict[str, list[datetime]] = defaultdict(list)
        self.blocks: Counter[str] = Counter()
        self.is_blocked: set[str] = set()
        self.decided: set[str] = set()
        self.sent: Counter[str] = Counter()
        self.said: dict[str, dict[str, str]] = {}

    def decide_what_happened(self) -> None:
        """Enter mergers and endings in the register as an archivist does who hears of them."""
        for event in self.world.events:
            if event.at > self.clock.now() or event.key in self.decided:
                continue
            if event.kind not in (EventKind.MERGE, EventKind.CLOSE):
                continue
            with self.archive.lock():
                db = open_index(self.archive)
                try:
                    if not rows(db, "SELECT 1 FROM agencies WHERE name = ?", (event.key,)):
                        return  # nothing was harvested yet
                    if event.kind is EventKind.MERGE:
                        data: dict[str, Any] = {
                            "agency": find_agency(db, event.key),
                            "into": find_agency(db, event.detail),
                            "year": self.plan.season,
                        }
                        decide(self.archive, db, "agency-merge", data, self.clock)
                    else:
                        agency = {
                            "name": event.key,
                            "kind": "department",
                            "since": self.plan.years[0] if self.plan.years else self.plan.season,
                            "until": self.plan.season - 1,
                            "aliases": [],
                        }
                        data = {"agency": agency, "portal": event.portal}
                        decide(self.archive, db, "agency-add", data, self.clock)
                finally:
                    db.close()
            self.decided.add(event.key)

    def note_pass(self, day: date, results: dict[str, tuple[bool, str]]) -> None:
        """Remember which portals could be read, and score passes that should have worked."""
        moment = datetime.combine(day, time(HOUR), SHANGHAI)
        for portal, (ok, reason) in results.items():
            if blocked(self.world, portal, moment):
                if ok:
                    self.score.untrue.append(f"{day} {portal}: read, though blocked")
                if portal not in self.is_blocked:
                    self.is_blocked.add(portal)
                    self.blocks[portal] += 1
                continue
            self.is_blocked.discard(portal)
            moves = [event for event in self.world.events if event.kind is EventKind.MOVE and event.portal == portal]
            if not ok and any(event.at <= moment for event in moves):
                self.score.column_lost.append(f"{day} {portal}: {reason}")
            elif not ok:
                self.score.wrong.append(f"{day} {portal}: pass failed: {reason}")
            elif any(event.at <= moment for event in moves) and portal not in self.score.moved:
                self.score.moved.append(portal)
            self.looks[portal].append(moment)
        self.score.days += 1

    def check_obligations(self, day: date) -> None:
        """Compare every agency's duty of every year with the truth, as far as it could be seen."""
        db = open_index(self.archive)
        try:
            found = {(one.agency, one.year): one for one in obligations(db, day)}
        finally:
            db.close()
        for year in (*self.plan.years, self.plan.season):
            for duty in duties(self.world, year, day):
                said = found.pop((duty.agency, year), None)
                status = said.status if said is not None else "none"
                self.score.judged += 1
                self.score.statuses[status] += 1
                right = self._right(duty, year, day)
                if status not in right:
                    reason = said.reason if said is not None else None
                    self.score.wrong.append(
                        f"{day} {duty.agency} {year}: {status} ({reason}), should be {'/'.join(sorted(right))}"
                    )
                if status == "missing" and blocked(
                    self.world, duty.portal, datetime.combine(day, time(HOUR), SHANGHAI)
                ):
                    self.score.missing_in_block.append(f"{day} {duty.agency} {year}")
        self.score.wrong += [f"{day} {agency} {year}: nobody owes that" for agency, year in found]

    def _right(self, duty: Duty, year: int, day: date) -> set[str]:
        """Which statuses are right: the truth at the last look, and what may not have been confirmed yet."""
        looks = [moment for moment in self.looks[duty.portal] if moment.date() <= day]
        if duty.status == "none":
            return {"none"}
        is_open = not blocked(self.world, duty.portal, datetime.combine(day, time(HOUR), SHANGHAI))
        seen = next(
            (d for d in duties(self.world, year, looks[-1].date()) if d.agency == duty.agency and looks), None
        ) if looks else None  # fmt: skip
        if seen is None or seen.appeared_on is None:
            if day <= duty.due:
                return {"pending"}
            return {"missing"} if is_open and looks and looks[-1].date() > duty.due else {"unknown"}
        if not self._was_shown(duty, year, looks):
            return {"missing", "unknown", "pending"}  # withdrawn again before anybody could look
        there = {"late" if seen.appeared_on > duty.due else "published"}
        if day <= duty.due:
            there = {"published"}
        for span in self._gone_spans(duty, year):
            if span.is_in(looks[-1]):
                return {"vanished"} if span.must_vanish(looks) else there | {"vanished"}
            if span.end is not None and looks[-1] > span.end and span.may_vanish(looks) and not span.must_return(looks):
                return there | {"vanished"}
        return there

    def _gone_spans(self, duty: Duty, year: int) -> list[_Gone]:
        """When the report's page was withdrawn, and came back."""
        keys = {
            event.key
            for event in self.world.events
            if event.portal == duty.portal
            and event.publication is not None
            and event.publication.report is not None
            and (event.publication.agency, event.publication.report.year) == (duty.agency, year)
        }
        spans: list[_Gone] = []
        for event in self.world.events:
            if event.portal != duty.portal or event.key not in keys:
                continue
            if event.kind is EventKind.WITHDRAW:
                spans.append(_Gone(event.at))
            elif event.kind is EventKind.RESTORE:
                spans[-1] = _Gone(spans[-1].begin, event.at)
        return spans

    def _standing(self, duty: Duty, year: int, moment: datetime) -> str:
        """How the report's own page stood at a moment: absent, there or gone."""
        shown = [
            entry
            for entry in self.world.timeline(duty.portal).at(moment).shown.values()
            if entry.publication.report is not None
            and entry.publication.agency == duty.agency
            and entry.publication.report.year == year
        ]
        if not shown:
            return "absent"
        return "gone" if all(entry.withdrawn for entry in shown) else "there"

    def _was_shown(self, duty: Duty, year: int, looks: Iterable[datetime]) -> bool:
        return any(self._standing(duty, year, moment) == "there" for moment in looks)

    def tell(self, rule: NotifyRule) -> None:
        """One digest, as `ogi digest` makes it."""

        def collected() -> Digest:
            db = open_index(self.archive)
            try:
                return collect(self.archive, db, self.clock.now())
            finally:
                db.close()

        found, delivery = Outbox(self.archive.root).tell(collected, [rule])
        if delivery.waiting or delivery.uncertain:
            self.score.lost.append(f"{found.at}: not delivered")
        for event in found.events:
            self.sent[event.id] += 1
            self.said[event.id] = event.to_json()
            self.score.kinds[event.kind] += 1

    def check_events(self, taken: Sequence[str]) -> None:
        """Compare the events that were told with those that happened and could be seen."""
        score = self.score
        score.told = sum(self.sent.values())
        score.told_twice = [f"{self.said[key]['text']} ×{count}" for key, count in self.sent.items() if count > 1]
        text = "\n".join(taken)
        score.lost += [
            f"not in any message: {event['text']}" for event in self.said.values() if event["text"] not in text
        ]
        told = Counter(
            (event["kind"], event["agency"], event["text"].split(" ")[1])
            for event in self.said.values()
            if event["agency"]
        )
        for kind, certain, possible in (
            ("published", self._published(), []),
            ("revised", self._revised(REVISIT), self._revised(timedelta())),
            ("vanished", *self._vanished()),
            ("restored", *self._restored()),
            ("late", self._late(), []),
            ("missing", self._missing(), []),
        ):
            must = Counter((kind, agency, str(year)) for agency, year in certain)
            may = must | Counter((kind, agency, str(year)) for agency, year in possible)
            said = Counter({key: count for key, count in told.items() if key[0] == kind})
            score.lost += [f"{' '.join(key)} ×{count}" for key, count in (must - said).items()]
            score.untrue += [f"{' '.join(key)} ×{count}" for key, count in (said - may).items()]
        blocks = Counter(event["portal"] for event in self.said.values() if event["kind"] == "blocked")
        for portal in self.world.portals:
            if blocks[portal.id] != self.blocks[portal.id]:
                score.lost.append(f"{portal.id}: {self.blocks[portal.id]} blocks, {blocks[portal.id]} told")

    def _duties_at(self, looks: Iterable[datetime], portal: str) -> Iterator[tuple[Duty, datetime]]:
        for moment in looks:
            for year in (*self.plan.years, self.plan.season):
                for duty in duties(self.world, year, moment.date()):
                    if duty.portal == portal:
                        yield duty, moment

    def _late(self) -> list[tuple[str, int]]:
        """Reports that appeared after their date and were seen."""
        found = {
            (duty.agency, duty.year)
            for portal, looks in self.looks.items()
            for duty, moment in self._duties_at(looks, portal)
            if duty.appeared_on is not None
            and duty.appeared_on > duty.due
            and self._standing(duty, duty.year, moment) == "there"
        }
        return sorted(found)

    def _missing(self) -> list[tuple[str, int]]:
        """Reports that were not there at a look after their date."""
        found = {
            (duty.agency, duty.year)
            for portal, looks in self.looks.items()
            for duty, _ in self._duties_at(looks, portal)
            if duty.status == "missing"
        }
        return sorted(found)

    def _reports(self) -> Iterator[tuple[str, str, int, list[str]]]:
        """Each report of the world: portal, agency, year, and how it stood at each look."""
        for portal in self.world.portals:
            for agency in portal.agencies:
                for year in (*self.plan.years, self.plan.season):
                    duty = Duty(agency.name, portal.id, year, date(year + 1, 1, 31), "")
                    looks = [self._standing(duty, year, moment) for moment in self.looks[portal.id]]
                    yield portal.id, agency.name, year, looks

    def _published(self) -> list[tuple[str, int]]:
        return [(agency, year) for _, agency, year, looks in self._reports() if "there" in looks]

    def _spans(self) -> Iterator[tuple[str, int, _Gone, list[datetime]]]:
        """Withdrawals of reports that had been seen, with the looks at their portal."""
        for portal, agency, year, _ in self._reports():
            duty = Duty(agency, portal, year, date(year + 1, 1, 31), "")
            looks = self.looks[portal]
            for span in self._gone_spans(duty, year):
                if self._was_shown(duty, year, [moment for moment in looks if moment < span.begin]):
                    yield agency, year, span, looks

    def _vanished(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """What must and what may have been found gone."""
        spans = list(self._spans())
        return (
            [(agency, year) for agency, year, span, looks in spans if span.must_vanish(looks)],
            [(agency, year) for agency, year, span, looks in spans if span.may_vanish(looks)],
        )

    def _restored(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """What must and what may have been found again."""
        spans = [found for found in self._spans() if found[2].end is not None]
        return (
            [
                (agency, year)
                for agency, year, span, looks in spans
                if span.must_vanish(looks) and span.must_return(looks)
            ],
            [
                (agency, year)
                for agency, year, span, looks in spans
                if span.may_vanish(looks) and span.end is not None and looks[-1] > span.end
            ],
        )

    def _revised(self, lag: timedelta) -> list[tuple[str, int]]:
        """Edits between two looks at which the report stood there, the second at least so long after it."""
        found = []
        for event in self.world.events:
            if event.kind not in (EventKind.EDIT, EventKind.REPLACE) or event.report is None:
                continue
            duty = Duty(event.report.agency, event.portal, event.report.year, event.at.date(), "")
            looks = self.looks[event.portal]
            before = [m for m in looks if m < event.at and self._standing(duty, event.report.year, m) == "there"]
            after = [m for m in looks if m > event.at + lag and self._standing(duty, event.report.year, m) == "there"]
            if before and after:
                found.append((event.report.agency, event.report.year))
        return found
