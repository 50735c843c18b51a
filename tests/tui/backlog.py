"""Webhooks in the seeded states: evidence of the sequence, a tank with events, a drain, followed events."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cockpit.jobs import lock
from cockpit.state import events, webhook_steps
from cockpit.state.database import open_state, transaction
from cockpit.state.tank import TANK, arrivals, beside, deliveries, standing
from cockpit.state.tank.arrivals import Arrival
from cockpit.state.tank.deliveries import Outcome
from cockpit.state.tank.standing import Standing
from cockpit.terms import Event, SignIn
from cockpit.webhooks.classify import classify
from cockpit.webhooks.sequence import Step, What

HOUR = 3_600
CLASSES = ("user.updated", "session.created", "user.updated", "user.created", "organization.updated")
HELD = 2_600
DRAINED = 1_190
TO_SEND = 2_080
EVENTS = 240
LAST_BY_WEBHOOK = 236
DEAD = {40: (422, "HTTP 422"), 77: (500, "HTTP 500"), 501: (None, "ReadTimeout: no answer in 15 s")}
DRAIN: Mapping[str, Any] = {
    "to": "https://app.acme.example/webhooks",
    "sources": ["clerk"],
    "rate": 50.0,
    "ramp_s": 60.0,
    "coalesce": True,
    "skip_stale": False,
}
NOT_YET = (
    "quiet not proven yet: 1,200 users, the last change at 2026-11-23 14:16:40 UTC; look again in 10 min",
    {
        "exit": 3,
        "step": "quiet",
        "proven": False,
        "todo": [
            "then: cockpit webhooks next",
            "cockpit users import --live-source says that it goes on changing",
        ],
    },
)
"""What the last look at the source came to."""


class Backlog:
    """The webhooks of one seeded state. `ago` makes a time of seconds before now."""

    def __init__(
        self,
        db: sqlite3.Connection,
        state: Path,
        held: ExitStack,
        operator: str,
        ago: Callable[[float], int],
    ) -> None:
        self._db, self._state, self._held, self._operator, self._ago = db, state, held, operator, ago

    def quieted(self, *, ended: bool) -> None:
        """Both sides are off; the proof that the source is quiet has `ended`, or is young."""
        for_quiet = 5 * HOUR if ended else 13_600
        self._say(
            "baseline", "proven", 9 * HOUR, "3 endpoints at WorkOS, 2 on; 212.4 events an hour at the tank"
        )
        said = "every endpoint disabled in the dashboard, two of them pointed at the tank"
        self._say("legacy_off", "attested", 7 * HOUR, said, 24)
        self._say("legacy_off", "proven", 6 * HOUR, "they go to the tank: 412 events since ada said so", 24)
        shown = "WorkOS shows 3 endpoints, none of them on; a canary's event is in /events only"
        self._say("workos_off", "proven", 6 * HOUR - 60, shown, 24)
        looks = "1,200 users, the last change at 2026-11-23 08:02:11 UTC, the same in two looks 11 min apart"
        self._say("quiet", "proven", for_quiet, looks, 4)

    def decided(self) -> None:
        """From the import to the decision what becomes of the backlog."""
        done: Mapping[Step, str] = {
            "import": "1,200 users are there, and the diff is clean",
            "cutover": "a sign-in through conn_01JD0001 went through WorkOS",
            "event_flow": "212 events came both ways; lag p50 0.8 s, p95 2.1 s",
        }
        for number, (step, says) in enumerate(done.items()):
            self._say(step, "proven", 400 - 60 * number, says)
        self._say("backlog", "attested", 200, "drain users and organizations, sessions are of no use")
        held = "2,600 events held: 1,040 user.updated, 520 session.created, 520 user.created"
        self._say("backlog", "proven", 180, f"{held}; ada: drain users and organizations")

    def _say(self, step: Step, what: What, ago: float, says: str, hours: int | None = None) -> None:
        life = None if hours is None else hours * HOUR * 1_000
        with transaction(self._db):
            webhook_steps.record(
                *(self._db, step, what, self._operator, self._ago(ago), says),
                life_ms=life,
                detail={"last_write": self._ago(ago)},
            )

    def fill(self, *, drained: bool) -> None:
        """A tank that is up and holds events of Clerk's; where it is drained, of WorkOS's, too."""
        tank = open_state(beside(self._state), create=True, kind=TANK)
        sources = {"clerk": "standard", **({"workos": "workos"} if drained else {})}
        with transaction(tank):
            arrivals.listening(tank, sources, "127.0.0.1:8788", self._ago(8 * HOUR))
            came = [*self._clerk()]
            arrivals.keep(tank, came)
            arrivals.keep(tank, came[-31:])
            refused = {("clerk", "no signature that matches"): 12, ("clerk", "no id or no timestamp"): 3}
            arrivals.refused(tank, refused, self._ago(190))
            if drained:
                arrivals.keep(tank, [*self._workos()])
        if drained:
            self._settle(tank)
        tank.close()
        self._held.enter_context(lock.held(beside(self._state), "tank"))

    def _clerk(self) -> Iterator[Arrival]:
        for number in range(HELD):
            type_ = CLASSES[number % len(CLASSES)]
            data = {"id": f"{type_.partition('.')[0]}_{number % 400:04}", "note": "x" * 20, "token": "unseen"}
            body = json.dumps({"type": type_, "data": data, "timestamp": self._ago(7_000 - number)}).encode()
            headers = {"svix-id": f"msg_{number:06}", "content-type": "application/json"}
            came = self._ago(7 * HOUR * (1 - number / HELD) + 2)
            yield Arrival("clerk", *classify(headers, body), came, json.dumps(headers), body)

    def _workos(self) -> Iterator[Arrival]:
        for number, event in enumerate(self._followed()):
            if number not in (30, 31) and number < LAST_BY_WEBHOOK:
                came = event.at + 600 + number % 40 * 50
                headers = {"content-type": "application/json"}
                body = event.body.encode()
                yield Arrival("workos", *classify(headers, body), came, json.dumps(headers), body)

    def _settle(self, tank: sqlite3.Connection) -> None:
        """Some were sent, some refused, sessions discarded."""
        with transaction(tank):
            deliveries.discard(tank, ["clerk"], ["session.created"], 0, self._ago(150), "of no use")
            for claim in deliveries.claim(tank, ["clerk"], 0, DRAINED, 1, self._ago(80)):
                outcome = Outcome(claim.id, "delivered", 1, 200)
                if claim.id in DEAD:
                    outcome = Outcome(claim.id, "dead", 5, *DEAD[claim.id])
                deliveries.settle(tank, [outcome], 1, self._ago(60))

    def standing(self, job: int) -> None:
        """How the drain stands."""
        tank = open_state(beside(self._state), kind=TANK)
        with transaction(tank):
            standing.write(
                tank, Standing(job, DRAIN["to"], "closed", 42.4, 50.0, 38.0, 121.0, self._ago(0.4))
            )
        tank.close()

    def follow(self) -> None:
        """WorkOS's events, as they were followed."""
        with transaction(self._db):
            events.commit(self._db, [*self._followed()], f"event_01JD{EVENTS - 1:04}", self._ago(2))

    def _followed(self) -> Iterator[Event]:
        outcomes: tuple[SignIn, ...] = (
            *("started", "succeeded", "started", "failed", "started", "succeeded"),
        )
        for number in range(EVENTS):
            outcome = outcomes[number % len(outcomes)]
            name = f"authentication.sso_{outcome}"
            connection = f"conn_01JD{number // 2 % 6 + 1:04}"
            data: dict[str, Any] = {"email": f"user{number // 2}@acme.example", "token": "unseen"}
            data["sso"] = {"connection_id": connection, "session_id": f"sess_{number // 2}"}
            if outcome == "failed":
                data["error"] = {"code": "idp_response_invalid", "message": "the assertion has ended"}
            at = self._ago(500 - 2 * number)
            ident = f"event_01JD{number:04}"
            body = json.dumps({"id": ident, "event": name, "data": data, "created_at": at})
            yield Event(ident, name, at, connection, f"org_01JD{number % 5:04}", outcome, body)
