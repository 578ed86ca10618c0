"""Charts of statistics as SVG, drawn on the server: pure functions of numbers and words. The colours are classes of the style sheet.

Each is drawn for the desk and for the phone (`both`), so that letters keep their size; the style sheet hides one of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDE, NARROW = 640, 340
#: For a figure across the page.
WHOLE = 1130
#: A bar's label needs so many units.
_LABEL_WIDTH = 34
#: Of a chart that is a file of its own.
FONTS = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
#: Parts of a stacked bar whose colour is light in both schemes.
_LIGHT = (1, 4, 5)


@dataclass(frozen=True, slots=True)
class Point:
    """A year of a trend: the total (`None` for none), quantiles 10, 25, 50, 75, 90 % or nothing, whether reports are disputed."""

    year: int
    value: float | None
    quantiles: tuple[float, ...]
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class ChartWords:
    """Words of a chart: what it says, and its labels."""

    says: str
    total: str = ""
    median: str = ""
    half: str = ""
    most: str = ""
    new_form: str = ""
    unit: str = ""


def short(value: float) -> str:
    """A number for a chart: with few digits."""
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:,.1f}"


def both(draw: Callable[[int], str], wide: int = WIDE) -> str:
    """A chart drawn for the desk and for the phone."""
    return draw(wide).replace('class="chart"', 'class="chart full"', 1) + draw(NARROW).replace(
        'class="chart"', 'class="chart narrow"', 1
    )


def _svg(width: float, height: float, says: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {width:g} {height:g}" aria-label="{escape(says)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: object, anchor: str = "start", css: str = "") -> str:
    kind = f' class="{css}"' if css else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{escape(str(words))}</text>'


def _line(x1: float, x2: float, y1: float, y2: float, css: str) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"/>'


def _nice(value: float) -> float:
    """The next round number."""
    if value <= 0:
        return 1.0
    scale = 1.0
    while value > 10 * scale:
        scale *= 10
    while value <= scale:
        scale /= 10
    return next(step * scale for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * scale >= value)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a trend's years and values lie on the page: margins in units, the first and last year, the lowest and highest value."""

    width: int
    height: int
    left: int
    right: int
    years: tuple[int, int]
    values: tuple[float, float]
    upper: int = 16
    lower: int = 28

    @property
    def is_wide(self) -> bool:
        """Whether it is drawn for the desk."""
        return self.width > NARROW

    @property
    def base(self) -> int:
        """Where the lowest line lies."""
        return self.height - self.lower

    def x(self, year: int) -> float:
        """Where a year lies."""
        span = max(1, self.years[1] - self.years[0])
        return self.left + 14 + (year - self.years[0]) / span * (self.width - self.left - self.right - 28)

    def y(self, value: float) -> float:
        """Where a value lies."""
        low, top = self.values
        return self.upper + (1 - (value - low) / (top - low)) * (self.height - self.upper - self.lower)


def trend(points: Sequence[Point], words: ChartWords, *, break_year: int | None, width: int, bands: bool = True) -> str:
    """A line of totals, with the median and the middle half and four fifths of the reports behind it; empty without values."""
    known = [point for point in points if point.value is not None]
    if len(known) < 2:
        return ""
    frame = _frame(points, known, width, bands)
    parts = _grid(frame, words.unit)
    if bands:
        parts += _bands(points, frame.x, frame.y)
    parts += _break(frame, break_year, words.new_form)
    if bands:
        medians = [(point.year, point.quantiles[2]) for point in known if point.quantiles]
        parts += _polylines("med", _runs(medians, frame.x, frame.y, None))
    totals = [(point.year, point.value or 0.0) for point in known]
    parts += _polylines("main", _runs(totals, frame.x, frame.y, break_year))
    parts += _marks(known, frame, words.unit)
    if bands and frame.is_wide:
        parts += _names(known[-1], words, width - frame.right + 2, frame.y)
    parts += _year_labels(points, frame)
    return _svg(width, frame.height, words.says, parts)


def _frame(points: Sequence[Point], known: Sequence[Point], width: int, bands: bool) -> _Frame:
    """The frame of all years, and of the values that are drawn; bands have their names on the right of a wide one."""
    is_wide = width > NARROW
    shown = [value for point in known for value in (point.value or 0.0, *(point.quantiles if bands else ()))]
    low = min(0.0, min(shown))
    return _Frame(
        width,
        height=300 if is_wide else 230,
        left=64 if is_wide else 54,
        right=84 if is_wide and bands else 14,
        years=(points[0].year, points[-1].year),
        values=(-_nice(-low) if low < 0 else 0.0, _nice(max(shown))),
    )


def _grid(frame: _Frame, unit: str) -> list[str]:
    """Lines at quarters of the range, with their values."""
    parts = []
    low, top = frame.values
    for step in range(5):
        value = low + (top - low) * step / 4
        place = frame.y(value)
        parts.append(_line(frame.left, frame.width - frame.right, place, place, "grid" if step else "base"))
        parts.append(_text(frame.left - 7, place + 4, short(value) + unit, "end"))
    return parts


def _break(frame: _Frame, break_year: int | None, words: str) -> list[str]:
    """A line before the year from which another form counts, if it is within."""
    if break_year is None or not frame.years[0] < break_year <= frame.years[1]:
        return []
    place = frame.x(break_year) - (frame.x(break_year) - frame.x(break_year - 1)) / 2
    return [
        _line(place, place, frame.upper, frame.base, "break"),
        _text(place + 5, frame.upper + 9, words, css="break"),
    ]


def _polylines(css: str, runs: Sequence[str]) -> list[str]:
    return [f'<polyline class="{css}" points="{run}"/>' for run in runs]


def _marks(known: Sequence[Point], frame: _Frame, unit: str) -> list[str]:
    """A circle a year, another for a disputed one; with its value, on a narrow chart at the first and the last alone."""
    parts = []
    for place, point in enumerate(known):
        value = point.value or 0.0
        kind, radius = ("pt bad", 5) if point.is_disputed else ("pt", 4)
        x, y = frame.x(point.year), frame.y(value)
        parts.append(
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{point.year}: {short(value)}{escape(unit)}</title></circle>'
        )
        if frame.is_wide or place in (0, len(known) - 1):
            parts.append(_text(x, y - 10, short(value), "middle", "ink b"))
    return parts


def _year_labels(points: Sequence[Point], frame: _Frame) -> list[str]:
    """The years beneath, on a narrow chart every other one."""
    return [
        _text(frame.x(point.year), frame.height - 8, point.year, "middle")
        for point in points
        if frame.is_wide or (point.year - frame.years[0]) % 2 == 0
    ]


def _bands(points: Sequence[Point], x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    """The middle four fifths and the middle half, one polygon a run of years."""
    found = []
    for css, place in (("band", 0), ("band2", 1)):
        run: list[Point] = []
        for point in [*points, None]:
            if point is not None and point.quantiles and (not run or point.year == run[-1].year + 1):
                run.append(point)
                continue
            if len(run) > 1:
                upper = " ".join(f"{x(p.year):.1f},{y(p.quantiles[4 - place]):.1f}" for p in run)
                lower = " ".join(f"{x(p.year):.1f},{y(p.quantiles[place]):.1f}" for p in reversed(run))
                found.append(f'<polygon class="{css}" points="{upper} {lower}"/>')
            run = [point] if point is not None and point.quantiles else []
    return found


def _runs(
    values: Sequence[tuple[int, float]],
    x: Callable[[int], float],
    y: Callable[[float], float],
    break_year: int | None,
) -> list[str]:
    """Points of lines; a missing year or a break ends one."""
    runs: list[list[tuple[int, float]]] = []
    for year, value in values:
        if runs and runs[-1][-1][0] == year - 1 and year != break_year:
            runs[-1].append((year, value))
        else:
            runs.append([(year, value)])
    return [" ".join(f"{x(year):.1f},{y(value):.1f}" for year, value in run) for run in runs if len(run) > 1]


def _names(last: Point, words: ChartWords, x: float, y: Callable[[float], float]) -> list[str]:
    """Names of the lines and bands at their ends, none over another."""
    wanted = [(y(last.value or 0.0), words.total, "ink b")]
    if last.quantiles:
        wanted += [
            (y(last.quantiles[2]), words.median, "ink"),
            (y(last.quantiles[3]) + 2, words.half, ""),
            (y(last.quantiles[4]) + 2, words.most, ""),
        ]
    found, lowest = [], -99.0
    for place, name, css in sorted(wanted):
        lowest = max(place + 4, lowest + 15)
        found.append(_text(x, lowest, name, css=css))
    return found


def stacked(
    rows: Sequence[tuple[object, Sequence[float]]], names: Sequence[str], says: str, *, break_at: int | None, width: int
) -> str:
    """A bar of 100 % a row (`label`, shares in percent), its parts in the order of the names; a dashed line above row `break_at`."""
    if not rows:
        return ""
    left, right, upper, high, gap = 46, 8, 4, 25, 7
    parts = []
    for number, (label, shares) in enumerate(rows):
        top = upper + number * (high + gap) + (8 if break_at is not None and number >= break_at else 0)
        parts.append(_text(left - 8, top + high * 0.68, label, "end"))
        place, whole = float(left), sum(shares) or 1.0
        for part, share in enumerate(shares):
            wide = share / whole * (width - left - right)
            parts.append(  # a unit of ground between two parts
                f'<rect class="o{part + 1}" x="{place:.1f}" y="{top}" width="{max(wide - 1, 0.3):.1f}" height="{high}"><title>{escape(str(label))} {escape(names[part])}: {share:.1f} %</title></rect>'
            )
            if wide > _LABEL_WIDTH:
                parts.append(
                    _text(
                        place + wide / 2,
                        top + high * 0.68,
                        f"{share:.0f}",
                        "middle",
                        "lab dk" if part in _LIGHT else "lab",
                    )
                )
            place += wide
    if break_at:
        above = upper + break_at * (high + gap) + 0.5
        parts.append(_line(left, width - right, above, above, "break"))
    return _svg(width, upper + len(rows) * (high + gap) + (16 if break_at else 8), says, parts)


def histogram(
    bins: Sequence[int],
    says: str,
    *,
    start: float,
    step: float,
    unit: str,
    width: int,
    ticks: Sequence[tuple[float, str]],
    marks: Sequence[tuple[float, str, str]] = (),
    late_from: float | None = None,
) -> str:
    """Bars of equal bins from `start`; `marks` are lines with a word and a class at a value, bins from `late_from` on are late ones."""
    if not any(bins):
        return ""
    height, left, right, upper, lower = 190, 8, 8, 26, 24
    most, wide = max(bins), (width - left - right) / len(bins)

    def x(value: float) -> float:
        return left + (value - start) / step * wide

    parts = []
    for number, count in enumerate(bins):
        tall = count / most * (height - upper - lower)
        low = start + number * step
        css = "late" if late_from is not None and low >= late_from else "o2"
        parts.append(
            f'<rect class="{css}" x="{left + number * wide + 0.5:.1f}" y="{height - lower - tall:.1f}" width="{max(wide - 1, 1):.1f}" height="{tall:.1f}"><title>{short(low)}{escape(unit)}: {count}</title></rect>'
        )
    parts.append(_line(left, width - right, height - lower, height - lower, "base"))
    for value, word, css in marks:
        place = min(max(x(value), left), width - right)
        is_right = place < width / 2
        parts.append(_line(place, place, upper - 4, height - lower, css))
        parts.append(
            _text(
                place + (5 if is_right else -5),
                upper - 8,
                word,
                "start" if is_right else "end",
                css if css != "tick" else "ink",
            )
        )
    for value, word in ticks:
        place = x(value)
        anchor = "start" if place < 20 else "end" if place > width - 20 else "middle"
        parts.append(_text(place, height - 7, word, anchor))
    return _svg(width, height, says, parts)


def spark(values: Sequence[tuple[int, float]], *, break_year: int | None) -> str:
    """A small line without axes; empty for fewer than two years."""
    if len(values) < 2:
        return ""
    numbers = [value for _, value in values]
    low, span = min(numbers), (max(numbers) - min(numbers)) or 1.0
    first, last = values[0][0], values[-1][0]

    def x(year: int) -> float:
        return (year - first) / (last - first) * 100

    def y(value: float) -> float:
        return 36 - (value - low) / span * 30

    parts = [f'<polyline points="{run}"/>' for run in _runs(values, x, y, break_year)]
    if break_year is not None and first < break_year <= last:
        parts.insert(0, _line(x(break_year) - 50 / (last - first), x(break_year) - 50 / (last - first), 0, 40, "b"))
    return (
        f'<svg class="spark" viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def small(values: Sequence[tuple[int, float]], name: str, *, top: float, unit: str, break_year: int | None) -> str:
    """One of several small charts on one scale: a line with its last value; empty without values."""
    if not values:
        return ""
    width, height, left, upper, lower = 250, 104, 4, 10, 20
    first, last = values[0][0], values[-1][0]

    def x(year: int) -> float:
        return left + 6 + (year - first) / max(1, last - first) * (width - 2 * left - 48)

    def y(value: float) -> float:
        return upper + (1 - value / (top or 1.0)) * (height - upper - lower)

    parts = [_line(left, width - left, height - lower, height - lower, "base")]
    if break_year is not None and first < break_year <= last:
        place = (x(break_year) + x(break_year - 1)) / 2
        parts.append(_line(place, place, upper - 4, height - lower, "break"))
    parts += [f'<polyline class="main" points="{run}"/>' for run in _runs(values, x, y, break_year)]
    year, value = values[-1]
    parts += [
        f'<circle class="pt" cx="{x(year):.1f}" cy="{y(value):.1f}" r="3.5"/>',
        _text(x(year) + 7, y(value) + 4, f"{short(round(value, 1))}{unit}", css="ink b"),
        _text(x(first), height - 6, first),
    ]
    if last != first:
        parts.append(_text(x(last), height - 6, last, "middle"))
    says = f"{name}: " + ", ".join(f"{each} {short(round(one, 1))}{unit}" for each, one in values)
    return _svg(width, height, says, parts)


#: What the classes mean in a file of its own: the light colours of the style sheet.
_STYLE = (
    f"text{{font:12px {FONTS};fill:#586270}}"
    ".ink{fill:#1c2430}.b{font-weight:600}"
    ".grid{stroke:#dfd8c9}.base{stroke:#b5ab97}.break{stroke:#7d5200;stroke-dasharray:4 3}text.break{stroke:none;fill:#7d5200}.band{fill:#dbe7ea}.band2{fill:#b4cfd6}"
    ".main{fill:none;stroke:#0b5470;stroke-width:2.5}.med{fill:none;stroke:#1c2430;stroke-width:1.5;stroke-dasharray:2 4}.pt{fill:#0b5470;stroke:#fffefb;stroke-width:1.5}"
    ".pt.bad{fill:#fffefb;stroke:#a6261b;stroke-width:2}.o1{fill:#0b5470}.o2{fill:#86b0bc}.o3{fill:#3b4554}.o4{fill:#a87d37}.o5{fill:#d8bd87}.o6{fill:#d9d3c5}"
    ".lab{fill:#fff}.lab.dk{fill:#1c2430}.hair{stroke:#fffefb}.tick{stroke:#1c2430;stroke-width:1.5}.late{fill:#7d5200}.due,.me{stroke:#a6261b;stroke-width:1.5}text.due,text.me{stroke:none;fill:#a6261b}"
)


def as_file(svg: str, *, title: str, source: str, metadata: str) -> str:
    """A chart as a file of its own: with its colours, its title above, its source beneath, and what it is in `<metadata>`."""
    head, _, body = svg.partition(">")
    box = head.partition('viewBox="0 0 ')[2].partition('"')[0].split()
    width, height = float(box[0]), float(box[1])
    inner = body.removesuffix("</svg>")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height + 62:g}" width="{width:g}" height="{height + 62:g}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title><metadata>{escape(metadata)}</metadata><style>{_STYLE}</style>'
        f'<rect width="100%" height="100%" fill="#fffefb"/><text x="10" y="22" class="ink b" style="font-size:15px">{escape(title)}</text>'
        f'<g transform="translate(0 34)">{inner}</g><text x="10" y="{height + 54:g}" style="font-size:10px">{escape(source)}</text></svg>'
    )
