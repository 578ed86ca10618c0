"""What a verification of one archive is held against: what is given with it, and what the operator trusts of this archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archive.files.trust import load_trust, trust_file
from archive.verify.anchors import Anchors, parse_head, parse_key, parse_witness
from archive.warc import growth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.files.folder import Archive


def anchors_for(archive: Archive, keys: Iterable[str] = (), heads: Iterable[str] = ()) -> Anchors:
    """Collect keys and heads.

    Args:
        keys: As given on the command line.
        heads: Likewise.

    Raises:
        BadAnchor: One of them is none.
        BadState: The operator's file can't be read.
    """
    first = growth.state_of(growth.whole_lines(archive)[:1])
    trusted = load_trust().of(first.genesis, growth.place_of(archive))
    file = str(trust_file())
    given_keys = [parse_key(key, "--key") for key in keys]
    given_heads = [parse_head(head, "--head") for head in heads]
    if trusted is None:
        return Anchors(tuple(given_keys), tuple(given_heads))
    return Anchors(
        (*given_keys, *(parse_key(key, file) for key in trusted.keys)),
        (*given_heads, *(parse_head(head, file) for head in trusted.heads)),
        tuple(parse_witness(witness, file) for witness in trusted.witnesses),
        trusted.quorum,
        tuple(Path(path).expanduser() for path in trusted.tsa),
    )
