"""The tree against the definitions of RFC 9162 §2.1, which are written out here word by word."""

from __future__ import annotations

import hashlib
import random

import pytest

from archive.warc.tree import Frontier, Tree, is_consistent, leaf_hash, merkle_root, root_of_path


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: list[bytes], known: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*proof(m, leaves[:k], known), mth(leaves[k:])]
    return [*proof(m - k, leaves[k:], False), mth(leaves[:k])]


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize("count", [*range(19), 31, 33, 100])
def test_the_root_is_that_of_rfc_9162(count: int) -> None:
    leaves, growing = leaves_of(count), Frontier()
    for leaf in leaves:
        growing.add(leaf)
    assert merkle_root(leaves) == mth(leaves) == growing.root
    assert growing.size == count


def test_paths_and_consistency_agree_with_the_definition_at_random_sizes() -> None:
    choice = random.Random(9162)
    for _ in range(300):
        leaves = leaves_of(size := choice.randrange(1, 300))
        index, old = choice.randrange(size), choice.randrange(size + 1)
        tree, wrong = Tree(leaves), leaf_hash(b"another")
        assert tree.path(index) == path(index, leaves)
        assert root_of_path(index, size, leaves[index], tree.path(index)) == tree.root
        assert root_of_path(index, size, wrong, tree.path(index)) != tree.root
        assert tree.root_at(old) == mth(leaves[:old])
        found = tree.consistency(old)
        assert found == (proof(old, leaves) if old else [])
        assert is_consistent(old, size, tree.root_at(old), tree.root, found)
        if 0 < old < size:
            assert not is_consistent(old, size, wrong, tree.root, found)
            assert not is_consistent(old, size, tree.root_at(old), wrong, found)
            assert not is_consistent(old, size, tree.root_at(old), tree.root, found[:-1])
            assert not is_consistent(old, size, tree.root_at(old), tree.root, [*found, wrong])


def test_a_path_of_another_place_or_length_leads_nowhere() -> None:
    leaves = leaves_of(11)
    tree = Tree(leaves)
    for index in range(11):
        good = tree.path(index)
        assert root_of_path(index, 11, leaves[index], good[:-1]) != tree.root
        assert root_of_path(index, 11, leaves[index], [*good, good[0]]) != tree.root
        assert root_of_path((index + 1) % 11, 11, leaves[index], good) != tree.root
    assert root_of_path(11, 11, leaves[0], []) is None
    assert root_of_path(-1, 11, leaves[0], []) is None


def test_nothing_is_a_prefix_of_everything_and_only_equal_trees_of_one_size_agree() -> None:
    tree = Tree(leaves_of(5))
    nothing = hashlib.sha256(b"").digest()
    assert is_consistent(0, 5, nothing, tree.root, [])
    assert not is_consistent(0, 5, tree.root, tree.root, [])
    assert is_consistent(5, 5, tree.root, tree.root, [])
    assert not is_consistent(5, 5, tree.root_at(4), tree.root, [])
    assert not is_consistent(6, 5, tree.root, tree.root, [nothing])
    with pytest.raises(ValueError, match="no tree of 6"):
        tree.root_at(6)
