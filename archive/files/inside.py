"""Files in a folder that somebody else may have made.

Two questions are asked of each before it is opened. Is it a file? A pipe or a socket may never begin, a device never end. And where a folder
is given: does it lie in there, with every link on the way followed?
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader


class NoFile(OSError):
    """Raised for a name that stands for no file, or for one outside, by `open_file`."""


def open_file(path: Path, within: Path | None = None) -> BufferedReader:
    """Open a file for reading.

    Args:
        within: The folder that it has to lie in.

    Raises:
        FileNotFoundError: Nothing has this name.
        NoFile: What has this name is no file, lies outside, or can't be a name.
        OSError: It can't be opened.
    """
    try:
        if within is not None and leads_out(path, within):
            raise NoFile(f"{path} leads out of {within}")
        if not stat.S_ISREG(path.stat().st_mode):  # looked at first: opening a device may do something
            raise NoFile(f"{path} is no file")
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:  # a NUL, or half of a character
        raise NoFile(f"{path!r} is no name of a file: {error}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # it was changed between the two looks
            raise NoFile(f"{path} is no file")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_file(path: Path, within: Path | None = None, *, most: int) -> bytes:
    """A small file's content. Raises as `open_file`, and `NoFile` for more than `most` bytes."""
    with open_file(path, within) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise NoFile(f"{path} has more than {most} bytes")
    return data


def leads_out(path: Path, within: Path) -> bool:
    """Whether a path, with every link on it followed, ends outside of a folder."""
    root = os.path.realpath(within)
    return os.path.commonpath((root, os.path.realpath(path))) != root


def refuse_ways_out(root: Path) -> None:
    """Refuse a folder with anything in it that is neither file nor folder, or a link that leads out.

    Raises:
        BadSettings: Names the first of them.
    """
    for path in _entries(root):
        if path.is_symlink():
            if leads_out(path, root):
                raise BadSettings(f"{path} is a link that leads out of the folder: take it out")
        elif not path.is_file():
            raise BadSettings(f"{path} is neither a file nor a folder: take it out of the archive")


def _entries(root: Path) -> Iterator[Path]:
    """Everything in a folder but folders; links are not followed."""
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        yield from (here / name for name in sorted(files))
        yield from (path for name in sorted(folders) if (path := here / name).is_symlink())
