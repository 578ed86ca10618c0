"""The Merkle tree of RFC 9162 §2.1 over SHA-256: roots, audit paths, consistency proofs, and how each is checked.

Leaves are hashed already (`leaf_hash`). Two trees of this kind carry an archive: one a segment over its uncompressed records (`root` of a
manifest line), and one over the lines of `manifest.jsonl`, whose root stands in the checkpoint.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def leaf_hash(data: bytes) -> bytes:
    """The leaf of an entry: of a record its header, block and the line ends behind it; of a manifest line its text without the line end."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree over leaves that are all there. Levels are kept, so that any number of paths costs one pass over the leaves."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            level = self._levels[-1]
            above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
            self._levels.append(above + level[len(above) * 2 :])  # an odd last one goes up: the RFC's left-heavy tree

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The tree's hash; of no leaves, the hash of nothing (§2.1.1)."""
        return self._levels[-1][0] if self.size else hashlib.sha256(b"").digest()

    def root_at(self, size: int) -> bytes:
        """The hash that the tree had when it was `size` leaves long."""
        if not 0 <= size <= self.size:
            raise ValueError(f"no tree of {size} leaves is part of one of {self.size}")
        return self._between(0, size) if size else hashlib.sha256(b"").digest()

    def path(self, index: int) -> list[bytes]:
        """The audit path of a leaf, from its neighbour up (§2.1.3)."""
        if not 0 <= index < self.size:
            raise ValueError(f"no leaf {index} in a tree of {self.size}")
        path = []
        for level in self._levels[:-1]:
            neighbour = index ^ 1
            if neighbour < len(level):
                path.append(level[neighbour])
            index >>= 1
        return path

    def consistency(self, size: int) -> list[bytes]:
        """The proof that the tree of the first `size` leaves is a prefix of this one (§2.1.4); empty for none and for all leaves."""
        if not 0 <= size <= self.size:
            raise ValueError(f"no tree of {size} leaves is part of one of {self.size}")
        proof: list[bytes] = []
        begin, end, is_known = 0, self.size, True
        while 0 < size < end:
            split = begin + _split(end - begin)
            if size <= split:
                proof.append(self._between(split, end))
                end = split
            else:
                proof.append(self._between(begin, split))
                begin, is_known = split, False
        if size and not is_known:
            proof.append(self._between(begin, end))
        return proof[::-1]

    def _between(self, begin: int, end: int) -> bytes:
        """The hash of the subtree over the leaves from `begin` up to `end`."""
        count = end - begin
        if count & (count - 1) == 0:  # a whole subtree stands in the levels
            height = count.bit_length() - 1
            return self._levels[height][begin >> height]
        split = begin + _split(count)
        return node_hash(self._between(begin, split), self._between(split, end))


def _split(count: int) -> int:
    """The largest power of two below `count`, which is two at least."""
    return 1 << (count - 1).bit_length() - 1


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The tree's hash over leaves hashed already."""
    return Tree(leaves).root


class Frontier:
    """The root of a tree that grows at its end, without its leaves: one hash a power of two."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []  # roots of the whole subtrees from the left, each smaller than the one before

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self._whole.pop(), node)
            size >>= 1
        self._whole.append(node)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The hash of the tree as it is now."""
        if not self._whole:
            return hashlib.sha256(b"").digest()
        *rest, node = self._whole
        for left in reversed(rest):
            node = node_hash(left, node)
        return node


def root_of_path(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that an audit path leads to; `None` if it doesn't fit the leaf's place and the tree's size (§2.1.3.2)."""
    if not 0 <= index < size:
        return None
    last, node = size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            node = node_hash(step, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, step)
        index, last = index >> 1, last >> 1
    return node if last == 0 else None


def is_consistent(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the old tree is a prefix of the new one (§2.1.4.2)."""
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == hashlib.sha256(b"").digest()
    if not 0 < old_size < new_size or not proof:
        return False
    steps = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    old, new = old_size - 1, new_size - 1
    while old & 1:
        old, new = old >> 1, new >> 1
    from_old = from_new = steps[0]
    for step in steps[1:]:
        if new == 0:
            return False
        if old & 1 or old == new:
            from_old, from_new = node_hash(step, from_old), node_hash(step, from_new)
            while old and not old & 1:
                old, new = old >> 1, new >> 1
        else:
            from_new = node_hash(from_new, step)
        old, new = old >> 1, new >> 1
    return new == 0 and (from_old, from_new) == (old_root, new_root)
