"""Users who share the moment of their creation, as after a bulk import: they come in any order."""

import random
from collections.abc import Sequence
from itertools import groupby

from cockpit.sandbox.population import Population


def ordered(indices: Sequence[int], tied: int, page: str) -> list[int]:
    """Who tie in an order that is another for each page, and the same for the same page."""
    if tied < 2:
        return list(indices)
    dice = random.Random(page)
    groups = [list(group) for _, group in groupby(indices, lambda index: index // tied)]
    for group in groups:
        dice.shuffle(group)
    return [index for group in groups for index in group]


def eldest(population: Population, index: int, tied: int) -> int:
    """The record whose moment of creation that record shares; who was added later has one of their own."""
    return index - index % tied if tied > 1 and index < population.people.count else index
