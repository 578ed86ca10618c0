"""The two official forms as data: tables, rows, columns, printed labels with their variants, units, identities.

The engine in `extract.tables` and the checks in `extract.audit` know no label and no code of their own.
"""

from extract.forms.loader import load_forms, load_indicator_headers
from extract.forms.model import Column, Form, IndicatorHeaders, Row, SumRule, Table

FORMS: dict[str, Form] = load_forms()
INDICATOR_HEADERS: IndicatorHeaders = load_indicator_headers()

__all__ = ["FORMS", "INDICATOR_HEADERS", "Column", "Form", "IndicatorHeaders", "Row", "SumRule", "Table"]
