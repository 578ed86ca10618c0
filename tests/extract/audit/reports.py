"""Invented reports whose figures all differ, so that a sentence can only agree with the figure it means."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from extract.audit.figures import APPLICANTS, OUTCOMES, ROUTES
from extract.audit.form import SECTIONS
from extract.model import Extraction, Figure, Scope, Section, State

_SHARED: dict[str, tuple[int, ...]] = {
    "received": (312, 41, 2, 3, 9, 5),
    "carried_in": (14, 2, 0, 0, 1, 0),
    "granted": (121, 13, 1, 1, 3, 2),
    "partly_granted": (38, 6, 0, 1, 1, 1),
    "denied_state_secret": (1, 0, 0, 0, 0, 0),
    "denied_prohibited_by_law": (6, 1, 0, 0, 0, 0),
    "denied_security_stability": (2, 0, 0, 0, 0, 0),
    "denied_third_party": (9, 2, 0, 0, 0, 0),
    "denied_internal_affairs": (4, 0, 0, 0, 1, 0),
    "denied_process": (7, 1, 0, 0, 0, 0),
    "denied_enforcement_files": (11, 2, 0, 0, 0, 0),
    "denied_administrative_query": (5, 0, 0, 0, 0, 0),
    "unable_not_held": (71, 9, 1, 1, 3, 1),
    "unable_needs_creation": (6, 1, 0, 0, 0, 0),
    "unable_unclear": (4, 0, 0, 0, 0, 0),
    "unprocessed_petition": (12, 1, 0, 0, 0, 0),
    "unprocessed_repeat": (5, 0, 0, 0, 0, 0),
    "unprocessed_publications": (2, 0, 0, 0, 0, 0),
    "unprocessed_excessive": (1, 0, 0, 0, 0, 0),
    "unprocessed_confirmation": (3, 0, 0, 0, 0, 0),
}
_OTHER: dict[str, dict[str, tuple[int, ...]]] = {
    "2019": {"other": (7, 2, 0, 0, 1, 0)},
    "2021": {
        "other_not_corrected": (4, 1, 0, 0, 0, 0),
        "other_fee_unpaid": (0, 0, 0, 0, 0, 0),
        "other_other": (3, 1, 0, 0, 1, 0),
    },
}
_CHALLENGES = {
    "reconsideration": (21, 6, 4, 3),
    "litigation_direct": (9, 2, 1, 2),
    "litigation_after_reconsideration": (5, 0, 1, 1),
}
_DISCLOSURE: dict[str, dict[str, int]] = {
    "2021": {
        "rules.made": 0, "rules.repealed": 0, "rules.in_force": 3,
        "normative_documents.made": 12, "normative_documents.repealed": 5, "normative_documents.in_force": 87,
        "licensing.decisions": 15236, "penalties.decisions": 2841, "coercion.decisions": 137, "fees.amount": 12_894_600,
    },
    "2019": {
        "rules.made": 0, "rules.published": 0, "rules.total_public": 3,
        "normative_documents.made": 12, "normative_documents.published": 14, "normative_documents.total_public": 187,
        "licensing.prior_items": 329, "licensing.items_change": 8, "licensing.decisions": 15236,
        "other_services.prior_items": 412, "other_services.items_change": -6, "other_services.decisions": 98211,
        "penalties.prior_items": 1520, "penalties.items_change": 44, "penalties.decisions": 2841,
        "coercion.prior_items": 77, "coercion.items_change": 0, "coercion.decisions": 137,
        "fees.prior_items": 23, "fees.items_change": -2,
        "procurement.projects": 168, "procurement.amount": 45_678_900,
    },
}  # fmt: skip
#: The reports that `sentences.tsv` speaks in: agency, year, form, scope, whether all figures are 0.
REPORTS: dict[str, tuple[str, int, str, Scope, bool]] = {
    "R": ("示例市人民政府", 2023, "2021", Scope.REGION, False),
    "R9": ("示例市人民政府", 2020, "2019", Scope.REGION, False),
    "D": ("示例市水务局", 2023, "2021", Scope.DEPARTMENT, False),
    "D9": ("示例市水务局", 2020, "2019", Scope.DEPARTMENT, False),
    "O": ("示例市人民政府办公室", 2023, "2021", Scope.OFFICE, False),
    "Z": ("示例市水务局", 2023, "2021", Scope.DEPARTMENT, True),
}


def amounts(form: str) -> dict[str, int]:
    """All figures of the invented report by address; every identity of the form holds."""
    found: dict[str, int] = {}
    disposed = [0] * len(APPLICANTS)
    for row, values in {**_SHARED, **_OTHER[form]}.items():
        if row not in ("received", "carried_in"):
            disposed = [total + value for total, value in zip(disposed, values, strict=True)]
        _row(found, f"applications.{row}", APPLICANTS, values)
    left = [
        received + carried - gone
        for received, carried, gone in zip(_SHARED["received"], _SHARED["carried_in"], disposed, strict=True)
    ]
    _row(found, "applications.disposed_total", APPLICANTS, disposed)
    _row(found, "applications.carried_out", APPLICANTS, left)
    for route in ROUTES:
        _row(found, f"challenges.{route}", OUTCOMES, _CHALLENGES[route])
    return found | {f"disclosure.{address}": value for address, value in _DISCLOSURE[form].items()}


def _row(found: dict[str, int], row: str, columns: tuple[str, ...], values: tuple[int, ...] | list[int]) -> None:
    found.update({f"{row}.{column}": value for column, value in zip(columns, values, strict=True)})
    found[f"{row}.total"] = sum(values)


def report(name: str, text: str = "", changes: Mapping[str, int] | None = None) -> Extraction:
    """One of the `REPORTS` with a text as its first chapter and, if wanted, some figures changed."""
    agency, year, form, scope, is_zero = REPORTS[name]
    values: dict[str, int] = {**amounts(form), **(changes or {})}
    figures = []
    for address, amount in values.items():
        table, row, column = address.split(".")
        value = Decimal(0 if is_zero else amount)
        state = State.VALUE if value else State.ZERO
        figures.append(Figure(table, row, column, value, str(value), state, 1.0, address))
    return Extraction(
        source=name,
        media_type="text/plain",
        title=f"{agency}{year}年政府信息公开工作年度报告",
        agency=agency,
        year=year,
        form=form,
        scope=scope,
        sections=tuple(Section(kind, kind, text if kind == "overview" else "") for kind in SECTIONS),
        figures=tuple(figures),
        coverage={"disclosure": (1, 1), "applications": (1, 1), "challenges": (1, 1)},
    )
