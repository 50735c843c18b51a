"""How the commands of the rollout show connections, flips, waves and proxies: in words and as JSON."""

import sqlite3
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cockpit.cli import output
from cockpit.cli.follow import CLOCK
from cockpit.clock import millis

if TYPE_CHECKING:
    from cockpit.jobs.rollout.overview import Line, WaveLine
    from cockpit.state.rollout.flips import Flip
    from cockpit.state.rollout.proxies import Confirmation

GLYPHS = {"manual": "·", "legacy": "○", "canary": "◐", "workos": "●", "held": "■"}
CONFIRMED_WITHIN_S, POLL_S = 2.0, 0.02
"""A proxy on the same host applies a change within 50 ms; others are named as waiting after that long."""


def moment(milliseconds: int | None) -> str | None:
    """A stored time as JSON has it."""
    return None if milliseconds is None else output.iso(milliseconds / 1000)


def counted(line: "Line") -> tuple[int | None, int | None, str | None]:
    """Sign-ins that succeeded, those that did not, and the verdict."""
    if line.weighed is None:
        return None, None, None
    evidence, judged = line.weighed.evidence, line.weighed.judged
    return evidence.succeeded, evidence.failed + evidence.timed_out, judged.verdict


def because(line: "Line") -> str | None:
    """What a connection waits for, or how it came to where it is."""
    if line.column == "held":
        return line.row.why
    if line.flip is not None and line.flip.detail:
        return line.flip.detail
    return line.weighed.judged.why if line.weighed else None


def line_facts(line: "Line") -> dict[str, Any]:
    """A line of the board."""
    described = line.row.described
    succeeded, failed, verdict = counted(line)
    return {
        **described.route.as_json(),
        "name": described.name,
        "idp": described.idp,
        "users": described.users,
        "certificate_days": line.certificate_days,
        "wave": line.wave,
        "stage": line.flip.stage if line.flip else None,
        "succeeded": succeeded,
        "failed": failed,
        "verdict": verdict,
        "why": because(line),
        "codes": dict(line.weighed.evidence.codes) if line.weighed else {},
        "moved_by": line.row.moved_by,
        "moved_at": moment(line.row.moved_at),
        "by_person": line.row.by_person,
        "last_event": moment(line.last_event[0]) if line.last_event else None,
        "last_login": moment(line.last_login),
    }


def flip_facts(flip: "Flip") -> dict[str, Any]:
    """A flip."""
    times = {name: moment(getattr(flip, name)) for name in ("started_at", "flipped_at", "ended_at")}
    return asdict(flip) | {"passed": sorted(flip.passed)} | times


def wave_facts(line: "WaveLine") -> dict[str, Any]:
    """A wave with its connections."""
    wave = line.wave
    times = {name: moment(getattr(wave, name)) for name in ("started_at", "ended_at", "held_at")}
    members = [asdict(member) | {"flipped_at": moment(member.flipped_at)} for member in line.members]
    return asdict(wave) | times | {"connections": members, "pending": line.pending}


def wave_in_words(line: "WaveLine") -> str:
    """State, reason, how far."""
    arrived = sum(member.arrived for member in line.members)
    parts = [f"{line.wave.state}, {arrived} of {len(line.members)} at WorkOS"]
    if out := sum(member.out for member in line.members):
        parts.append(f"{out} out")
    return ", ".join([*parts, *filter(None, (line.pending, line.wave.reason))])


def confirmed(rollout: sqlite3.Connection) -> "Confirmation":
    """What proxies say of the newest change, once all have it or CONFIRMED_WITHIN_S are over."""
    from cockpit.state.rollout import proxies

    until = CLOCK.monotonic() + CONFIRMED_WITHIN_S
    while True:
        told = proxies.confirmation(rollout, millis(CLOCK.now()))
        if not told.waiting or CLOCK.monotonic() >= until:
            return told
        time.sleep(POLL_S)


def proxies_facts(told: "Confirmation") -> dict[str, Any]:
    """How far the newest change has come."""
    return {
        "version": told.version,
        "confirmed": [proxy.name for proxy in told.confirmed],
        "waiting": [proxy.name for proxy in told.waiting],
    }


def say_proxies(told: "Confirmation") -> None:
    """The same for a person, with how long those that wait may take."""
    from cockpit.state.rollout.proxies import DELAYS

    output.say(str(told))
    for proxy in told.waiting:
        output.say(f"waiting for {proxy.name} ({proxy.mode}): {DELAYS[proxy.mode]}")
