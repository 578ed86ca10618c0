"""The schema of `ogi.db`, as migrations: one file each, `mNNN_name.sql`, or `.py` with `migrate(db)`, applied in the order of their names.

A released migration never changes; the next one is a new file with a higher number. Times are UTC ISO text with `Z`, dates ISO text, truth
values 0 and 1. Names of tables and columns follow the contract; `archive.index.dictionary` explains each, the helper tables (`documents`,
`addresses`, `listings`, …) included.
"""

from __future__ import annotations

import re
from importlib import import_module, resources
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

_NAME = re.compile(r"(m\d{3}_[a-z0-9_]+)\.(sql|py)")
_COMMENT = re.compile(r"^--.*\n?", re.MULTILINE)

MIGRATIONS = Migrations("ogi")


def migration_names() -> tuple[str, ...]:
    """File names of all migrations, in order."""
    found = (item.name for item in resources.files(__name__).iterdir())
    return tuple(sorted(name for name in found if _NAME.fullmatch(name)))


def statements(script: str) -> list[str]:
    """The statements of an SQL file: each ends with a semicolon at the end of a line."""
    return [text for text in _COMMENT.sub("", script).split(";\n") if text.strip()]


def _step(file: str) -> Callable[[Database], None]:
    name, kind = file.rsplit(".", 1)
    if kind == "py":
        step: Callable[[Database], None] = import_module(f"{__name__}.{name}").migrate
        return step

    def run(db: Database) -> None:
        for statement in statements(resources.files(__name__).joinpath(file).read_text("utf-8")):
            db.execute(statement)

    return run


for _file in migration_names():
    MIGRATIONS(name=_file.rsplit(".", 1)[0])(_step(_file))

#: The number of migrations; a database with a higher number was written by a newer release.
SCHEMA_VERSION = len(migration_names())
