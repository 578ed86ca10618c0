"""What one harvest job shares: its clock and name, the gates before hosts, robots rules, cookies, knowledge, the recorder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from archive.warc.coding import unpack
from archive.warc.context import Role
from archive.warc.statuses import is_redirect
from archive.work.helper import ReadingEnded, directly
from crawler.http.capture import Captured, KnownPages
from crawler.http.cookies import Cookies
from crawler.http.hosts import host_key, is_loopback
from crawler.http.politeness import HostGate, Manners
from crawler.pages import classify
from extract.lexicon.addresses import is_counter
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archive.clock import Clock
    from crawler.http.capture import Purpose, Recorder, VisitLog
    from crawler.http.robots import RobotRules
    from crawler.http.transport import Answer
    from crawler.pages.classify import Fingerprint, Verdict
    from crawler.pages.exchange import PageBytes
    from crawler.portals.definitions import PortalDefinition

#: Captures of answers that lead elsewhere, when the lead was followed.
REDIRECT = "redirect"
#: Visits that were not made because of the address; no verdict on the page.
REFUSED = "refused"
OFF_SITE = localizable("outside the portal's hosts")


@dataclass(frozen=True, slots=True)
class HostLooks:
    """How a host's answer to an impossible address and its home page look."""

    missing: Fingerprint | None = None
    home: Fingerprint | None = None


#: Bytes of content that are judged in the crawl process; hardly a page of a portal is larger.
_MOST_JUDGED_HERE = 256 << 10


class Session:
    """State of one job. One for each spider; middlewares reach it as `crawler.spider.session`.

    Args:
        agent: The full User-Agent; its product name is what robots.txt rules are matched with.
        recorder: Stores captures; `None` for `scrapy crawl`, which stores nothing.
        used_today: Requests that hosts have had today already.
        apart: Calls a function with what a stranger wrote, where that can't cost this process (`archive.work.helper.Helper`).
    """

    def __init__(
        self,
        portals: Mapping[str, PortalDefinition],
        *,
        clock: Clock,
        agent: str,
        manners: Manners,
        known: KnownPages | None = None,
        recorder: Recorder | None = None,
        visits: VisitLog | None = None,
        used_today: Mapping[str, int] | None = None,
        apart: Callable[..., Any] = directly,
    ) -> None:
        self.portals = portals
        self.clock = clock
        self.agent = agent
        self.agent_token = agent.partition("/")[0].partition(" ")[0]
        self.known = known or KnownPages(())
        self.recorder = recorder
        self.visits = visits
        self.apart = apart
        self.robots: dict[str, RobotRules] = {}
        self.looks: dict[str, HostLooks] = {}
        self.columns: dict[str, dict[str, Fingerprint]] = {}  # how a host's lists look, by address
        self.scripts: dict[tuple[str, str, bytes | None], PageBytes] = {}  # of lists, by what was asked for
        self.withdrawn: set[str] = set()  # addresses that show a front page while their neighbours answer
        self.requests = 0
        self.misframed: list[str] = []  # answers that were whole under a wrong frame, each with what was wrong
        self._manners = manners
        self._used_today = dict(used_today or {})
        self._gates: dict[str, HostGate] = {}
        self._jars: dict[str, Cookies] = {}

    def gate(self, url: str, portal: str) -> HostGate:
        """The gate before an address's host; its delay is the largest that a portal on that host asks for."""
        host = host_key(url)
        gate = self._gates.get(host)
        delay = self.portals[portal].delay if portal in self.portals else self._manners.delay_s
        if not is_loopback(url):
            delay = max(delay, self._manners.delay_s)
        if gate is None:
            manners = self._manners.with_delay(delay)
            if is_loopback(url):
                manners = manners.on_loopback()
            gate = HostGate(host, manners, self.clock, self._used_today.get(host, 0))
            self._gates[host] = gate
        gate.require_delay(delay)
        return gate

    def cookies(self, portal: str) -> Cookies:
        """The portal's cookies, for the job only."""
        return self._jars.setdefault(portal, Cookies())

    def refusal(self, url: str, portal: str) -> str | None:
        """Why an address is not to be asked for, `None` if it may be."""
        if is_counter(url):
            return localizable("a counter: asking would falsify it")
        definition = self.portals.get(portal)
        if definition is not None and not definition.allows(url):
            return OFF_SITE
        return None

    def judge(self, url: str, requested: str, answer: Answer, content: bytes, role: Role) -> Verdict:
        """The verdict on an answer."""
        if answer.truncated == "length":
            return classify.Verdict(classify.TRUNCATED, f"cut after {len(answer.body)} bytes")
        if answer.truncated is not None:
            return classify.Verdict(classify.UNREACHABLE, f"the answer broke off ({answer.truncated})")
        verdict = self._classify(url, requested, answer, content, role)
        if requested in self.withdrawn and verdict.evidence == classify.FRONT_IN_PLACE:
            verdict = classify.Verdict(classify.GONE, f"{classify.FRONT_IN_PLACE}, while others come")
        is_lead = is_redirect(answer.status) and answer.header("location")
        if answer.frame and verdict.verdict == classify.OK:
            verdict = classify.Verdict(classify.OK, answer.frame)
        if is_lead and not verdict.verdict.startswith("blocked"):
            return classify.Verdict(REDIRECT, f"to {answer.header('location')}")
        if role is Role.CONTROL and answer.status < 300 and not verdict.is_blocked:
            return classify.Verdict(
                classify.OK, "what the host sends for an address that cannot exist, or its home page"
            )
        return verdict

    def _classify(self, url: str, requested: str, answer: Answer, content: bytes, role: Role) -> Verdict:
        """The classifier's verdict; a large body is judged apart, because its text may be made to cost more than it looks."""
        looks = self.looks.get(host_key(url), HostLooks()) if role is not Role.CONTROL else HostLooks()
        columns = self.columns.get(host_key(url), {}) if role in (Role.REPORT, Role.ATTACHMENT) else {}
        judge = partial(classify.classify, is_list=role is Role.LIST, columns=tuple(columns.values()))
        judged = content[: classify.MOST_JUDGED]  # what is handed to another process is copied
        given = (answer.status, answer.headers, judged, url, requested, looks.missing, looks.home)
        if len(judged) <= _MOST_JUDGED_HERE:
            return judge(*given)
        try:
            verdict: Verdict = self.apart(judge, *given)
        except ReadingEnded as error:
            return classify.Verdict(classify.TRUNCATED, f"can't be judged: {error}")
        return verdict

    def capture(self, url: str, method: str, body: bytes, answer: Answer, requested: str, purpose: Purpose) -> Captured:
        """Judge and store an answer."""
        self.requests += 1
        if answer.frame:
            self.misframed.append(f"{url}: {answer.frame}")
        unpacked = unpack(answer.body, answer.header("content-encoding"))
        content = unpacked.content
        if unpacked.problem:
            verdict = classify.Verdict(classify.TRUNCATED, unpacked.problem)
        else:
            verdict = self.judge(url, requested, answer, content, purpose.role)
        if self.recorder is None:
            return Captured(
                url, answer.status, answer.headers, content, verdict.verdict, verdict.evidence, None, "none"
            )
        return self.recorder.store(url, method, body, answer, content, purpose, verdict.verdict, verdict.evidence)
