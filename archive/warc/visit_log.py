"""Lines of visit logs: what a harvest wrote down of each request, each list and each portal pass. The keys of the JSON are evidence and stay.

A run's segments hold one log a job, as `resource` records `urn:ogi:run:<run>:<group>:visits` with one JSON object a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.warc.context import Entry
from extract.document.notations import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class StoredDelta:
    """A page as the difference from a stored one: a prefix of the stored page's digest, the digest of what came, the pieces."""

    base: str
    digest: str
    pieces: list[list[int] | str]


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One request and its outcome (`"k": "v"`). Of a payload that is stored already, `digest` is a prefix."""

    url: str
    at: str
    status: int | None
    verdict: str
    role: str
    portal: str
    digest: str | None
    delta: StoredDelta | None = None


@dataclass(frozen=True, slots=True)
class ListProof:
    """What proves that a list was read to its end, or what was left open.

    Attributes:
        proof: `total`, `pages`, `marks`, `said empty`, `window` or `no mark`, the strongest first; `None` if the list isn't complete.
        quote: What stands in the page: of the proof, or of the first mark of a further page that was neither followed nor disproved.
        rows: Rows met, of reports and of others.
        page_rows: Rows of the first page, of a list of several pages.
        way: How the further pages were asked for; empty for a list of one page.
        tried: Guesses at further pages that brought nothing.
    """

    proof: str | None = None
    quote: str = ""
    rows: int | None = None
    page_rows: int | None = None
    way: str = ""
    tried: tuple[str, ...] = ()

    def to_json(self) -> dict[str, str | int | list[str]]:
        """The members that say something; `from_json` is the inverse."""
        members = {
            "proof": self.proof,
            "quote": self.quote,
            "rows": self.rows,
            "page_rows": self.page_rows,
            "way": self.way,
            "tried": list(self.tried),
        }
        return {key: member for key, member in members.items() if member is not None and member not in ("", [])}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ListProof:
        """The inverse of `to_json`; of other members nothing is taken."""
        return cls(
            data.get("proof"),
            data.get("quote", ""),
            data.get("rows"),
            data.get("page_rows"),
            data.get("way", ""),
            tuple(data.get("tried", ())),
        )


@dataclass(frozen=True, slots=True)
class ListLine:
    """One reading of a column (`"k": "l"`). `entries` is `None` if they equal those of the last complete reading."""

    portal: str
    url: str
    at: str
    is_complete: bool
    reason: str | None
    entries: tuple[Entry, ...] | None
    proof: ListProof = ListProof()


@dataclass(frozen=True, slots=True)
class PassLine:
    """How the pass over a portal ended (`"k": "p"`)."""

    portal: str
    at: str
    is_ok: bool
    reason: str | None
    listed: int | None
    expected: int | None


@dataclass(frozen=True, slots=True)
class PartLine:
    """How a pass ended that asked a portal for some lists and pages only (`"k": "s"`). It says nothing of what it did not ask for.

    Attributes:
        is_whole: Whether the lists that it read, all to their ends, are all that the portal has.
    """

    portal: str
    at: str
    is_ok: bool
    reason: str | None
    is_whole: bool


Line = VisitLine | ListLine | PassLine | PartLine


def parse_log(block: bytes) -> Iterator[Line]:
    """The lines of one log, in its order; those of kinds that this release doesn't know are passed over."""
    for text in block.split(b"\n"):
        if text.strip():
            line = parse_line(parse_json(text))
            if line is not None:
                yield line


def parse_line(data: Mapping[str, Any]) -> Line | None:
    """One line, `None` if it is of another kind."""
    kind = data["k"]
    if kind == "v":
        told = data.get("x")
        return VisitLine(
            url=data["u"],
            at=data["t"],
            status=data.get("s"),
            verdict=data["v"],
            role=data["r"],
            portal=data["p"],
            digest=data.get("d"),
            delta=StoredDelta(told["of"], told["is"], told["d"]) if told is not None else None,
        )
    if kind == "l":
        entries = None if data.get("same") else tuple(map(Entry.from_json, data.get("entries") or ()))
        proof = ListProof.from_json(data)
        return ListLine(data["p"], data["u"], data["t"], bool(data["complete"]), data.get("reason"), entries, proof)
    if kind == "p":
        return PassLine(
            data["p"], data["t"], bool(data["ok"]), data.get("reason") or None, data.get("listed"), data.get("expected")
        )
    if kind == "s":
        return PartLine(data["p"], data["t"], bool(data["ok"]), data.get("reason") or None, bool(data.get("whole")))
    return None
