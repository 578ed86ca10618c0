"""What happened to an archive, in PREMIS 3 (Data Dictionary 3.0): objects, events and agents, made of the manifest, the decisions and the last verification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from archive.clock import utc_text
from archive.duties import decisions
from archive.verify.last import last_verification
from archive.warc import manifest, statements
from archive.warc.members import iter_members
from archive.warc.segments import program_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from archive.files.folder import Archive
    from archive.site.publish import SnapshotFacts
    from archive.warc.manifest import ManifestLine

NAMESPACE = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: WARC 1.1 in the PRONOM registry.
_FORMAT = ("WARC", "1.1", "fmt/1355")
_PROGRAM, _OPERATOR = "ogi-archive", "operator"


@dataclass(frozen=True, slots=True)
class PremisEvent:
    """An event: its type in the Library of Congress's vocabulary (eventType), when (UTC text), what, about which objects, by whom."""

    type: str
    at: str
    detail: str
    objects: tuple[str, ...]
    outcome: str = "success"
    agent: str = _PROGRAM


def premis(archive: Archive, payload: Path, about: SnapshotFacts, now: datetime) -> bytes:
    """The document. `payload` is the published snapshot, `about` what its `snapshot.json` says."""
    for prefix, name in (("premis", NAMESPACE), ("xsi", _XSI)):
        ElementTree.register_namespace(prefix, name)
    root = ElementTree.Element(f"{{{NAMESPACE}}}premis", {"version": "3.0"})
    lines = [entry for entry in manifest.entries(archive) if (payload / "warc" / entry.segment).is_file()]
    reduced = frozenset(about.get("reduced_segments") or ())
    for entry in lines:
        _object(root, entry, is_reduced=entry.segment in reduced)
    for number, event in enumerate(_events(archive, payload, lines, reduced, now), 1):
        _event(root, number, event)
    _agent(root, _PROGRAM, f"ogi-archive {program_version()}", "software")
    _agent(root, _OPERATOR, archive.settings.operator.name or "not named", "organization")
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _events(
    archive: Archive, payload: Path, lines: list[ManifestLine], reduced: frozenset[str], now: datetime
) -> Iterator[PremisEvent]:
    """What happened, as far as the archive knows when; the chain's own order stands in the details."""
    for entry in lines:
        yield from _of_segment(payload, entry)
    for decision in decisions.read(archive):
        yield PremisEvent(_TYPES.get(decision.kind, "metadata modification"), decision.at, f"decision: {decision.kind}", (), agent=_OPERATOR)  # fmt: skip
    last = last_verification(archive)
    if last is not None and last["at"]:
        outcome = "success" if last["whole"] else "failure" if not last["ok"] else "not proved"
        said = ", ".join(f"{name}: {value}" for name, value in last["claims"].items())
        yield PremisEvent(
            "fixity check", last["at"], f"ogi verify: {said}", tuple(entry.segment for entry in lines), outcome
        )
    if reduced:
        detail = "records that are withheld by decision were left out; their leaves stand in proof/"
        yield PremisEvent("redaction", utc_text(now), detail, tuple(sorted(reduced)))
    yield PremisEvent(
        "information package creation", utc_text(now), "this bag", tuple(entry.segment for entry in lines)
    )


def _of_segment(payload: Path, entry: ManifestLine) -> Iterator[PremisEvent]:
    what, at, name = f"line {entry.number} of manifest.jsonl", entry.info.last or "", (entry.segment,)
    if not statements.is_proof(entry):
        detail = f"{what}: {entry.info.records} records, {entry.info.first} to {entry.info.last}, runs {', '.join(entry.info.runs)}"
        yield PremisEvent("ingestion" if _is_import(payload / "warc" / entry.segment) else "capture", at, detail, name)
    yield PremisEvent("message digest calculation", at, f"{what}: SHA-256 of the file, root of its records' tree", name)
    if entry.signature is not None:
        detail = f"{what}: Ed25519, key {entry.signature.get('key')}"
        yield PremisEvent("digital signature generation", at, detail, name)


#: Decisions that the vocabulary has a word for.
_TYPES = {"withhold": "policy assignment", "reextract": "metadata extraction", "rollback": "recovery"}


def _is_import(path: Path) -> bool:
    """Whether a segment holds what others captured: its warcinfo says so."""
    with path.open("rb") as stream:
        return b"ogi-origin: foreign" in next(iter_members(stream)).data


def _object(root: ElementTree.Element, entry: ManifestLine, *, is_reduced: bool) -> None:
    one = _sub(root, "object")
    one.set(f"{{{_XSI}}}type", "premis:file")
    _identifier(one, "object", entry.segment)
    facts = _sub(one, "objectCharacteristics")
    if not is_reduced:  # of one that lacks records the hash of the line is not the file's
        fixity = _sub(facts, "fixity")
        _sub(fixity, "messageDigestAlgorithm", "SHA-256")
        _sub(fixity, "messageDigest", entry.info.sha256)
        _sub(facts, "size", str(entry.info.size))
    form = _sub(facts, "format")
    named = _sub(form, "formatDesignation")
    _sub(named, "formatName", _FORMAT[0])
    _sub(named, "formatVersion", _FORMAT[1])
    registry = _sub(form, "formatRegistry")
    _sub(registry, "formatRegistryName", "PRONOM")
    _sub(registry, "formatRegistryKey", _FORMAT[2])
    _sub(one, "originalName", entry.segment)


def _event(root: ElementTree.Element, number: int, event: PremisEvent) -> None:
    one = _sub(root, "event")
    _identifier(one, "event", str(number))
    _sub(one, "eventType", event.type)
    _sub(one, "eventDateTime", event.at)
    _sub(_sub(one, "eventDetailInformation"), "eventDetail", event.detail)
    _sub(_sub(one, "eventOutcomeInformation"), "eventOutcome", event.outcome)
    agent = _sub(one, "linkingAgentIdentifier")
    _sub(agent, "linkingAgentIdentifierType", "local")
    _sub(agent, "linkingAgentIdentifierValue", event.agent)
    for name in event.objects:
        linked = _sub(one, "linkingObjectIdentifier")
        _sub(linked, "linkingObjectIdentifierType", "local")
        _sub(linked, "linkingObjectIdentifierValue", name)


def _agent(root: ElementTree.Element, identity: str, name: str, kind: str) -> None:
    one = _sub(root, "agent")
    _identifier(one, "agent", identity)
    _sub(one, "agentName", name)
    _sub(one, "agentType", kind)


def _identifier(parent: ElementTree.Element, kind: str, value: str) -> None:
    one = _sub(parent, f"{kind}Identifier")
    _sub(one, f"{kind}IdentifierType", "local")
    _sub(one, f"{kind}IdentifierValue", value)


def _sub(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    one = ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    one.text = "".join(char for char in text if char >= " " or char in "\t\n") if text is not None else None
    return one
