"""Which places of the figures of a table the printed sums leave open: an exact search, deterministic, on the standard library.

A row gives its *options*: each a number a column, or `None` where nothing is printed. The sums: the parts of a row make its total (and the
organisations the subtotal, where there is one); the dispositions make 总计 and 本年新收 + 上年结转 = 总计 + 结转下年度, in each column.

Offices print wrong sums. An option is *allowed* if it is part of some solution of the sums as printed, or of the sums after any one figure
of the table was replaced by another count: that is what one wrong figure can break, wherever it stands (its row, its column, its balance).
If the sums as printed have no solution, nothing is known. What is the same in all allowed options of a row is proved by the sums.

The search prunes by columns (sums of subsets, as bit sets, to a fixpoint), then by all columns together as long as few partial sums
are possible. Pruning only ever removes what no solution has, so that a search that was cut short allows more, never less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

#: A count for each column, `None` where nothing is printed.
Cells = tuple[int | None, ...]
#: The counts of the parts of a row.
Vector = tuple[int, ...]
#: What a row may add to the columns, and whether one of its figures was replaced for that.
Entry = tuple[Vector, bool]

#: Bounds of the search: partial sums at once, steps to find one solution, systems of columns. Together some 0.6 s at most.
_MOST_STATES, _MOST_STEPS, _MOST_SYSTEMS = 4000, 3000, 500
#: Bits of a column in a packed sum: counts of applications have at most seven digits, the highest bit is a guard.
_BITS = 26
_MOST = 1 << (_BITS - 2)


class TooMany(Exception):
    """Raised when a search would take too long, by `solve`."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Which sums hold: columns of a row by index, rows by code.

    Attributes:
        parts: The columns that make `total`.
        subtotal: A column that a few of the parts make, `None` if the table has none.
        subtotal_parts: Those parts.
        dispositions: The rows that make `disposed`, column by column.
        disposed: Their total; with `carried_out` it balances `received` and `carried_in`.
    """

    parts: tuple[int, ...]
    total: int
    subtotal: int | None
    subtotal_parts: tuple[int, ...]
    dispositions: tuple[str, ...]
    received: str
    carried_in: str
    disposed: str
    carried_out: str

    @property
    def around(self) -> tuple[str, str, str, str]:
        """The rows of the balance."""
        return self.received, self.carried_in, self.disposed, self.carried_out

    @property
    def columns(self) -> range:
        """All columns, the subtotal included."""
        return range(len(self.parts) + 1 + (self.subtotal is not None))


def solve(options: Mapping[str, Collection[Cells]], sums: Sums) -> dict[str, set[Cells]] | None:
    """The allowed options of each row; `None` where the sums as printed have no solution.

    Raises:
        TooMany: The search would take too long.
    """
    rows = {code: _Row.of(cells, sums) for code, cells in options.items()}
    search = _Search(rows, sums)
    if not search.run(None):
        return None
    for wrong in sums.columns:
        if not any(_is_settled(allowed) for code, allowed in search.allowed.items() if len(options[code]) > 1):
            break  # all that could be proved is open already
        search.run(wrong)
    return search.allowed


def _is_settled(allowed: Collection[Cells]) -> bool:
    """Whether some figure of a row is the same in all its options, or nothing (0 or blank) in all."""
    return any(len(seen := set(column)) == 1 or not any(seen) for column in zip(*allowed, strict=True))


# ---- rows ------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """The options of a row by what they add to the columns.

    `as_printed` are those whose sum holds; `corrected[c]` are those whose sum holds once the figure in column c is another
    count.
    """

    as_printed: dict[Vector, set[Cells]]
    corrected: list[dict[Vector, set[Cells]]]

    @classmethod
    def of(cls, options: Collection[Cells], sums: Sums) -> _Row:
        row = cls({}, [{} for _ in sums.columns])
        for cells in options:
            vector = tuple(cells[part] or 0 for part in sums.parts)
            if max(vector) >= _MOST:
                raise TooMany
            excess = sum(vector) - (cells[sums.total] or 0)
            beside = 0
            if sums.subtotal is not None:
                beside = sum(cells[part] or 0 for part in sums.subtotal_parts) - (cells[sums.subtotal] or 0)
            if not excess and not beside:
                row.as_printed.setdefault(vector, set()).add(cells)
                continue
            for column, other in _corrections(vector, excess, beside, sums):
                row.corrected[column].setdefault(other, set()).add(cells)
        return row

    def entries(self, wrong: int | None) -> list[Entry]:
        """What the row may add, if one figure in the column `wrong` may be another."""
        entries = [(vector, False) for vector in self.as_printed]
        return entries if wrong is None else entries + [(vector, True) for vector in self.corrected[wrong]]

    def cells(self, entry: Entry, wrong: int | None) -> set[Cells]:
        """The options that add this."""
        vector, is_corrected = entry
        return self.corrected[wrong][vector] if is_corrected and wrong is not None else self.as_printed[vector]


def _corrections(vector: Vector, excess: int, beside: int, sums: Sums) -> Iterator[tuple[int, Vector]]:
    """The columns of which one other count makes the row's sums hold, with the parts after that."""
    if not beside:
        yield sums.total, vector
    if not excess and sums.subtotal is not None:
        yield sums.subtotal, vector
    for index, part in enumerate(sums.parts):
        in_subtotal = sums.subtotal is not None and part in sums.subtotal_parts
        if beside == (excess if in_subtotal else 0) and excess and vector[index] >= excess:
            yield part, (*vector[:index], vector[index] - excess, *vector[index + 1 :])


# ---- the table -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Search:
    """Collects the allowed options of every row, over the sums as printed and over each wrong column."""

    rows: dict[str, _Row]
    sums: Sums
    allowed: dict[str, set[Cells]] = field(default_factory=dict)
    known: dict[tuple[Vector, int | None], tuple[list[list[Entry]], bool] | None] = field(default_factory=dict)

    def run(self, wrong: int | None) -> bool:
        """Allow what solves the sums if at most one figure in this column is another; true if it was shown that there is a solution."""
        entries = {code: row.entries(wrong) for code, row in self.rows.items()}
        if not all(entries.values()):
            return False
        is_solved = False
        for (disposed, faults), balances in self._balances(entries).items():
            may_be_wrong = wrong is not None and not faults
            found = self._dispositions(disposed[0], entries, wrong if may_be_wrong else None)
            if found is None:
                continue
            lists, is_shown = found
            is_solved = is_solved or is_shown
            for balance in balances:
                for code, entry in zip(self.sums.around, balance, strict=True):
                    self._allow(code, entry, wrong)
            for code, kept in zip(self.sums.dispositions, lists, strict=True):
                for entry in kept:
                    self._allow(code, entry, wrong)
        return is_solved

    def _allow(self, code: str, entry: Entry, wrong: int | None) -> None:
        self.allowed.setdefault(code, set()).update(self.rows[code].cells(entry, wrong))

    def _balances(self, entries: dict[str, list[Entry]]) -> dict[tuple[Entry, int], list[tuple[Entry, ...]]]:
        """The balanced choices of the four rows around the dispositions, by 总计 and the number of replaced figures (0 or 1)."""
        received, carried_in, disposed, carried_out = (entries[code] for code in self.sums.around)
        arrived = _pairs(received, carried_in)
        found: dict[tuple[Entry, int], list[tuple[Entry, ...]]] = {}
        for left in _pairs_of(disposed, carried_out):
            total = _added(left[0][0], left[1][0])
            for right in arrived.get(total, ()):
                faults = sum(is_corrected for _, is_corrected in (*left, *right))
                if faults <= 1:
                    found.setdefault((left[0], faults), []).append((*right, *left))
        if len(found) + len(self.known) > _MOST_SYSTEMS:
            raise TooMany
        return found

    def _dispositions(
        self, target: Vector, entries: dict[str, list[Entry]], wrong: int | None
    ) -> tuple[list[list[Entry]], bool] | None:
        """The entries of each disposition that may add up to 总计, and whether some surely do; `None` if none can."""
        key = (target, wrong)
        if key not in self.known:
            room = wrong is not None
            lists = [[e for e in entries[code] if room or not e[1]] for code in self.sums.dispositions]
            self.known[key] = _adding_up(lists, target, room)
        return self.known[key]


def _pairs_of(first: Sequence[Entry], second: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    return ((one, other) for one, other in product(first, second) if not (one[1] and other[1]))


def _pairs(first: Sequence[Entry], second: Sequence[Entry]) -> dict[Vector, list[tuple[Entry, Entry]]]:
    """Pairs of entries by their sum."""
    pairs: dict[Vector, list[tuple[Entry, Entry]]] = {}
    for one, other in _pairs_of(first, second):
        pairs.setdefault(_added(one[0], other[0]), []).append((one, other))
    return pairs


def _added(one: Vector, other: Vector) -> Vector:
    return tuple(map(int.__add__, one, other))


# ---- columns of dispositions -----------------------------------------------------------------------------------------------


def _adding_up(lists: list[list[Entry]], target: Vector, room: bool) -> tuple[list[list[Entry]], bool] | None:
    """The entries that may be part of a choice of one a row that adds up to the target, and whether one was found.

    Args:
        lists: The entries of each row.
        target: The sum of each column.
        room: Whether one of the entries may be a corrected one.
    """
    if not all(lists):
        return None
    rest = list(target)
    open_rows = []
    for index, entries in enumerate(lists):
        if len(entries) == 1 and not entries[0][1]:
            rest = [left - count for left, count in zip(rest, entries[0][0], strict=True)]
        else:
            open_rows.append(index)
    if min(rest) < 0:
        return None
    kept = [lists[index] for index in open_rows]
    left = tuple(rest)
    if not _prune(kept, left, room):
        return None
    whole = _by_all_columns(kept, left, room)
    if whole is not None and not whole and (kept or any(left)):
        return None
    is_shown = whole is not None or _has_solution(kept, left)
    result = list(lists)
    for index, entries in zip(open_rows, kept if whole is None else whole, strict=True):
        result[index] = entries
    return result, is_shown


def _prune(lists: list[list[Entry]], target: Vector, room: bool) -> bool:
    """Drop, in place, what no single column allows, to a fixpoint; false if nothing is left of a row.

    The sums that a column's first k rows can make are bits of one integer; so are those from which the rows behind reach the
    target. An entry stays if it leads from the one to the other.
    """
    todo = set(range(len(target)))
    while todo:
        column = min(todo, key=target.__getitem__)
        todo.discard(column)
        counts = [{(vector[column], corrected) for vector, corrected in entries} for entries in lists]
        sums = _partial_sums(counts, target[column], room)
        # sums from which the target is reached: by rows as printed, with one corrected
        plain, used = 1 << target[column], 0
        for index in range(len(lists) - 1, -1, -1):
            good = _leading(counts[index], sums[index], plain, used, room)
            if len(good) < len(counts[index]):
                lists[index] = [entry for entry in lists[index] if (entry[0][column], entry[1]) in good]
                if not lists[index]:
                    return False
                todo.update(other for other in range(len(target)) if other != column)
            next_plain = next_used = 0
            for count, corrected in good:
                if corrected:
                    next_used |= plain >> count
                else:
                    next_plain |= plain >> count
                    next_used |= used >> count
            plain, used = next_plain, next_used
    return True


def _partial_sums(counts: list[set[tuple[int, bool]]], top: int, room: bool) -> list[tuple[int, int]]:
    """The sums of the first rows up to `top`, as bits: of entries as printed, and with one corrected among them."""
    mask = (1 << (top + 1)) - 1
    plain, used = 1, 0
    sums = [(plain, used)]
    for row in counts:
        next_plain = next_used = 0
        for count, corrected in row:
            if corrected:
                next_used |= plain << count
            else:
                next_plain |= plain << count
                next_used |= used << count
        plain, used = next_plain & mask, (next_used & mask) if room else 0
        sums.append((plain, used))
    return sums


def _leading(
    counts: set[tuple[int, bool]], sums: tuple[int, int], plain: int, used: int, room: bool
) -> set[tuple[int, bool]]:
    """The counts of a row that lead from a sum of the rows before it to one from which the target is reached."""
    before, before_used = sums
    good = set()
    for count, corrected in counts:
        if corrected:
            leads = room and (before << count) & plain
        else:
            leads = (before << count) & (plain | used) or (before_used << count) & plain
        if leads:
            good.add((count, corrected))
    return good


def _by_all_columns(lists: list[list[Entry]], target: Vector, room: bool) -> list[list[Entry]] | None:
    """The entries that are part of a choice that adds up in all columns at once, `[]` if there is none; `None` if there are too many sums.

    Sums are packed into one integer, a field a column with a guard bit on top, and a last field that counts corrected entries.
    """
    fault = 1 << (_BITS * len(target))
    goal = _packed(target)
    order = sorted(range(len(lists)), key=lambda k: (len(lists[k]), -max(sum(vector) for vector, _ in lists[k])))
    rows = [[_packed(vector) + fault * corrected for vector, corrected in lists[k]] for k in order]
    layers = _layers(rows, _reach([lists[k] for k in order], len(target)), goal, goal + fault * room, len(target) + 1)
    if layers is None:
        return None
    after = {end for end in layers[-1] if end % fault == goal}
    kept: list[list[Entry]] = [[] for _ in lists]
    for index in range(len(rows) - 1, -1, -1):
        used: set[int] = set()
        for entry, packed in zip(lists[order[index]], rows[index], strict=True):
            hits = [before for before in layers[index] if before + packed in after]
            if hits:
                kept[order[index]].append(entry)
                used.update(hits)
        after = used
    return kept if all(kept) and after else []


def _layers(rows: list[list[int]], reach: list[int], goal: int, top: int, fields: int) -> list[set[int]] | None:
    """The packed sums of the first rows that are not above `top`, and from which the rows behind can reach the goal."""
    guard = sum(1 << (_BITS * column + _BITS - 1) for column in range(fields))
    limit = top | guard
    layers: list[set[int]] = [{0}]
    for row, rest in zip(rows, reach, strict=True):
        most = rest | guard
        layer = {
            step
            for before in layers[-1]
            for entry in row
            if (limit - (step := before + entry)) & guard == guard and (step + most - goal) & guard == guard
        }
        if len(layer) > _MOST_STATES:
            return None
        layers.append(layer)
    return layers


def _packed(vector: Vector) -> int:
    return sum(count << (_BITS * column) for column, count in enumerate(vector))


def _reach(rows: list[list[Entry]], columns: int) -> list[int]:
    """For each row the most that the rows behind it can add, packed."""
    most = [0]
    for entries in reversed(rows[1:]):
        largest = tuple(max(vector[column] for vector, _ in entries) for column in range(columns))
        most.append(most[-1] + _packed(largest))
    return most[::-1] if rows else []


def _has_solution(lists: list[list[Entry]], target: Vector) -> bool:
    """Whether some choice of entries as printed adds up; false also if none was found in a bounded number of steps."""
    rows = sorted(([vector for vector, corrected in entries if not corrected] for entries in lists), key=_largest)
    reachable = _reachable(rows, target)
    dead: set[tuple[int, Vector]] = set()
    steps = 0

    def choose(index: int, rest: Vector) -> bool:
        nonlocal steps
        if index == len(rows):
            return not any(rest)
        steps += 1
        if steps > _MOST_STEPS or (index, rest) in dead:
            return False
        for vector in rows[index]:
            left = tuple(map(int.__sub__, rest, vector))
            if _reaches(reachable[index + 1], left) and choose(index + 1, left):
                return True
        dead.add((index, rest))
        return False

    return choose(0, target)


def _reaches(reachable: list[int], left: Vector) -> bool:
    return all(count >= 0 and bits >> count & 1 for bits, count in zip(reachable, left, strict=True))


def _largest(vectors: list[Vector]) -> int:
    return -max(map(sum, vectors), default=0)


def _reachable(rows: list[list[Vector]], target: Vector) -> list[list[int]]:
    """For each row and column the sums that it and the rows behind it can make, as bits."""
    reachable = [[1] * len(target)]
    for vectors in reversed(rows):
        bits = []
        for column, top in enumerate(target):
            reached = 0
            for count in {vector[column] for vector in vectors}:
                reached |= reachable[-1][column] << count
            bits.append(reached & ((1 << (top + 1)) - 1))
        reachable.append(bits)
    return reachable[::-1]
