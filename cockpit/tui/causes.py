"""Causes of failures as a list: its columns, its orders, who is on what, and what a filter leaves of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cockpit.rules import advice
from cockpit.state.browse import Tally
from cockpit.state.errors import Group
from cockpit.state.fixrules import Standing
from cockpit.state.reviewers import Review, Scope
from cockpit.terms import ERROR_CLASSES
from cockpit.tui import marks, text
from cockpit.tui.snapshots import Cause
from cockpit.tui.widgets.cells import Column, Row

COLUMNS = (
    Column("open", 7, right=True),
    Column("share", 6, right=True),
    Column("class", 11),
    Column("cause", 20, grow=3),
    Column("answer", 20, grow=1, least=104),
    Column("first", 8, least=112),
    Column("last", 8),
    Column("on it", 8),
)

RULES = (
    Column("rule", 4, right=True),
    Column("what it does", 20, grow=3),
    Column("cause", 16, grow=2),
    Column("fixes", 7, right=True),
    Column("by", 12),
    Column("since", 16, least=100),
)

ORDERS: Mapping[str, Callable[[Group], tuple[object, ...]]] = {
    "open": lambda group: (-group.open, group.fingerprint),
    "newest": lambda group: (-group.last_at, group.fingerprint),
    "oldest": lambda group: (group.first_at, group.fingerprint),
    "class": lambda group: (ERROR_CLASSES.index(group.klass), -group.open, group.fingerprint),
    "cause": lambda group: (group.title, group.fingerprint),
}
"""The most failures first, by default."""


def narrowed(causes: Sequence[Cause], tallies: Mapping[str, Tally]) -> list[Cause]:
    """The causes that are left by a filter, counted by it."""
    return [
        cause._replace(
            group=replace(
                cause.group,
                open=tally.open,
                first_at=tally.first_at,
                last_at=tally.last_at,
                example=tally.example,
            )
        )
        for cause in causes
        if (tally := tallies.get(cause.group.fingerprint)) is not None
    ]


def ordered(causes: Sequence[Cause], order: str) -> list[Cause]:
    """The causes in one of the orders."""
    key = ORDERS[order]
    return sorted(causes, key=lambda cause: key(cause.group))


def holder(reviews: Sequence[Review], scope: Scope, key: str) -> Review | None:
    """Who is on a cause or a record."""
    return next((one for one in reviews if (one.scope, one.key) == (scope, key)), None)


def row(group: Group, all_open: int, on: Review | None) -> Row:
    """A line of the list."""
    klass = marks.of(marks.CLASSES, group.klass)
    answer = " ".join(str(part) for part in (group.status, group.code) if part is not None)
    return Row(
        (
            (text.number(group.open), "strong"),
            (f"{text.share(group.open, all_open):.1%}", "dim"),
            (str(klass), klass.tone),
            (text.line(group.title), "plain"),
            (text.line(answer or "not sent"), "dim"),
            (text.moment(group.first_at), "dim"),
            (text.moment(group.last_at), "dim"),
            (text.line(on.operator) if on is not None else "", "busy"),
        ),
        group.title,
    )


def rule_row(standing: Standing) -> Row:
    """A line of the list of fix rules."""
    return Row(
        (
            (str(standing.id), "dim"),
            (text.line(standing.rule), "plain"),
            (text.line(standing.rule.cause), "dim"),
            (text.number(standing.marked), "strong"),
            (text.line(standing.operator), "dim"),
            (text.day(standing.at), "dim"),
        ),
        str(standing.rule),
    )


def todo(group: Group) -> advice.Advice:
    """What is suggested for a cause."""
    return advice.of(group.fingerprint, group.klass, group.code)
