"""`ogi prove`: one claim as a file that a stranger checks offline."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_text
from extract.messages import localizable, localize, word


@click.command()
@common_options
@click.argument("what", required=False)
@click.option("--to", "target", type=click.Path(path_type=Path), help="The file to write, such as figure.wacz.")
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Check a proof file instead.",
)
@click.option(
    "--key",
    metavar="KEY",
    help="With --check: the archive's key that you trust (a vkey, as `ogi trust show` prints it).",
)
@click.option(
    "--statement",
    "language",
    type=click.Choice(["en", "zh"]),
    help="Instead of the outcome, print a text about the file in English or Chinese, for a person to sign.",
)
def prove(
    archive: Path,
    as_json: bool,
    what: str | None,
    target: Path | None,
    checked: Path | None,
    key: str | None,
    language: str | None,
) -> int:
    """Prove WHAT by one file that a stranger checks offline, or check such a file.

    WHAT is REPORT[@VERSION], REPORT/TABLE/ROW/COLUMN[@VERSION], absence:AGENCY/YEAR, or the id of a change (published, revised, vanished,
    delisted). The file is a WACZ that replays; it holds the records, their paths to the archive's checkpoint, and two checkers that need nothing
    else: `proof/check.py` for Python, `proof/check.html` for a browser. Exit status: 0 everything is proved; 1 (--check) something is damaged; 3 something could not be proved: then no file is
    written, or with --check, it says what, such as whose archive it is without --key. --statement prints a text for a person to sign; it is no legal advice.
    """
    from archive.files.folder import Archive
    from archive.publish.prove import prove as write
    from archive.publish.prove_looks import NotProved

    if checked is not None:
        return show_proof(checked, key, as_json=as_json, language=language)
    if what is None or target is None:
        raise click.UsageError("say what to prove and --to which file, or --check FILE")
    try:
        claim = write(Archive.open(archive), what, target, datetime.now(UTC))
    except NotProved as error:
        _tell([("not proved", str(error))], (), as_json=as_json)
        return 3
    if language is not None:
        return show_proof(target, key, as_json=as_json, language=language)
    if as_json:
        emit_json(claim)
    else:
        about = claim["report"] or localizable(f"the report of {claim['agency']} for {claim['year']}")
        count = len(claim["figures"])
        figures = localize("{n} figure" if count == 1 else "{n} figures", n=count)
        emit_text(f"{target}: {word(claim['kind'])} of {about}, {figures}; check it with `ogi prove --check {target}`")
    return 0


def show_proof(file: Path, key: str | None, *, as_json: bool, language: str | None = None) -> int:
    """Check a proof file and say what is proved, or print a statement about it in a language; gives the exit status."""
    from archive.publish.check_proof import checked, status_of
    from archive.publish.statement import statement
    from archive.warc.segments import program_version

    try:
        said, limits = checked(str(file), key)
    except ValueError as error:
        raise click.UsageError(f"--key {key!r} is {error}") from None
    except OSError as error:
        raise click.UsageError(str(error)) from None
    if language is None:
        _tell(said, limits, as_json=as_json)
        return status_of(said)
    text = statement(file, key, language, datetime.now(UTC), program_version())
    if as_json:
        emit_json({"statement": text})
    else:
        click.echo(text, nl=False)
    return status_of(said)


def _tell(said: list[tuple[str, str]], limits: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        emit_json(
            {
                "whole": all(outcome == "proved" for outcome, _ in said),
                "claims": [{"claim": sentence, "outcome": outcome} for outcome, sentence in said],
                "damages": [sentence for outcome, sentence in said if outcome == "damaged"],
                "not_said": list(limits),
            }
        )
        return
    for outcome, sentence in said:
        said_so = word(outcome)
        emit_text(f"{said_so.upper() if outcome == 'damaged' else said_so:<11}{sentence}")
    for sentence in limits:
        emit_text(f"{word('not said'):<11}{sentence}")
