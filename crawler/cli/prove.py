"""`ogi prove`: one claim as a file that a stranger checks offline."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, emit_text


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
def prove(
    archive: Path, as_json: bool, what: str | None, target: Path | None, checked: Path | None, key: str | None
) -> int:
    """Prove WHAT by one file that a stranger checks offline, or check such a file.

    WHAT is REPORT[@VERSION], REPORT/TABLE/ROW/COLUMN[@VERSION], or the id of a change (published, revised). The file is a WACZ that replays; it
    holds the records, their paths to the archive's checkpoint, and `proof/check.py`, which needs nothing but Python. Exit status of --check: 0
    everything is proved; 1 something is damaged; 3 something could not be proved, such as whose archive it is without --key.
    """
    from archive.files.folder import Archive
    from archive.publish.check_proof import check, status_of
    from archive.publish.prove import prove as write

    if checked is not None:
        try:
            said = check(str(checked), key)
        except ValueError as error:
            raise click.UsageError(f"--key {key!r} is {error}") from None
        if as_json:
            emit_json(
                {
                    "whole": status_of(said) == 0,
                    "claims": [{"claim": sentence, "outcome": outcome} for outcome, sentence in said],
                }
            )
        else:
            for outcome, sentence in said:
                emit_text(f"{outcome.upper() if outcome == 'damaged' else outcome:<11}{sentence}")
        return status_of(said)
    if what is None or target is None:
        raise click.UsageError("say what to prove and --to which file, or --check FILE")
    claim = write(Archive.open(archive), what, target, datetime.now(UTC))
    if as_json:
        emit_json(claim)
    else:
        click.echo(
            f"{target}: {claim['kind']} of {claim['report']}, {len(claim['figures'])} figures; check it with `ogi prove --check {target}`"
        )
    return 0
