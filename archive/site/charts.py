"""Line charts as SVG, drawn on the server: they print, need no script, and have their data beneath them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

#: Lines differ in colour (classes `s0` to `s5` of the style sheet) and in dashes, so that they can be distinguished on paper.
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


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where years and values lie in a line chart, in units of its view box."""

    years: Sequence[int]
    top: float
    width: int
    height: int
    left: int
    right: int = 12
    upper: int = 14
    lower: int = 26

    def x(self, year: int) -> float:
        if len(self.years) == 1:
            return (self.left + self.width - self.right) / 2
        span = max(1, self.years[-1] - self.years[0])
        return self.left + 10 + (year - self.years[0]) / span * (self.width - self.left - self.right - 20)

    def y(self, value: float) -> float:
        return self.upper + (1 - min(value, self.top) / self.top) * (self.height - self.upper - self.lower)


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
    axes = _Axes(years, top, width, height, left=max(44, 12 + 8 * longest))
    parts = [
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>'
    ]
    parts += _grid(axes, unit)
    if break_year is not None and years[0] < break_year <= years[-1]:
        parts += _break_mark(axes, break_year, break_label)
    for number, one in enumerate(series):
        parts += _line(axes, one, number % STYLES, unit, break_year)
    return "".join(parts) + "</svg>"


def _grid(axes: _Axes, unit: str) -> Iterator[str]:
    """Five lines with their values, and the years: at most ten of them."""
    for step in range(5):
        value = axes.top * step / 4
        y, kind = axes.y(value), "grid" if step else "base"
        yield f'<line x1="{axes.left}" x2="{axes.width - axes.right}" y1="{y:.1f}" y2="{y:.1f}" class="{kind}"/>'
        yield f'<text x="{axes.left - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(value)}{escape(unit)}</text>'
    for year in axes.years if len(axes.years) <= 10 else axes.years[:: -(-len(axes.years) // 10)]:
        yield f'<text x="{axes.x(year):.1f}" y="{axes.height - 6}" text-anchor="middle">{year}</text>'


def _break_mark(axes: _Axes, year: int, label: str) -> Iterator[str]:
    place, bottom = (axes.x(year) + axes.x(year - 1)) / 2, axes.height - axes.lower
    yield f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{axes.upper}" y2="{bottom}" class="break"/>'
    yield f'<text x="{place + 4:.1f}" y="{axes.upper + 10}" class="break">{escape(label)}</text>'


def _line(axes: _Axes, one: Series, number: int, unit: str, break_year: int | None) -> Iterator[str]:
    """A series: its lines, its points, and an arrow for each value above the top."""
    style, points = f"s{number}", sorted(one.values.items())
    for run in _runs({year: value for year, value in one.values.items() if value <= axes.top}, break_year):
        path = " ".join(f"{axes.x(year):.1f},{axes.y(value):.1f}" for year, value in run)
        yield f'<polyline class="{style}" points="{path}" stroke-dasharray="{DASHES[number]}"/>'
    yield from (_point(one, year, axes.x(year), axes.y(value), style, unit) for year, value in points)
    for year, value in points:
        if value > axes.top:
            place = f'x="{axes.x(year):.1f}" y="{axes.y(value) + 18:.1f}"'
            yield f'<text class="over" {place} text-anchor="middle">↑ {_short(value)}{escape(unit)}</text>'


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
