"""What moves beside users, as it is named, grouped and counted on the screens."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cockpit.state.summary import Summary
from cockpit.terms import PLURALS, Kind, OpState
from cockpit.tui import marks, text
from cockpit.tui.widgets.lines import Part


class Family(NamedTuple):
    """Kinds that share a list; `name` is short enough for eight of them in 80 columns."""

    name: str
    title: str
    kinds: tuple[Kind, ...]


FAMILIES = (
    Family("Orgs", "Organizations", ("organization",)),
    Family("Roles", "Roles and permissions", ("role", "permission")),
    Family("Memberships", "Memberships", ("membership",)),
    Family("Factors", "Second factors (TOTP)", ("factor",)),
)
"""In the order they are shown; those of which the state has none are not."""


def families(found: Summary | None) -> list[Family]:
    """Those of which there is any."""
    return [family for family in FAMILIES if found is not None and total(found, family.kinds)]


def states(found: Summary, kinds: tuple[Kind, ...]) -> Counter[OpState]:
    """How many of these kinds are in each state."""
    counted: Counter[OpState] = Counter()
    for kind in kinds:
        counted.update(found.kinds[kind])
    return counted


def total(found: Summary, kinds: tuple[Kind, ...]) -> int:
    """How many there are."""
    return sum(states(found, kinds).values())


def waiting(found: Summary, kinds: tuple[Kind, ...]) -> int:
    """How many the last import left ready, and are still, because what they hang on is not there."""
    return sum(min(found.waiting.get(kind, 0), found.kinds[kind]["ready"]) for kind in kinds)


def there(counted: Counter[OpState]) -> int:
    """How many have arrived."""
    return counted["imported"] + counted["adopted"]


def beside_users(found: Summary) -> list[list[Part]]:
    """How far each kind beside users is."""
    units: list[list[Part]] = []
    for kind in found.others:
        if not (whole := total(found, (kind,))):
            continue
        counted = states(found, (kind,))
        arrived = there(counted)
        said = f"{PLURALS[kind]} {text.number(arrived)} / {text.number(whole)}"
        unit: list[Part] = [(said, "ok" if arrived == whole else "plain")]
        if failed := counted["failed"]:
            unit.append((f" ✘ {text.number(failed)} failed", "bad"))
        if left := waiting(found, (kind,)):
            unit.append((f" · {text.number(left)} waiting", "warn"))
        units.append(unit)
    return units


def users_by_state(found: Summary) -> list[list[Part]]:
    """Users by state: those that are never empty, and the others where there are some."""
    shown = [(state, n) for state, n in found.users.items() if n or state in ("ready", "imported", "failed")]
    units: list[list[Part]] = []
    for state, n in shown:
        mark = marks.of(marks.USER_STATES, state)
        units.append([(f"{mark.glyph} {text.number(n)} {mark.word}", mark.tone if n else "dim")])
    return units


def listed(counted: Sequence[tuple[Kind, int]]) -> str:
    """1 user, 2 memberships."""
    return ", ".join(f"{text.number(n)} {kind if n == 1 else PLURALS[kind]}" for kind, n in counted)


def named(kind: str, label: str) -> str:
    """A record of any kind by its label; only where it is no user, what it is stands before."""
    return label if kind == "user" else f"{kind}: {label}"
