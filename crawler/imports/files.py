"""Bringing in what others captured: their records stay what they were, and the index takes in what they show.

Every file is read twice: first to learn what is what, and what revisits stand for; then to take its records. One record that can't be taken
costs itself: it is named, and set aside with its bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.errors import ImportFailed
from archive.history.ingest import IngestSummary, ingest_sealed
from archive.index.captures import Taken, stored_payload, taken
from archive.index.database import open_index
from archive.warc.closing import recover
from archive.warc.containers import FileForm, form_of
from archive.warc.context import Context
from archive.warc.fitness import UnfitRecord
from archive.warc.foreign import ForeignRecord, iter_foreign
from archive.warc.records import CAPTURES
from archive.warc.taken import NOTE, ORIGIN, QUARANTINE, Origin, sha256_of
from archive.warc.wacz_auth import check_package
from archive.work.helper import Helper
from crawler.harvest.run import seal_ended
from crawler.imports.run import ImportRun, import_run
from crawler.imports.sorting import Sorter
from crawler.imports.taking import Judged, judge, names_by_revisit, names_of_payload, shown
from extract.messages import localizable

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.warc.context import Entry
    from crawler.portals.definitions import PortalDefinition

_CHUNK = 1 << 20
#: Requests and metadata of one capture that are kept with it.
_BESIDE = 8
WEB = ("http:", "https:")
_OURS = ("urn:ogi:run:", NOTE, ORIGIN, QUARANTINE)


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did: captures written, those the archive had, those that concern no report, and what could not be taken."""

    written: int
    known: int
    passed_over: int
    problems: tuple[str, ...]
    ingested: IngestSummary | None

    def to_json(self) -> dict[str, Any]:
        """For `ogi import --json`."""
        return {
            "written": self.written,
            "known": self.known,
            "passed_over": self.passed_over,
            "problems": list(self.problems),
            "changes": dict(self.ingested.changes) if self.ingested else {},
        }


def import_archives(
    archive: Archive,
    files: Sequence[Path],
    portals: Sequence[PortalDefinition],
    clock: Clock,
    *,
    everything: bool = False,
    tell: Callable[[str], None] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    asked: AskedArchive | None = None,
    again: Collection[str] = (),
) -> ImportSummary:
    """Bring WARC, ARC, WACZ and HAR files in, damaged ones as far as they go. Importing a file again adds nothing.

    Args:
        portals: Definitions whose hosts tell where captures belong; a host without one becomes a portal of its own.
        everything: Also keep captures that concern no report.
        workers: Processes on this machine that read documents.
        cluster: Address of a Dask scheduler to read documents on instead.
        asked: The web archive that gave the captures; `None`: the files are somebody's own.
        again: SHA-256 of records that were set aside once and are tried again.

    Raises:
        ArchiveBusy: A harvest or another import is under way.
        UnreadableDocument: A file holds no captures, or is in a compression that can't be read here.
    """
    say = tell or (lambda text: None)
    with archive.lock():
        recover(archive)
        ingest_sealed(archive)
        db = open_index(archive)
        try:
            known = taken(db)
        finally:
            db.close()
        known.records.difference_update(again)
        helper = Helper()
        sorter = Sorter(tuple(portals), dict(known.roles), helper, parents=dict(known.parents))
        if asked is not None:
            sorter.expect(asked.lists, asked.rows)
        taking = Taking(archive, sorter, known, clock.now(), everything=everything, asked=asked, again=again)
        try:
            taking.learn_all(files, say)
            with import_run(archive, clock, sorter) as run:
                for file in files:
                    say(f"bringing in {file.name}")
                    taking.take(file, run)
        finally:
            helper.close()
        ingested = take_in(archive, workers, cluster) if taking.written or taking.has_set_aside else None
    return ImportSummary(
        taking.written, taking.known_again, taking.passed_over, tuple(dict.fromkeys(taking.problems)), ingested
    )


@dataclass(frozen=True, slots=True)
class AskedArchive:
    """A web archive that was asked, and what for.

    Attributes:
        name, form: What it is called, and its interface.
        lists: Addresses of list pages among those asked for: their captures are kept, whatever they name.
        rows: What is known of addresses of candidates.
    """

    name: str
    form: str
    lists: frozenset[str] = frozenset()
    rows: tuple[Entry, ...] = ()


@dataclass(slots=True)
class Taking:
    """One import's state while its files are read."""

    archive: Archive
    sorter: Sorter
    known: Taken
    now: datetime
    everything: bool = False
    asked: AskedArchive | None = None
    again: Collection[str] = ()
    written: int = 0
    known_again: int = 0
    passed_over: int = 0
    has_set_aside: bool = False
    problems: list[str] = field(default_factory=list)
    #: Digest of a payload by every name that a revisit may have for it.
    _payloads: dict[str, str] = field(default_factory=dict)

    def learn_all(self, files: Sequence[Path], say: Callable[[str], None]) -> None:
        """Look through all files, before anything is taken."""
        for file in files:
            if form_of(file) is FileForm.WACZ:
                self.check_package(file, say)
            say(f"looking through {file.name}")
            self.learn(file)
        self.learn_again(files)

    def check_package(self, file: Path, say: Callable[[str], None]) -> None:
        """Say whether a package still is what it says of itself. What it holds is taken all the same: each record shows what it shows."""
        found = check_package(file)
        say(f"{file.name} {found.words}")
        self.problems += [
            localizable(f"{file.name}: the package isn't as it was made: {damage}") for damage in found.damages
        ]

    def learn(self, file: Path) -> None:
        """First look through a file: what its captures are, and which payloads it holds."""
        for record in iter_foreign(file):
            if record.type not in CAPTURES or judge(record, self.now).problem:
                continue
            if self._guard(record, self.sorter.learn) and record.type != "revisit" and not record.truncated:
                for name in names_of_payload(record):
                    self._payloads.setdefault(name, record.payload_digest)

    def learn_again(self, files: Sequence[Path]) -> None:
        """Second look, when the lists are known: files that hang on the pages that lists name."""
        if not self.sorter.needs_second_look:
            return
        for file in files:
            for record in iter_foreign(file):
                if record.type in CAPTURES and not judge(record, self.now).problem:
                    self._guard(record, self.sorter.learn_again)

    def take(self, file: Path, run: ImportRun) -> None:
        """Take a file's captures, each with the request and metadata that stand beside it."""
        if self.asked is not None:
            origin = run.origin(
                kind="archive", name=self.asked.name, size=0, sha256="", form=self.asked.form, software=""
            )
        else:
            origin = _origin_of(file, run)
        is_written = False
        waiting: list[ForeignRecord] = []
        beside: list[ForeignRecord] = []
        for record in _with_end(iter_foreign(file, self.problems)):
            if record is not None and record.type not in CAPTURES:
                if not record.uri.startswith(_OURS) and record.type in ("request", "metadata"):
                    beside.append(record)
                continue
            if record is not None and not record.uri.lower().startswith(WEB):
                continue  # names, a crawler's own notes, and what this program writes of its own work
            if waiting:
                is_written = self._take_one(origin, waiting.pop(), beside, run, is_written=is_written)
            if record is not None:
                beside = [one for one in beside if _belongs(one, record)]
                waiting.append(record)

    def _take_one(
        self, origin: Origin, record: ForeignRecord, beside: list[ForeignRecord], run: ImportRun, *, is_written: bool
    ) -> bool:
        """Take a capture. Gives whether the origin stands in the segment now."""
        sha256 = sha256_of(record.raw)
        if sha256 in self.known.records or self._is_own(record):
            self.known_again += 1
            return is_written
        judged = judge(record, self.now)
        context, digest, why = self._placed(record, judged)
        if why or judged.at is None:
            return self._set_aside(origin, record, why, run, is_written=is_written)
        is_wanted = context is not None or self.everything
        if record.type == "revisit" and digest is None and record.http_status != 304:
            self._wait_for_payload(record, is_wanted=is_wanted)
            return is_written
        if not is_wanted:
            self.passed_over += 1
            return is_written
        if not is_written:
            run.write_origin(origin)
        if not judged.is_exact and context is not None:
            self._problem(record, f"it is dated only {record.get('WARC-Date')}: kept, without a place in the history")
            context = None
        mine = self._mine(beside, record)
        rows = self.sorter.rows_of(record.uri, digest, context)
        shows = shown(record, judged.at, context, digest, taken_ids=self.known.ids, rows=rows)
        try:
            run.take(origin, record, shows, mine)
        except UnfitRecord as error:
            self._problem(record, str(error))
        else:
            beside[:] = [one for one in beside if one not in mine]
            self.known.records.add(sha256)
            self.written += 1
        return True

    def _mine(self, beside: Sequence[ForeignRecord], record: ForeignRecord) -> list[ForeignRecord]:
        """Those of the records beside that belong to a capture; of a web archive's exchanges all, of others a few."""
        mine = [one for one in beside if _belongs(one, record)]
        return mine if self.asked is not None else mine[:_BESIDE]

    def _placed(self, record: ForeignRecord, judged: Judged) -> tuple[Context | None, str | None, str]:
        """The context and payload digest of a record, and why it can't be taken (empty: it can)."""
        if judged.problem:
            return None, None, judged.problem
        try:
            digest = self._digest_of(record)
            return self.sorter.context_of(record, digest), digest, ""
        except Exception as error:  # noqa: BLE001 - one record costs itself: a stranger may break any parser
            return None, None, localizable(f"it can't be read ({type(error).__name__}: {error})")

    def _wait_for_payload(self, record: ForeignRecord, *, is_wanted: bool) -> None:
        """A revisit whose payload nobody holds is not set aside: with the file that holds the payload it is taken."""
        if is_wanted:
            self._problem(record, localizable("it refers to a payload that is neither in the files nor in the archive"))
        else:
            self.passed_over += 1

    def _set_aside(self, origin: Origin, record: ForeignRecord, why: str, run: ImportRun, *, is_written: bool) -> bool:
        """Set a record aside by name, once. Gives whether the origin stands in the segment now."""
        sha256 = sha256_of(record.raw)
        self._problem(record, why)
        self.known.records.add(sha256)
        if sha256 in self.again:
            return is_written  # it stands aside already
        self.has_set_aside = True
        if not is_written:
            run.write_origin(origin)
        run.set_aside(origin, record, why)
        return True

    def _is_own(self, record: ForeignRecord) -> bool:
        """Whether the archive holds this record already, as one of its own."""
        found = self.known.own.get(record.id.strip("<>"))
        if found is None or record.problem:
            return False
        digest = record.payload_digest if record.type != "revisit" else record.get("WARC-Payload-Digest")
        return found == (record.uri, record.get("WARC-Date"), None if record.truncated else digest)

    def _digest_of(self, record: ForeignRecord) -> str | None:
        if record.type != "revisit":
            return record.payload_digest
        for name in names_by_revisit(record):
            if name in self._payloads:
                return self._payloads[name]
        stated = record.get("WARC-Payload-Digest")
        refers = (record.get("WARC-Refers-To-Target-URI") or "").strip("<>")
        if not stated:
            return None
        db = open_index(self.archive)
        try:
            return stored_payload(db, self.archive, stated, [record.uri, refers or record.uri])
        finally:
            db.close()

    def _guard(self, record: ForeignRecord, look: Callable[[ForeignRecord], None]) -> bool:
        """Look at a record; whether that went well. What breaks here is named when the record is taken."""
        try:
            look(record)
        except Exception as error:  # noqa: BLE001 - one record costs itself: a stranger may break any parser
            self._problem(record, f"it can't be read ({type(error).__name__}: {error})")
            return False
        return True

    def _problem(self, record: ForeignRecord, why: str) -> None:
        self.problems.append(
            f"{record.segment}: the record of {record.uri or record.id} at offset {record.offset}: {why}"
        )


def _with_end(records: Iterator[ForeignRecord]) -> Iterator[ForeignRecord | None]:
    yield from records
    yield None


def _belongs(beside: ForeignRecord, record: ForeignRecord) -> bool:
    """Whether a request or metadata record is of a capture: one names the other, or both name address and time."""
    targets = {value for name, value in beside.headers if name.lower() in ("warc-concurrent-to", "warc-refers-to")}
    named = {value for name, value in record.headers if name.lower() == "warc-concurrent-to"}
    if record.id and (record.id in targets or beside.id in named):
        return True
    return not targets and (beside.uri, beside.get("WARC-Date")) == (record.uri, record.get("WARC-Date"))


def _origin_of(file: Path, run: ImportRun) -> Origin:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    form = form_of(file)
    return run.origin(
        kind="file",
        name=file.name,
        size=size,
        sha256=digest.hexdigest(),
        form=form.value if form is not None else "document",
        software=_software(file) if form is not None else "",
    )


def _software(file: Path) -> str:
    """What the first warcinfo record of a file says; empty if there is none near its beginning."""
    for number, record in enumerate(iter_foreign(file)):
        if record.type == "warcinfo":
            return record.block[:4096].decode("utf-8", "replace")
        if number > 2:
            break
    return ""


def take_in(archive: Archive, workers: int | None = None, cluster: str | None = None) -> IngestSummary:
    """Seal what was written, and let the index take it in."""
    seal_ended(archive)
    return ingest_sealed(archive, workers=workers, cluster=cluster)


def check_files(files: Iterable[Path]) -> None:
    """Say at once which file is missing.

    Raises:
        ImportFailed: For the first one.
    """
    for file in files:
        if file.is_dir():
            raise ImportFailed(f"{file} is a folder: name the files in it")
        if not file.is_file():
            raise ImportFailed(f"{file}: no such file")
