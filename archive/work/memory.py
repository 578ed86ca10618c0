"""What a process holds of the machine's memory."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_of(pid: int) -> int:
    """Bytes that a process holds besides what it shares; 0 where the system doesn't tell, or it has ended."""
    try:
        _, resident, shared = map(int, Path(f"/proc/{pid}/statm").read_bytes().split()[:3])
    except (OSError, ValueError):
        return 0
    return (resident - shared) * _PAGE_BYTES
