"""The draw of an experiment: random, balanced and repeatable (docs/replays.md). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID


class Lot(NamedTuple):
    """A variant as the draw sees it."""

    variant_id: UUID
    weight: int


def draw(
    experiment_id: UUID,
    lots: Sequence[Lot],
    enrollment_ids: Iterable[UUID],
    *,
    taken: Mapping[UUID, int],
    limit: int | None = None,
) -> list[tuple[UUID, UUID]]:
    """Return (enrollment, variant) for those who are not in yet, at most `limit` of them.

    `taken` says how many each variant has already. Each goes to the variant that is furthest
    behind its weight, so that sizes follow the weights at any time; their order, and the choice
    among equals, is by a hash that nobody can steer.
    """
    counts = [taken.get(lot.variant_id, 0) for lot in lots]
    whole = sum(lot.weight for lot in lots)
    hashed = sorted((_hash(experiment_id, id), id) for id in enrollment_ids)
    drawn = []
    for number, enrollment_id in hashed[:limit]:
        size = sum(counts) + 1
        behind = [
            lot.weight * size - whole * count for lot, count in zip(lots, counts, strict=True)
        ]
        furthest = [index for index, gap in enumerate(behind) if gap == max(behind)]
        chosen = furthest[number % len(furthest)]
        counts[chosen] += 1
        drawn.append((enrollment_id, lots[chosen].variant_id))
    return drawn


def _hash(experiment_id: UUID, enrollment_id: UUID) -> int:
    digest = blake2b(experiment_id.bytes + enrollment_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest)
