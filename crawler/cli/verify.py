"""`ogi verify`: what is proved of an archive, claim by claim."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options, place_options
from crawler.cli.prove import show_proof
from crawler.cli.render import emit_json, emit_text, say
from extract.messages import localizable, localize, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.files.folder import Archive
    from archive.verify.anchors import Anchors
    from archive.verify.result import VerifyResult
    from archive.verify.run import VerifyOptions


@click.command()
@common_options
@click.option(
    "--key", "keys", metavar="KEY", multiple=True, help="A key that you trust: vkey, 64 hex digits, or a file."
)
@click.option(
    "--head",
    "head",
    is_flag=False,
    flag_value="",
    metavar="[HEAD]",
    help="Only print the chain's head, to keep elsewhere; with HEAD (64 hex digits, a checkpoint, or a file with either; - reads it): "
    "check that the archive still continues it.",
)
@click.option(
    "--checkpoint", "as_checkpoint", is_flag=True, help="Only print the checkpoint, for others to keep or co-sign."
)
@click.option(
    "--require",
    metavar="CLAIM,…",
    default="",
    help="Claims that must be proved besides bytes, order, decisions, index and reading: complete, who, when.",
)
@click.option(
    "--since",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Read only segments with records of this day (UTC) or later.",
)
@click.option(
    "--sample", metavar="N", type=click.IntRange(min=0), help="Read only so many segments, drawn without choice."
)
@click.option(
    "--read",
    "read",
    metavar="N",
    type=click.IntRange(min=0),
    help="Read so many versions of reports again (default 50); the others are held against what was sealed.",
)
@click.option("--seed", metavar="N", type=click.IntRange(min=0), help="Repeat the draw of an earlier verification.")
@click.option(
    "--deep/--no-deep",
    default=None,
    help="Also make the database again and compare every table; by default only where that takes seconds.",
)
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True))
@place_options
def verify(
    archive: Path,
    as_json: bool,
    path: Path | None,
    keys: tuple[str, ...],
    head: str | None,
    as_checkpoint: bool,
    require: str,
    since: datetime | None,
    sample: int | None,
    read: int | None,
    seed: int | None,
    deep: bool | None,
    workers: int | None,
    cluster: str | None,
) -> int:
    """Prove that the archive, or what was made from it, is whole.

    PATH may be an archive, a published snapshot, a data package (folder or ZIP), a WACZ, a bag or a proof file; without one it is the archive.
    Judges eight claims: bytes, order, complete, who, when, decisions, index, reading. Each is proved, not proved (and why), or damaged.
    Exit status 0: every required claim is proved; 1: something is damaged; 3: nothing is, but a required claim could not be proved.
    Keys and heads that you trust are kept with `ogi trust`.
    """
    from archive.files.folder import Archive
    from archive.verify.bag import is_bag, payload_of, verify_bag
    from archive.verify.reading import DEFAULT_READ, Redraw
    from archive.verify.run import VerifyOptions
    from archive.verify.segments import Extent
    from archive.verify.snapshot import verify_snapshot

    place = path or archive
    if path is not None and (made := _verify_made(path, keys, require, as_json)) is not None:
        return made
    if is_bag(place):
        return _show_result(verify_bag(place, _anchors(payload_of(place), keys, head), _required(require)), as_json)
    opened = Archive.open(place, is_given=path is not None)
    if opened.is_snapshot and head != "" and not as_checkpoint:
        return _show_result(verify_snapshot(opened, _anchors(opened, keys, head), _required(require)), as_json)
    if head == "" or as_checkpoint:
        return _print_head(opened, as_json, as_checkpoint)
    options = VerifyOptions(
        anchors=_anchors(opened, keys, head),
        require=_required(require),
        extent=Extent(since.date() if since else None, sample, seed),
        redraw=Redraw(DEFAULT_READ if read is None else read, seed),
        deep=deep,
        workers=workers,
        cluster=cluster,
    )
    return _verify(opened, options, as_json, is_held_against=bool(keys or head))


def _verify_made(path: Path, keys: tuple[str, ...], require: str, as_json: bool) -> int | None:
    """Check what was made from an archive, and gives the exit status; `None` if the path is no such thing."""
    from archive.verify.anchors import parse_key
    from archive.verify.package import is_package, is_proof, verify_package

    if not (path.is_dir() or path.is_file()):  # a pipe may never begin, a device never end
        raise click.BadParameter(f"{path} is neither a file nor a folder", param_hint="PATH")
    if is_proof(path):
        return show_proof(path, _key_of_proof(path, keys), as_json=as_json)
    if is_package(path):
        pinned = [parse_key(key, "--key") for key in keys]
        return _show_result(verify_package(path, pinned, _required(require)), as_json)
    return None


def _key_of_proof(path: Path, keys: tuple[str, ...]) -> str | None:
    """The one key that a proof file is held against, under the name that the archive gives itself."""
    from archive.verify.anchors import parse_key
    from archive.verify.package import proof_key

    if len(keys) > 1:
        raise click.UsageError("a proof file is held against one --key")
    return str(proof_key(path, parse_key(keys[0], "--key"))) if keys else None


def _print_head(opened: Archive, as_json: bool, as_checkpoint: bool) -> int:
    from archive.verify import run as verification
    from archive.warc import growth

    found = verification.head(opened)
    if as_checkpoint:
        note = growth.checkpoint_now(opened, growth.state_of(growth.whole_lines(opened)))
        if as_json:
            emit_json({"checkpoint": str(note) if note.signatures else note.text})
        else:
            click.echo(str(note) if note.signatures else note.text, nl=False)
    elif as_json:
        emit_json({"head": found})
    elif found is None:
        say("The manifest has no line yet, so there is no head.", err=True)
    else:
        say(found)
    return 0


def _anchors(opened: Archive, keys: tuple[str, ...], head: str | None) -> Anchors:
    """What is trusted: by the options, and by the operator's own file."""
    from archive.verify.trusted import anchors_for

    given = sys.stdin.read() if head == "-" else head
    return anchors_for(opened, keys, [given] if given else [])


def _required(text: str) -> tuple[str, ...]:
    from archive.verify.claims import CLAIMS

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in CLAIMS:
            raise click.BadParameter(f"{name!r} is no claim; they are {', '.join(CLAIMS)}", param_hint="--require")
    return names


def _verify(opened: Archive, options: VerifyOptions, as_json: bool, *, is_held_against: bool) -> int:
    from archive.clock import SystemClock
    from archive.verify.last import keep
    from archive.verify.run import verify as judge
    from archive.warc import growth

    with _progress("Segments") as progress:
        result = judge(opened, options, progress=progress)
    is_contradicted = (
        is_held_against and result.is_damaged and {item.kind for item in result.damages} <= {"head", "signature"}
    )
    if not is_contradicted:  # a head or key of another archive says nothing of this one's state
        try:
            keep(opened, result, SystemClock().now())
        except OSError as error:  # an archive on a read-only disk can be verified too
            say(f"`ogi status` won't know of this verification: {error}", err=True)
    if not result.is_damaged:
        growth.remember(opened)
    if as_json:
        emit_json(result.to_json())
    else:
        _show(result, is_contradicted)
    return result.exit_status


def _show_result(result: VerifyResult, as_json: bool) -> int:
    if as_json:
        emit_json(result.to_json())
    else:
        _show(result, is_contradicted=False)
    return result.exit_status


def _show(result: VerifyResult, is_contradicted: bool) -> None:
    for damage in result.damages:
        emit_text(f"{localize('DAMAGED')}  {damage}")
    for note in result.notes:
        emit_text(f"{localize('note')}  {note}")
    if result.quarantined:
        aside = localizable(
            f"{result.quarantined} records and captures are in quarantine, nothing rests on them: `ogi reextract --quarantined` names them"
        )
        emit_text(f"{localize('note')}  {aside}")
    for claim in result.claims:
        emit_text(f"{claim.name:<11}{word(claim.outcome.value):<12}{claim.why}")
    if result.segments:
        extent = f"{result.checked} of {result.segments}" if result.checked < result.segments else str(result.segments)
        say(f"{extent} segments, {result.records} records, {result.size} bytes read; {result.lines} manifest lines.")
    open_claims = [claim.name for claim in result.claims if claim.outcome != "proved"]
    if is_contradicted:
        say(
            "This isn't the archive that the head or key is of, or it was changed since. Its own state is kept as it was."
        )
    elif result.is_damaged:
        say(
            f"{len(result.damages)} damages. Bring the named segments back from a copy; `ogi rebuild` mends the database."
        )
    elif result.is_whole:
        say(
            "Whole: every required claim is proved."
            + (f" Not proved here: {', '.join(open_claims)}." if open_claims else "")
        )
    else:
        lacking = ", ".join(claim.name for claim in result.lacking)
        say(f"Nothing damaged was met; not proved: {lacking or 'there is nothing in this archive'}.")
    if result.head and not result.is_damaged:
        say(f"Head of the chain: {result.head}")


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr, to be called with done and total; `None` if stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    from crawler.cli.progress import screen

    with Progress(console=screen(), transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
