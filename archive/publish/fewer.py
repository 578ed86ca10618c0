"""What takes the place of something published never has fewer reports without a word: a lost index must not empty a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class FewerReports(OgiError):
    """Raised when a snapshot or a package would have fewer reports than the one that it replaces, by `ogi publish` and `ogi export`."""


class ReportExtent(TypedDict):
    """Reports in a snapshot or package, and those left out because they are withheld."""

    reports: int
    withheld: int


def counted(reports: int, withheld: int) -> ReportExtent:
    """What a snapshot or package says of its extent: reports in it, and those left out because they are withheld."""
    return {"reports": reports, "withheld": withheld}


def require_not_fewer(target: Path, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """Compare with what stood there. Reports that were withheld since are no loss.

    Raises:
        FewerReports: There are fewer.
    """
    had, has = (_total(before) if before else 0), _total(now)
    if has < had:
        raise FewerReports(
            f"{target} has {had} reports, and {has} would take their place. See whether the index is whole (`ogi status`, `ogi rebuild`); "
            "if it should be so: --allow-fewer"
        )


def _total(extent: Mapping[str, Any]) -> int:
    return sum(value for value in (extent.get("reports"), extent.get("withheld")) if isinstance(value, int))
