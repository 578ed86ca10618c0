"""The wide tables of figures: a row per row code of a version, a column per column code.

Beside the values each row has `cells`, an array: what the places of the row's figures begin with, then a member for each column in
order: `null` for a figure that the document doesn't have, the rest of its place for a figure that is as its value says, or
`[rest, raw, state, confidence]`, with a fifth member `proved` for a figure that stands there because the sums allow no other place.
"""

from __future__ import annotations

DISCLOSURE_COLUMNS = (
    "made",
    "published",
    "total_public",
    "repealed",
    "in_force",
    "prior_items",
    "items_change",
    "decisions",
    "projects",
    "amount",
)
APPLICATION_COLUMNS = ("natural_person", "business", "research", "welfare", "legal_service", "other_org", "total")
CHALLENGE_COLUMNS = ("upheld", "corrected", "other", "pending", "total")
INDICATOR_COLUMNS = ("value", "cumulative")

#: The tables of figures and their columns. A cell's place in `cells` is its column's place here, counted from 1.
FIGURE_TABLES: dict[str, tuple[str, ...]] = {
    "disclosure": DISCLOSURE_COLUMNS,
    "applications": APPLICATION_COLUMNS,
    "challenges": CHALLENGE_COLUMNS,
    "indicators": INDICATOR_COLUMNS,
}
