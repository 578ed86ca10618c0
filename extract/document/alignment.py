"""How one sequence became another, at a bounded cost: what is compared was written by strangers.

`difflib` finds the longest common run again and again; where few elements repeat many times it takes the cube of the length (5 s for 1,000
sentences of two kinds, an hour for ten times as many).
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

#: Pairs of equal elements up to which the worst arrangement takes less than half a second (measured); 140 sentences that are all equal.
MOST_PAIRS = 20_000
#: Product of the lengths up to which both are aligned.
_LONGEST = 4_000_000

Opcode = tuple[str, int, int, int, int]


def is_cheap(before: Sequence[Hashable], after: Sequence[Hashable]) -> bool:
    """Whether aligning two sequences costs little, however they are arranged."""
    if len(before) * len(after) <= MOST_PAIRS:
        return True
    if len(before) * len(after) > _LONGEST:
        return False
    counts = Counter(after)
    return sum(counts[one] for one in before) <= MOST_PAIRS


def opcodes(before: Sequence[Hashable], after: Sequence[Hashable]) -> Sequence[Opcode]:
    """Steps from one to the other, as `difflib` names them; where that would cost too much, all between the common ends is replaced."""
    if is_cheap(before, after):
        return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] != after[at]), most)
    end = next((at for at in range(most - start) if before[-1 - at] != after[-1 - at]), most - start)
    old, new = len(before) - end, len(after) - end
    steps: list[Opcode] = [("equal", 0, start, 0, start)] if start else []
    kind = "replace" if start < old and start < new else "delete" if start < old else "insert"
    if start < old or start < new:
        steps.append((kind, start, old, start, new))
    return [*steps, ("equal", old, len(before), new, len(after))] if end else steps
