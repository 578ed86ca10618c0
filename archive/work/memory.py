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


def data_of_this_process() -> int:
    """Bytes of data (written memory of its own) that this process has asked for; 0 where the system doesn't tell."""
    return _of_this_process("VmData:")


def addresses_of_this_process() -> int:
    """Bytes of memory of any kind that this process has asked for, used or not; 0 where the system doesn't tell."""
    return _of_this_process("VmSize:")


def _of_this_process(key: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text("utf-8").split("\n")
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(key)), 0)
