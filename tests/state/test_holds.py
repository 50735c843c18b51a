"""Users held back by a policy: who is, for what, and that everybody comes back once nothing holds them."""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.jobs.block import block
from cockpit.records import Password
from cockpit.rules.lint import Finding
from cockpit.state import audit, check, errors, holds, lint, users
from cockpit.state.database import open_state, transaction
from cockpit.state.holds import Policy
from cockpit.state.journal import USER
from cockpit.state.start_over import start_over
from cockpit.terms import TRAITS, Trait
from tests.jobs.world import person
from tests.state import people
from tests.state.people import BATCH

BROKEN = Finding("email_syntax", "error", "no @", "email")
LOST = Password.unsupported("md5")
NOBODY = Policy((), "silent")


class Someone(NamedTuple):
    """A user as far as policies care. `state`: where they stand before any policy."""

    traits: frozenset[Trait] = frozenset()
    lost: bool = False
    state: Literal["ready", "blocked", "imported", "refused"] = "ready"

    def reason(self, policy: Policy) -> str | None:
        """What this policy holds them for, if it does."""
        if self.state in ("imported", "refused"):
            return None
        named = (trait for trait in TRAITS if trait in self.traits and trait in policy.traits)
        return next(named, "password" if self.lost and policy.without_hash == "hold" else None)


def have(connection: sqlite3.Connection, population: Sequence[Someone]) -> None:
    """These people, exported, mapped and linted; number 1 is the first."""
    numbered = list(enumerate(population, 1))
    with transaction(connection):
        mapped = [person(n, **({"password": LOST} if one.lost else {})) for n, one in numbered]
        people.have(connection, *mapped)
        found: list[tuple[int, str, str, str, str]] = [
            (n, trait, "info", trait, trait) for n, one in numbered for trait in one.traits
        ]
        found += [
            (n, BROKEN.rule, BROKEN.severity, BROKEN.field, BROKEN.detail)
            for n, one in numbered
            if one.state == "blocked"
        ]
        lint.replace(connection, [n for n, _ in numbered], found)
        for n, one in numbered:
            if one.state == "blocked":
                block(connection, USER, operation(connection, n), n, BROKEN, BATCH, 5)
        for user in people.claim(connection):
            state = population[user.subject - 1].state
            after = {"imported": "imported", "refused": "failed"}.get(state, "ready")
            people.settle(connection, [user], after)
        # Who was claimed and not sent is as if they never were, but for that moment.
        connection.execute("update operations set sent_at = null where state = 'ready'")


def operation(connection: sqlite3.Connection, subject: int) -> int:
    row = connection.execute("select id from operations where subject = ?", (subject,)).fetchone()
    return int(row[0])


def apply(connection: sqlite3.Connection, policy: Policy) -> int:
    with transaction(connection):
        moved = holds.apply(connection, policy, holds.EVERYBODY, "ada", BATCH, 50)
        holds.audit_new(connection, "ada", 60)
    return moved


def held(connection: sqlite3.Connection) -> dict[int, str]:
    return dict(connection.execute("select user, reason from holds order by user"))


def states(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("select state from operations where kind = 'user' order by subject")
    return [row[0] for row in rows]


@contextmanager
def state() -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory() as folder:
        opened = open_state(Path(folder) / "cockpit.db", create=True)
        opened.execute("pragma synchronous = off")
        try:
            yield opened
        finally:
            opened.close()


SOMEONE = st.builds(
    Someone,
    st.frozensets(st.sampled_from(TRAITS), max_size=3),
    st.booleans(),
    st.sampled_from(["ready", "ready", "blocked", "imported", "refused"]),
)
POLICY = st.builds(
    Policy,
    st.sets(st.sampled_from(TRAITS)).map(lambda chosen: tuple(t for t in TRAITS if t in chosen)),
    st.sampled_from(["hold", "silent"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SOMEONE, min_size=1, max_size=12), st.lists(POLICY, min_size=1, max_size=4))
def test_whatever_policies_follow_each_other_the_last_one_decides(
    population: list[Someone], policies: list[Policy]
) -> None:
    with state() as connection:
        have(connection, population)
        for policy in policies:
            announced = len(holds.moves(connection, policy))
            assert apply(connection, policy) == announced
            wanted = {n: why for n, one in enumerate(population, 1) if (why := one.reason(policy))}
            assert held(connection) == wanted
            assert sum(holds.counts(connection).values()) == len(wanted)
            for n, (one, now) in enumerate(zip(population, states(connection), strict=True), 1):
                if n in wanted:
                    assert now == "skipped"
                elif one.state in ("imported", "refused"):
                    assert now == {"imported": "imported", "refused": "failed"}[one.state]
                else:
                    assert now in ("ready", "failed")
            assert check.check(connection) == []
            assert apply(connection, policy) == 0
        apply(connection, NOBODY)
        assert "skipped" not in states(connection)


def test_who_is_released_is_linted_again_where_a_rule_blocks_them(connection: sqlite3.Connection) -> None:
    have(connection, [Someone(frozenset({"banned"}), state="blocked"), Someone(frozenset({"banned"}))])
    assert states(connection) == ["failed", "ready"]
    apply(connection, Policy(("banned",), "silent"))
    assert states(connection) == ["skipped", "skipped"]
    assert errors.ids(connection) == []
    apply(connection, NOBODY)
    assert [raw.id for raw in users.unmapped(connection, 0, 10)] == [1]


def test_the_gravest_reason_is_told_and_the_next_one_takes_its_place(connection: sqlite3.Connection) -> None:
    have(connection, [Someone(frozenset({"unverified", "banned"}), lost=True)])
    apply(connection, Policy(("banned", "unverified"), "hold"))
    assert held(connection) == {1: "banned"}
    apply(connection, Policy(("unverified",), "hold"))
    assert held(connection) == {1: "unverified"}
    apply(connection, Policy((), "hold"))
    assert held(connection) == {1: "password"}
    assert states(connection) == ["skipped"]


def test_every_move_is_audited_by_reason(connection: sqlite3.Connection) -> None:
    have(connection, [Someone(frozenset({"banned"})), Someone(frozenset({"banned"})), Someone(lost=True)])
    apply(connection, Policy(("banned",), "hold"))
    apply(connection, NOBODY._replace(without_hash="hold"))
    told = [(row.operator, row.action, row.subject, row.why) for row in audit.tail(connection)]
    assert told == [
        ("ada", "users.release", "2 users", "banned"),
        ("ada", "users.hold", "1 user", "password"),
        ("ada", "users.hold", "2 users", "banned"),
    ]


def test_an_empty_journal_holds_nobody_and_lints_them_before_they_are_sent(
    connection: sqlite3.Connection,
) -> None:
    have(connection, [Someone(frozenset({"banned"})), Someone()])
    apply(connection, Policy(("banned",), "silent"))
    with transaction(connection):
        start_over(connection)
    assert (states(connection), held(connection)) == (["ready", "ready"], {})
    assert [raw.id for raw in users.unmapped(connection, 0, 10)] == [1]
    assert check.check(connection) == []


def test_a_user_who_was_ignored_by_a_person_stays_so(connection: sqlite3.Connection) -> None:
    have(connection, [Someone(frozenset({"banned"}), state="imported"), Someone()])
    people.settle(connection, people.claim(connection), "skipped")
    assert apply(connection, NOBODY) == 0
    assert states(connection) == ["imported", "skipped"]


def test_rows_tell_what_a_user_is_held_for(connection: sqlite3.Connection) -> None:
    have(connection, [Someone(frozenset({"banned"})), Someone()])
    apply(connection, Policy(("banned",), "silent"))
    assert [row.held for row in users.rows(connection, [1, 2])] == ["banned", None]
