"""Line charts as SVG, drawn on the server: they print, need no script, and have their data beneath them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

#: Lines differ in colour (classes `s0` to `s5` of the style sheet) and in dashes, so that they can be told apart on paper.
STYLES = 6
DASHES = ("", "7 4", "2 4", "9 3 2 3", "5 2", "12 4")


@dataclass(frozen=True, slots=True)
class Series:
    """A name and its values by year; years without one are gaps, never zeros.

    Doubtful years (read with little confidence) get a hollow point, disputed ones (an error finding names a figure) a ring; those don't
    stretch the axis: beyond it they stand at the edge with their value.
    """

    name: str
    values: Mapping[int, float]
    doubtful: frozenset[int] = frozenset()
    disputed: frozenset[int] = frozenset()

    def sound(self) -> list[float]:
        """The values that nothing speaks against."""
        return [value for year, value in self.values.items() if year not in self.disputed]


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    unit: str = "",
    break_year: int | None = None,
    break_label: str = "",
    width: int = 640,
    height: int = 260,
) -> str:
    """An SVG with axes from zero, points, a mark where the series breaks, and a text for those who can't see it; empty without values."""
    years = sorted({year for one in series for year in one.values})
    if not years:
        return ""
    sound = [value for one in series for value in one.sound()]
    top = _round_up(max(sound or [value for one in series for value in one.values.values()]) or 1)
    longest = max(len(_short(top * step / 4) + unit) for step in range(5))
    left, right, upper, lower = max(44, 12 + 8 * longest), 12, 14, 26
    span = max(1, years[-1] - years[0])

    def x(year: int) -> float:
        return (
            left + 10 + (year - years[0]) / span * (width - left - right - 20)
            if len(years) > 1
            else (left + width - right) / 2
        )

    def y(value: float) -> float:
        return upper + (1 - min(value, top) / top) * (height - upper - lower)

    parts = [
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>'
    ]
    for step in range(5):
        value = top * step / 4
        kind = "grid" if step else "base"
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y(value):.1f}" y2="{y(value):.1f}" class="{kind}"/>')
        parts.append(
            f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{_short(value)}{escape(unit)}</text>'
        )
    shown = years if len(years) <= 10 else years[:: -(-len(years) // 10)]
    parts += [f'<text x="{x(year):.1f}" y="{height - 6}" text-anchor="middle">{year}</text>' for year in shown]
    if break_year is not None and years[0] < break_year <= years[-1]:
        place = (x(break_year) + x(break_year - 1)) / 2
        parts.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{upper}" y2="{height - lower}" class="break"/>')
        parts.append(f'<text x="{place + 4:.1f}" y="{upper + 10}" class="break">{escape(break_label)}</text>')
    for number, one in enumerate(series):
        style, dash = f"s{number % STYLES}", DASHES[number % STYLES]
        for run in _runs({year: value for year, value in one.values.items() if value <= top}, break_year):
            points = " ".join(f"{x(year):.1f},{y(value):.1f}" for year, value in run)
            parts.append(f'<polyline class="{style}" points="{points}" stroke-dasharray="{dash}"/>')
        parts += [_point(one, year, x(year), y(value), style, unit) for year, value in sorted(one.values.items())]
        parts += [
            f'<text class="over" x="{x(year):.1f}" y="{y(value) + 18:.1f}" text-anchor="middle">↑ {_short(value)}{escape(unit)}</text>'
            for year, value in sorted(one.values.items())
            if value > top
        ]
    return "".join(parts) + "</svg>"


def _point(one: Series, year: int, x: float, y: float, style: str, unit: str) -> str:
    is_doubtful, is_disputed = year in one.doubtful, year in one.disputed
    kind = style + (" doubt" if is_doubtful else "") + (" disputed" if is_disputed else "")
    words = f"{escape(one.name)} {year}: {_short(one.values[year])}{escape(unit)}"
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" class="ring"/>' if is_disputed else ""
    return f'{ring}<circle cx="{x:.1f}" cy="{y:.1f}" r="{4 if is_doubtful else 3.5}" class="{kind}"><title>{words}</title></circle>'


def _runs(values: Mapping[int, float], break_year: int | None) -> list[list[tuple[int, float]]]:
    """Consecutive years; a missing year, one beyond the axis or a break of the series ends a line."""
    runs: list[list[tuple[int, float]]] = []
    for year in sorted(values):
        if runs and runs[-1][-1][0] == year - 1 and year != break_year:
            runs[-1].append((year, values[year]))
        else:
            runs.append([(year, values[year])])
    return [run for run in runs if len(run) > 1]


def _round_up(value: float) -> float:
    scale = 1.0
    while value > 10 * scale:
        scale *= 10
    while value <= scale and scale > 1e-6:
        scale /= 10
    return next(step * scale for step in (1, 2, 2.5, 4, 5, 8, 10, 20) if step * scale >= value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or float(value).is_integer() else f"{value:.1f}"
