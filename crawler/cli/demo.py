"""`ogi demo`."""

from __future__ import annotations

import signal
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.options import json_option, verbose_option
from crawler.cli.render import emit_json, emit_styled, emit_table, say
from extract.messages import localizable
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.files.folder import Archive
    from crawler.demo import Demo, Tell

_CHANGES = {"day": "day", "kind": "change", "agency": "agency", "year": "year", "words": "what"}
_OBLIGATIONS = {
    "agency": "agency",
    "kind": "kind",
    "due": "due",
    "status": "status",
    "published_on": "published",
    "days_late": "days late",
}
_FINDINGS = {"agency": "agency", "year": "year", "check": "check", "severity": "severity", "where": "where"}


@click.command()
@click.option(
    "--archive",
    envvar="OGI_ARCHIVE",
    show_envvar=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Keep the demo's archive in this new folder. Default: a temporary folder that is removed in the end.",
)
@json_option
@verbose_option
@click.option("--no-serve", is_flag=True, help="End after the season instead of serving the site.")
@click.option(
    "--families", is_flag=True, help="Beside the five real reports, invented agencies on six families of portals."
)
@click.option(
    "--country",
    is_flag=True,
    help="Instead of the season: some thousand invented reports of all provinces and eight years, to try statistics, places and search on.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the site.")
@click.option(
    "--port", default=8001, show_default=True, metavar="N", type=click.IntRange(0, 65535), help="Port of the site."
)
def demo(
    archive: Path | None, as_json: bool, no_serve: bool, families: bool, country: bool, host: str, port: int
) -> int:
    """A season of replica portals on loopback, three harvests of it, and the site.

    Five real reports, each in the carrier that it really had, and an agency that never publishes, on portals of six
    families. Between the harvests one figure and one sentence are edited in place, one report disappears behind an
    error page with status 200, and one appears late. The clock is simulated, and the archive says so. Nothing leaves
    this machine.

    Exit status 1 if a harvest or the verification failed.
    """
    from crawler.demo import check_port, run_demo

    if not no_serve:
        check_port(host, port)
    if country:
        with _terminable(), _folder(archive) as root:
            return _country(
                root, as_json=as_json, is_kept=archive is not None, where=None if no_serve else (host, port)
            )
    with (
        _terminable(),
        _folder(archive) as root,
        _progress() as tell,
        run_demo(root, families=families, tell=tell) as outcome,
    ):
        if outcome.is_ok:
            _release(outcome.archive, datetime.fromisoformat(outcome.days[-1].at))
        if as_json:
            emit_json(outcome.to_json())
        else:
            _show(outcome, is_kept=archive is not None)
        if not no_serve:
            _serve(outcome.archive, host, port)
        return 0 if outcome.is_ok else 1


def _country(root: Path, *, as_json: bool, is_kept: bool, where: tuple[str, int] | None) -> int:
    """An archive of an invented country, and its site."""
    from crawler.demo_country import SECOND, make_country  # the readers of documents are loaded with it

    with _progress() as tell:
        said = (lambda text: tell(text, 0, 0)) if tell is not None else None
        archive, summary = make_country(root, tell=said)
        _release(archive, SECOND, said)
    made = {"archive": str(archive.root), "segments": summary.segments, "changes": summary.changes}
    if as_json:
        emit_json(made)
    else:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(summary.changes.items()))
        say(f"An invented country: {summary.segments} segments; reports: {counts}.")
        if is_kept:
            say(f"The archive stays in {archive.root}: try `ogi serve --archive {archive.root}`.")
    if where is not None:
        _serve(archive, *where)
    return 0


def _release(archive: Archive, at: datetime, tell: Callable[[str], None] | None = None) -> None:
    """Everything in bulk, so that the site's downloads can be tried."""
    from archive.site.release import make_release

    if tell is not None:
        tell("making a release")
    make_release(archive, f"{at:%Y-%m-%d}", at)


def _serve(archive: Archive, host: str, port: int) -> None:
    from archive.site.serve import run_site

    run_site(
        archive,
        host,
        port,
        lambda url: say(f"Serving the demo's archive on {url} — Ctrl-C ends it", err=True),
    )


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the demo like Ctrl-C, so that the temporary folder goes."""

    def interrupt(signum: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    try:
        with tempfile.TemporaryDirectory(prefix="ogi-demo-") as folder:
            yield Path(folder) / "archive"
    except KeyboardInterrupt:
        raise click.Abort(
            localizable("Interrupted; the demo's archive was temporary and is removed (--archive DIR keeps one).")
        ) from None


def _show(outcome: Demo, *, is_kept: bool) -> None:
    from crawler.demo import AS_OF, OBLIGATION_YEAR, in_words, local_day

    say(f"{len(outcome.replica.portals)} replica portals on 127.0.0.1, a season of 2021 under a simulated clock.")
    for number, day in enumerate(outcome.days, start=1):
        counts: dict[str, int] = {}
        for result in day.summary.portals:
            for name, count in result.reports.items():
                counts[name] = counts.get(name, 0) + count
        said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing"
        say(f"  Day {number}, {local_day(day.at)}: {day.requests} requests; reports: {said}")
        for result in day.summary.portals:
            if not result.ok:
                say(f"    {result.portal}: {result.reason}")
    _section("What changed (ogi changes)")
    emit_table(
        [{**row, "day": local_day(row["at"]), "words": in_words(row)} for row in outcome.changes], _CHANGES, "Nothing."
    )
    _section(
        f"Who had to publish for {OBLIGATION_YEAR}, as of {AS_OF} (ogi obligations --year {OBLIGATION_YEAR} --as-of {AS_OF})"
    )
    emit_table(outcome.obligations, _OBLIGATIONS, "Nobody.")
    _section("What the audit found (ogi findings)")
    emit_table(outcome.findings, _FINDINGS, "Nothing.")
    _section("Proof (ogi verify)")
    verification = outcome.verification
    lacking = ", ".join(claim.name for claim in verification.lacking)
    damages = localizable(f"{len(verification.damages)} damages")
    state = localizable(
        "whole" if verification.is_whole else damages if verification.is_damaged else f"not proved: {lacking}"
    )
    say(f"{verification.segments} segments, {verification.records} records: {localized(state)}.")
    click.echo("")
    if is_kept:
        say(f"The archive stays in {outcome.archive.root}: try `ogi serve --archive {outcome.archive.root}`.")
        say("How to try `ogi backfill` with it and a web archive of your own: docs/researcher.md.")
    else:
        say("The archive is temporary; keep one with --archive DIR.")


def _section(heading: str) -> None:
    click.echo("")
    emit_styled(localized(heading), bold=True)


@contextmanager
def _progress() -> Iterator[Tell | None]:
    """A spinner on a terminal, nothing elsewhere."""
    from crawler.cli.progress import lines_on_terminal

    with lines_on_terminal(localizable("starting the replica portals")) as show:
        if show is None:
            yield None
            return

        def tell(text: str, done: int, total: int) -> None:
            if text:
                show(f"{text} ({done} of {total} portals done)" if total else text)

        yield tell
