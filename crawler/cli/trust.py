"""`ogi trust`: keys, heads, witnesses and certificates that the operator trusts, kept outside the archive folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import common_options
from crawler.cli.render import emit_json, say

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.files.trust import Trusted


@click.group()
def trust() -> None:
    """What you trust of an archive: keys and heads, kept in your own files.

    `ogi verify` holds the archive against them. They lie outside its folder (OGI_TRUST, else trust.toml in the
    config folder), because who forges an archive forges whatever lies in it.
    """


@trust.command()
@common_options
def show(archive: Path, as_json: bool) -> None:
    """Show what is trusted of the archive, and what it says of itself."""
    from archive.files.heads import remembered
    from archive.files.trust import load_trust, trust_file
    from archive.warc import growth, signing

    opened, genesis = _open(archive)
    trusted = load_trust().of(genesis, growth.place_of(opened))
    heads = [head for head in remembered(genesis, growth.place_of(opened)) if head.genesis == genesis]
    keys = {name: growth.note_key(opened, genesis, key) for name, key in signing.load_public(opened.keys_dir).items()}
    if as_json:
        emit_json(
            {
                "archive": str(opened.root),
                "genesis": genesis,
                "file": str(trust_file()),
                "keys": list(trusted.keys) if trusted else [],
                "heads": list(trusted.heads) if trusted else [],
                "witnesses": list(trusted.witnesses) if trusted else [],
                "tsa": list(trusted.tsa) if trusted else [],
                "last_head": {"size": heads[-1].size, "head": heads[-1].head, "at": heads[-1].at} if heads else None,
                "own_keys": [str(key) for key in keys.values()],
            }
        )
        return
    say(f"{opened.root}, genesis {genesis}")
    for name, key in keys.items():
        say(f"It says that its key {name} is {key} (fingerprint {key.fingerprint}).")
    _show_trusted(trusted, str(trust_file()))
    if heads:
        say(f"Last seen by this machine: {heads[-1].size} lines, head {heads[-1].head}, {heads[-1].at}.")


def _show_trusted(trusted: Trusted | None, file: str) -> None:
    if trusted is None:
        say(f"Nothing is trusted of it ({file}).")
        return
    for name in ("keys", "heads", "witnesses", "tsa"):
        for entry in getattr(trusted, name):
            say(f"Trusted ({name}): {' / '.join(entry.split())}")


@trust.command()
@common_options
@click.argument("what", nargs=-1, required=True)
@click.option(
    "--head", "as_head", is_flag=True, help="64 hex digits are the hash of a manifest line, not a key's fingerprint."
)
def add(archive: Path, as_json: bool, what: tuple[str, ...], as_head: bool) -> None:
    """Trust a key, a head, a witness or a certificate.

    WHAT is a vkey, a fingerprint of 64 hex digits, a checkpoint, or a file with one of them: a public key (.pub.pem), a checkpoint, a time
    stamp service's certificate. Make sure that it comes from whom you trust, by another way than the archive's folder.
    """
    from archive.files.trust import Trusted, load_trust, save_trust
    from archive.verify.trusted import classify
    from archive.warc import growth

    opened, genesis = _open(archive)
    found = load_trust()
    place = growth.place_of(opened)
    trusted = next((one for one in found.archives if one.genesis == genesis), None) or Trusted(genesis, place)
    for given in what:
        kind, entry = classify(given, growth.origin_of(opened, genesis), as_head=as_head)
        trusted = trusted.plus(**{kind: [entry]})
    file = save_trust(found.with_archive(trusted))
    if as_json:
        emit_json({"file": str(file), "genesis": genesis, "keys": list(trusted.keys), "heads": list(trusted.heads)})
    else:
        say(f"Kept in {file}, for the archive {genesis[:16]}….")


@trust.command()
@common_options
@click.argument("what", nargs=-1, required=True)
def remove(archive: Path, as_json: bool, what: tuple[str, ...]) -> None:
    """No longer trust an entry, written as `ogi trust show` prints it; a key by its vkey or its fingerprint."""
    from archive.files.trust import load_trust, save_trust
    from archive.verify.trusted import same_entry
    from archive.warc import growth

    opened, genesis = _open(archive)
    found = load_trust()
    trusted = found.of(genesis, growth.place_of(opened))
    if trusted is None:
        raise click.UsageError(f"nothing is trusted of the archive {genesis[:16]}…")
    for given in what:
        entry = same_entry(trusted, given)
        if entry is None:
            raise click.UsageError(f"{given!r} is not among what is trusted; `ogi trust show` lists it")
        trusted = trusted.minus(entry)
    file = save_trust(found.with_archive(trusted))
    if as_json:
        emit_json(
            {"file": str(file), "genesis": trusted.genesis, "keys": list(trusted.keys), "heads": list(trusted.heads)}
        )
    else:
        say(f"Taken out of {file}.")


def _open(folder: Path) -> tuple[Archive, str]:
    """The archive and its genesis."""
    from archive.files.folder import Archive
    from archive.warc import growth

    opened = Archive.open(folder)
    genesis = growth.state_of(growth.whole_lines(opened)[:1]).genesis
    if genesis is None:
        raise click.UsageError(
            f"{folder} has no manifest line yet, so it has no name to be trusted under: harvest or import first"
        )
    return opened, genesis
