"""The rollout in two rows of the overview: how far it is, and whether the legacy handler may go."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cockpit.connections.board import Column
from cockpit.jobs.rollout import decommission, overview
from cockpit.jobs.rollout.overview import WaveLine
from cockpit.rollout.decommission import Proof
from cockpit.rollout.rules import RolloutSettings
from cockpit.state.rollout import readable, routes, waves


@dataclass(frozen=True, slots=True)
class Outlook:
    """Connections by column, the waves, and what speaks for taking legacy down."""

    columns: Mapping[Column, int]
    waves: tuple[WaveLine, ...]
    proof: Proof


def read(path: Path, rules: RolloutSettings, now: int) -> Outlook | None:
    """As rollout.db has it; None without one that can be read: pane 7 says why."""
    rollout = readable(path)
    if rollout is None:
        return None
    with closing(rollout):
        return Outlook(
            routes.counts(rollout),
            tuple(overview.wave_line(rollout, wave, now) for wave in waves.listed(rollout)),
            decommission.read(rollout, rules, now),
        )
