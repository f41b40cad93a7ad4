"""Orders that need no memory: a shuffled order of any length, one place at a time."""

from __future__ import annotations

import hashlib

_ROUNDS = 6


def place_in_order(position: int, count: int, key: tuple[object, ...]) -> int:
    """Return what stands at `position` of a shuffled order of 0 .. count - 1.

    For one key the answers to all positions are a permutation. It is a balanced Feistel network
    over the next power of four, walked until it lands below `count` (Black and Rogaway, "Ciphers
    with arbitrary finite domains"), so nothing is stored and any place can be asked for.

    Args:
        position: 0 to count - 1.
        count: length of the order.
        key: picks the order; its `repr` counts.
    """
    if count < 2:
        return position
    half = max(1, ((count - 1).bit_length() + 1) // 2)
    secret = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
    place = _scrambled(position, half, secret)
    while place >= count:
        place = _scrambled(place, half, secret)
    return place


def _scrambled(value: int, half: int, secret: bytes) -> int:
    """A permutation of the numbers of ``2 * half`` bits."""
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for turn in range(_ROUNDS):
        left, right = right, left ^ (_mixed(right, turn, secret) & mask)
    return left << half | right


def _mixed(value: int, turn: int, secret: bytes) -> int:
    data = turn.to_bytes(1, "big") + value.to_bytes(8, "big")
    return int.from_bytes(hashlib.blake2b(data, key=secret, digest_size=8).digest(), "big")
