"""The label-anchored engine: figures of the official tables from any document."""

from extract.tables.engine import read_tables
from extract.tables.result import TablesResult

__all__ = ["TablesResult", "read_tables"]
