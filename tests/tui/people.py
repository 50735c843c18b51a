"""The users of the seeded states, and how far each is."""

import json
import sqlite3
from collections.abc import Callable
from typing import Literal

from cockpit.records import Password, User
from cockpit.rules.lint import RULES
from cockpit.state import exports, journal, lint, password_plan, resets, users
from cockpit.state.claims import RESETS, USERS, UserClaim
from cockpit.state.database import transaction
from cockpit.state.journal import Outcome
from cockpit.terms import OpState, Page, RawItem
from tests.tui import customers
from tests.tui.refusals import BLOCKED, REFUSED, UNSENT

PAGE = 60
PEOPLE = 1200

FIRST = ("Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Niklaus", "Margaret")
LAST = ("Moreau", "Okafor", "Lindqvist", "Tanaka", "Rossi", "Novak", "Silva", "Haddad", "Jensen")


def raw(number: int) -> RawItem:
    """A person as the provider sends them."""
    first, last = FIRST[number % 10], LAST[number % 9]
    id_ = f"auth0|65{number:06x}a1b2c3"
    body = {
        "user_id": id_,
        "email": email(number),
        "email_verified": number % 7 != 0,
        "given_name": first,
        "family_name": last,
        "identities": [
            {"connection": "Username-Password-Authentication", "provider": "auth0", "isSocial": False}
        ],
        "app_metadata": {"plan": "team", "seats": number % 40},
        "passwordHash": "$2b$10$CwTycUXWue0Thq9StjUM0uJ8qVx7E8wVxQyZzB1tC3dE5fG7hI9jK",
        "created_at": "2021-03-04T09:12:44.000Z",
    }
    return RawItem(id_, json.dumps(body))


def email(number: int) -> str:
    """The e-mail of a person."""
    first, last = FIRST[number % 10].lower(), LAST[number % 9].lower()
    return f"{first}.{last}{number}@acme.example"


def user(item: RawItem, number: int) -> User:
    """The person as mapped."""
    body = json.loads(item.body)
    password = Password.carried("bcrypt", body["passwordHash"])
    if number % 11 == 0:
        password = Password()
    elif number % 23 == 0:
        password = Password.unsupported("no hash in the support file")
    elif number % 59 == 0:
        password = Password.unsupported("phpass is not taken by the target")
    return User(
        source_id=item.id,
        email=body["email"],
        email_verified=body["email_verified"],
        first_name=body["given_name"],
        last_name=body["family_name"],
        metadata={"provider": "auth0", "plan": "team", "created_at": body["created_at"]},
        connection="Username-Password-Authentication" if number % 3 else customers.name(number // 3 % 18),
        password=password,
    )


class People:
    """The users of one seeded state. `ago` makes a time of seconds before now."""

    def __init__(self, db: sqlite3.Connection, batch: int, ago: Callable[[float], int]) -> None:
        self._db, self._batch, self._ago = db, batch, ago

    def export(self) -> None:
        """Everybody read, in pages."""
        with transaction(self._db):
            export = exports.begin(self._db, self._ago(4_000))
        for start in range(0, PEOPLE, PAGE):
            items = [raw(number) for number in range(start, start + PAGE)]
            last = start + PAGE >= PEOPLE
            page = Page(
                "",
                f"job_Zx81:{start}",
                None if last else f"job_Zx81:{start + PAGE}",
                items,
                size=sum(len(item.body) for item in items),
                total=PEOPLE,
            )
            with transaction(self._db):
                exports.commit_page(self._db, export.id, page, self._batch, self._ago(3_900 - start / 10))
        with transaction(self._db):
            exports.complete(self._db, export.id, "complete", 0, self._ago(3_700))

    def lint(self, *, blocked: bool) -> None:
        """All mapped; if `blocked`, two have no e-mail address."""
        with transaction(self._db):
            waiting = users.unmapped(self._db, 0, PEOPLE)
            pairs = []
            unverified: list[tuple[int, str, str, str, str]] = []
            for number, unmapped in enumerate(waiting):
                mapped = user(RawItem(unmapped.source_id, unmapped.body), number)
                if blocked and unmapped.id in (404, 811):
                    mapped = mapped.model_copy(update={"email": f"ada.moreau{unmapped.id}@@acme"})
                pairs.append((unmapped, mapped))
                if not mapped.email_verified:
                    said = (unmapped.id, "unverified", "info", "email_verified", RULES["unverified"].title)
                    unverified.append(said)
            users.save(self._db, pairs)
            found = [
                (404, "email_syntax", "error", "email", "two @ in one address"),
                (811, "email_syntax", "error", "email", "two @ in one address"),
                (57, "email_not_ascii", "warning", "email", "é beyond ASCII"),
                *(_loses(subject, "sms") for subject in range(20, PEOPLE, 35)),
                *(_loses(subject, "passkey") for subject in range(33, PEOPLE, 140)),
            ]
            told = [*(found if blocked else found[2:]), *unverified]
            lint.replace(self._db, [row.id for row in waiting], told)

    def import_(self, upto: int, *, refuse: bool) -> None:
        """So many have arrived; if `refuse`, not all, and some are in flight."""
        with transaction(self._db):
            run = journal.next_run(self._db)
        sent = 0
        while sent < upto:
            with transaction(self._db):
                after = sent
                claimed = journal.claim(self._db, USERS, after, min(100, upto - sent), run, self._ago(900))
                outcomes = [self._outcome(one, refuse) for one in claimed]
                journal.settle(self._db, journal.USER, outcomes, run, self._batch, self._ago(900 - sent))
            sent += len(claimed)
        if refuse:
            with transaction(self._db):
                blocked = journal.claim(self._db, USERS, 810, 1, run, self._ago(3_680))
                failed = [Outcome(one.operation, one.subject, "failed", failure=BLOCKED) for one in blocked]
                journal.settle(self._db, journal.USER, failed, run, self._batch, self._ago(3_680))
                journal.claim(self._db, USERS, upto, 12, run, self._ago(0.4))

    def _outcome(self, one: UserClaim, refuse: bool) -> Outcome:
        failure = None
        if refuse and one.subject == 404:
            return Outcome(one.operation, one.subject, "failed", failure=BLOCKED)
        if refuse and one.subject % 67 == 3:
            failure = REFUSED[0]
        elif refuse and one.subject % 131 == 5:
            failure = REFUSED[1]
        elif refuse and one.subject % 251 == 9:
            failure = REFUSED[2]
        if failure is not None:
            return Outcome(
                one.operation, one.subject, "failed", failure.attempts, status=failure.status, failure=failure
            )
        state: Literal["adopted", "imported"] = "adopted" if one.subject % 97 == 1 else "imported"
        return Outcome(
            one.operation, one.subject, state, 1, target_id=f"user_01JD{one.subject:06d}", status=201
        )

    def decide(self, operator: str) -> None:
        """E-mails for those without a hash; some of those who have arrived are written to already."""
        with transaction(self._db):
            lost = password_plan.groups(self._db, "ask")[0]
            password_plan.choose(self._db, lost, "email", operator, self._ago(800), None)
            resets.enlist(self._db, "ask")
            run = journal.next_run(self._db)
            claimed = journal.claim(self._db, RESETS, 0, 9, run, self._ago(700))
            states: list[OpState] = [*["imported"] * 7, "failed", "unknown"]  # type: ignore[list-item]
            outcomes = [
                Outcome(one.operation, one.subject, state, 1, failure=UNSENT if state == "failed" else None)
                for one, state in zip(claimed, states, strict=True)
            ]
            journal.settle(self._db, RESETS.kind, outcomes, run, self._batch, self._ago(690))


def _loses(subject: int, factor: str) -> tuple[int, str, str, str, str]:
    return subject, "second_factor_lost", "warning", factor, "enrolled at the source"
