"""What reviewers do to failures beside retry and ignore: edit fields, apply a rule, merge, mark for a reset.

Nothing is sent by any of it. An edited record is mapped and linted again, and is ready when it is well.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cockpit.rules import check, fields
from cockpit.rules.fixes import Rule
from cockpit.rules.lint import Finding
from cockpit.rules.mask import mask
from cockpit.state import decisions, errors, fixrules, merges, overlays, resolve
from cockpit.state.by_id import marks
from cockpit.state.merges import Choice
from cockpit.state.overlays import Subject

SHARED = ("lint:email_duplicate", "lint:external_id_duplicate")
"""Causes by which one user of the source is in another's place."""

Merge = Choice | Literal["skip"]


class NotFixable(Exception):
    """What was asked can't be done to this error; one line says why and what can."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to become of some fields: set (None: left out), or `reverted` to what the source says."""

    values: Mapping[str, Any]
    reverted: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """An edited record before it is saved: what changes, and what the rules say of it then."""

    subject: Subject
    after: dict[str, Any]
    findings: list[Finding]

    @property
    def blocking(self) -> list[Finding]:
        """The findings by which it is not sent."""
        return [finding for finding in self.findings if finding.severity == "error"]


def checked(subject: Subject, values: Mapping[str, Any]) -> Checked:
    """What an edit comes to. Pure, for a form to call as one types. Raises NotEditable."""
    for name, value in values.items():
        fields.checked(subject.kind, name, value)
    after = fields.overlaid(subject.fields, values)
    return Checked(subject, after, check.check(subject.kind, after))


def edit(connection: sqlite3.Connection, error: int, edit: Edit, *, operator: str, now: int) -> Checked:
    """Lay fields over the record of an open error. Raises NotFixable, NotEditable.

    Refused when the record would break a rule that it does not break now.
    """
    subject = overlays.subject(connection, error)
    record = errors.show(connection, error)
    if record is None:
        raise NotFixable(f"no error {error} in this state; see: cockpit errors list")
    if record.resolution != "open":
        raise NotFixable(f"error {error} is {record.resolution}; only open ones are fixed")
    if subject is None or subject.closed is not None:
        why = subject.closed if subject is not None else "there is no record to edit"
        raise NotFixable(f"error {error} can't be fixed here: {why}")
    for name in edit.reverted:
        fields.known(subject.kind, name)
    found = checked(subject, edit.values)
    known = {finding.rule for finding in check.errors(subject.kind, subject.fields)}
    if worse := [finding for finding in found.blocking if finding.rule not in known]:
        raise NotFixable(f"{worse[0].field}: {worse[0].detail} ({worse[0].rule}); nothing was saved")
    changed = fields.differences(subject.fields, found.after)
    if not changed and not edit.reverted:
        raise NotFixable("nothing differs from what is sent now")
    names = ", ".join([*edit.values, *edit.reverted])
    decision = decisions.begin(
        connection,
        operator,
        "errors.fix",
        f"{record.kind} {record.external_id}: {names}",
        now,
        before=_masked(changed, 0),
        after=_masked(changed, 1),
    )
    for name, value in edit.values.items():
        before = overlays.lay(connection, subject.kind, subject.id, name, value, operator, now)
        decisions.keep(connection, decision, "overlay", subject.kind, subject.id, name, before)
    for name in edit.reverted:
        before = overlays.lift(connection, subject.kind, subject.id, name)
        decisions.keep(connection, decision, "overlay", subject.kind, subject.id, name, before)
    decisions.concerns(connection, decision, [record.operation])
    return found


def add_rule(connection: sqlite3.Connection, rule: Rule, *, operator: str, now: int) -> int:
    """Put a rule in force for a group; `apply` goes through its errors. Returns the rule's number."""
    number, new = fixrules.add(connection, rule, operator, now)
    if new:
        decision = decisions.begin(connection, operator, "rules.add", f"{rule.cause}: {rule}", now)
        decisions.keep(connection, decision, "rule", "user", number, "", None)
    return number


def apply(
    connection: sqlite3.Connection, number: int, rule: Rule, *, operator: str, batch_size: int, now: int
) -> tuple[int, int] | None:
    """Go through the next chunk of a rule's errors; returns (looked at, newly fixed), None at the end."""
    found = fixrules.pending(connection, number, rule.cause)
    if not found:
        return None
    decision = _decision_of(connection, number)
    if rule.action == "skip":
        done = resolve.ignore(
            connection,
            found,
            operator=operator,
            reason=f"rule {number}: {rule.value}",
            batch_size=batch_size,
            now=now,
            decision=decision,
        )
    else:
        new = fixrules.mark(connection, number, rule, found)
        if decision is not None:
            decisions.concerns(connection, decision, _operations(connection, new))
        done = len(new)
    fixrules.looked_at(connection, number, found[-1])
    return len(found), done


def remove_rule(
    connection: sqlite3.Connection, number: int, *, operator: str, batch_size: int, now: int
) -> int:
    """Take a rule back, with what it did to whatever was not sent since; returns how many records.

    Raises NotFixable for one that is not in force, or that cockpit.toml names.
    """
    found = fixrules.find(connection, number)
    if found is None:
        raise NotFixable(f"no rule {number} is in force; see: cockpit rules list")
    if found.operator == fixrules.SETTINGS:
        raise NotFixable(f"rule {number} is in cockpit.toml; take it out of its [[rules]]")
    decision = _decision_of(connection, number)
    assert decision is not None, "every rule of a person is a decision"
    return decisions.undo(connection, decision, operator=operator, batch_size=batch_size, now=now).restored


def merge(
    connection: sqlite3.Connection,
    wanted: Sequence[int],
    choice: Merge,
    *,
    operator: str,
    batch_size: int,
    now: int,
) -> int:
    """Decide for users whose e-mail or id somebody else holds; returns how many. Raises NotFixable."""
    if choice == "skip":
        return resolve.ignore(
            connection, wanted, operator=operator, reason="merge: skip", batch_size=batch_size, now=now
        )
    users = [_in_conflict(connection, error, choice) for error in wanted]
    decision = decisions.begin(connection, operator, f"errors.merge.{choice}", _people(len(users)), now)
    for user in users:
        merges.choose(connection, user, choice, operator, now)
        decisions.keep(connection, decision, "merge", "user", user, "", None)
    return resolve.retry(
        connection, wanted, operator=operator, batch_size=batch_size, now=now, decision=decision
    )


def mark_for_reset(connection: sqlite3.Connection, wanted: Sequence[int], *, operator: str, now: int) -> int:
    """Put the users of these errors on the list of cockpit passwords reset; returns how many are new."""
    rows = connection.execute(
        f"select distinct subject from errors where id in ({marks(wanted)}) "
        "and kind in ('user', 'user update')",
        list(wanted),
    ).fetchall()
    new = [user for (user,) in rows if merges.mark_for_reset(connection, user, operator, now)]
    if new:
        decision = decisions.begin(connection, operator, "errors.reset", _people(len(new)), now)
        for user in new:
            decisions.keep(connection, decision, "reset", "user", user, "", None)
    return len(new)


def _in_conflict(connection: sqlite3.Connection, error: int, choice: Choice) -> int:
    """The user of an error that a merge can settle. Raises NotFixable."""
    record = errors.show(connection, error)
    if record is None or record.resolution != "open" or record.kind != "user" or record.klass != "conflict":
        raise NotFixable(f"error {error} is no open conflict of a user; nothing was changed")
    if record.fingerprint in SHARED:
        if choice == "adopt":
            raise NotFixable(
                f"error {error}: both users are of this source; link it to the other one, or skip"
            )
        if merges.keeper_state(connection, record.subject) not in ("imported", "adopted"):
            raise NotFixable(
                f"error {error}: the other user is not at the target yet; import first, then link"
            )
    return record.subject


def _decision_of(connection: sqlite3.Connection, number: int) -> int | None:
    """The decision that put a rule in force; None for one of cockpit.toml."""
    row = connection.execute(
        "select decision from inverses where what = 'rule' and subject = ?", (number,)
    ).fetchone()
    return int(row[0]) if row else None


def _operations(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[int]:
    rows = connection.execute(f"select operation from errors where id in ({marks(wanted)})", list(wanted))
    return [row[0] for row in rows.fetchall()]


def _people(n: int) -> str:
    return "1 user" if n == 1 else f"{n} users"


def _masked(changed: Mapping[str, tuple[Any, Any]], side: int) -> str:
    return json.dumps(mask({name: sides[side] for name, sides in changed.items()}))
