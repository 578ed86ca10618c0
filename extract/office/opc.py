"""Office packages (docx, xlsx): parts in a zip container, and the relations by which they refer to each other (ECMA-376 part 2)."""

from __future__ import annotations

import posixpath
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from extract.document.packed import parse_xml, read_member

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.document.limits import Budget


class PartRelation(NamedTuple):
    """What a part refers to: the last word of the relation's type, and the path in the package."""

    id: str
    kind: str
    path: str


class OfficePackage:
    """An open package. Reading a part raises `UnreadableDocument` or `DocumentTooLarge`."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive = archive
        self._budget = budget

    def has(self, path: str) -> bool:
        """Whether there is such a part."""
        return path in self._archive.NameToInfo

    def data(self, path: str) -> bytes:
        """The bytes of a part."""
        return read_member(self._archive, path, self._budget)

    def part(self, path: str | None) -> _Element | None:
        """A part as XML, `None` if there is none."""
        return parse_xml(self.data(path), path) if path is not None and self.has(path) else None

    def relations(self, path: str) -> list[PartRelation]:
        """The relations of a part; of the package itself for `""`."""
        folder, _, name = path.rpartition("/")
        beside = f"{folder}/_rels/{name}.rels".lstrip("/")
        found = []
        root = self.part(beside)
        for node in root if root is not None else ():
            target = node.get("Target") or ""
            at = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.append(PartRelation(node.get("Id") or "", (node.get("Type") or "").rpartition("/")[2], at))
        return found

    def related(self, path: str, kind: str, default: str) -> str:
        """The path of the first part of a kind that a part refers to."""
        return next((relation.path for relation in self.relations(path) if relation.kind == kind), default)

    def main(self, default: str) -> str:
        """The path of the part that holds the document itself."""
        found = self.related("", "officeDocument", default)
        return found if self.has(found) else default
