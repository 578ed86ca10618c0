"""Man pages of every command, from the command definitions: `python .ci/manpages.py DIRECTORY`."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import click
from click_man.core import generate_man_page

from crawler.cli import cli
from crawler.cli.reference import commands


def main(folder: Path) -> int:
    """Write `ogi.1` and one page a command, as `ogi-agencies-add.1`."""
    folder.mkdir(parents=True, exist_ok=True)
    top = click.Context(cli, info_name="ogi")
    pages = {"ogi": top}
    for path, command in commands():
        parent = pages["-".join(["ogi", *path[:-1]])]
        pages["-".join(["ogi", *path])] = click.Context(command, info_name=path[-1], parent=parent)
    for name, context in pages.items():
        (folder / f"{name}.1").write_text(generate_man_page(context, version("ogi-archive")), "utf-8")
    print(f"{len(pages)} pages in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
