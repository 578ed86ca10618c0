"""Portal definitions of replica portals, as text for `--portals`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.replica.world import Portal


def definition_toml(portal: Portal, base: str, start: Sequence[str]) -> str:
    """The definition of a portal on loopback: no delay there, platform left to detection."""
    lines = ["[portal]", f"id = {_text(portal.id)}", f"name = {_text(portal.name)}", f"region = {_text(portal.region)}"]
    lines += ['platform = "auto"', f"url = {_text(base + '/')}"]
    if start:
        lines.append(f"start = [{', '.join(_text(address) for address in start)}]")
    lines.append("delay = 0.0")
    for agency in portal.agencies:
        lines += ["", "[[agency]]", f"name = {_text(agency.name)}", f"kind = {_text(agency.kind)}"]
        if agency.since is not None:
            lines.append(f"since = {agency.since}")
        if agency.until is not None:
            lines.append(f"until = {agency.until}")
        if agency.aliases:
            lines.append(f"aliases = [{', '.join(_text(alias) for alias in agency.aliases)}]")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(value, ensure_ascii=False)
