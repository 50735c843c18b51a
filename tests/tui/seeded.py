"""State files as a migration leaves them, built by the state's own functions under a fixed clock."""

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from cockpit.clock import boot_id, millis
from cockpit.jobs import lock
from cockpit.records import Password, User
from cockpit.rules.lint import RULES
from cockpit.state import (
    audit,
    diffs,
    exports,
    jobs,
    journal,
    lint,
    meta,
    password_plan,
    resets,
    resources,
    samples,
    users,
)
from cockpit.state.claims import RESETS, USERS, UserClaim
from cockpit.state.database import open_state, transaction
from cockpit.state.diffs import Finding
from cockpit.state.errors import Failure
from cockpit.state.jobs import JobKind
from cockpit.state.journal import Outcome
from cockpit.state.samples import Sample
from cockpit.terms import KINDS, OpState, Page, RawItem
from cockpit.tui.app import CockpitApp
from cockpit.tui.given import Given
from cockpit.tui.poller import Poller
from tests.clocks import FakeClock
from tests.tui.tenants import Tenants

Scene = Literal["empty", "running", "throttled", "stale", "clean", "stopped", "leading", "resetting"]
SCENES: tuple[Scene, ...] = get_args(Scene)
"""running, throttled, stale: an import is at work. stopped: it was, and nothing is. leading: it is one of a
run's. resetting: reset e-mails go out."""

NOW = 1_795_443_667.0
"""2026-11-23 14:21:07 UTC."""
BATCH = 10
PAGE = 60
PEOPLE = 1200
OPERATOR = "ada"

FIRST = ("Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Niklaus", "Margaret")
LAST = ("Moreau", "Okafor", "Lindqvist", "Tanaka", "Rossi", "Novak", "Silva", "Haddad", "Jensen")

REFUSED = (
    Failure(
        "fixable",
        "422:metadata_too_long",
        "metadata value too long",
        "metadata.plan must be at most 600 characters",
        status=422,
        code="metadata_too_long",
        attempts=1,
        request_id="req_01JD8M2",
        body=json.dumps(
            {
                "code": "metadata_too_long",
                "message": "metadata.plan must be at most 600 characters",
                "errors": [{"field": "metadata.plan", "code": "too_long"}],
            }
        ),
    ),
    Failure(
        "conflict",
        "409:email_taken",
        "e-mail is taken by a user that we did not bring",
        "A user with this email already exists",
        status=409,
        code="email_not_available",
        attempts=2,
        request_id="req_01JD8M3",
        body=json.dumps({"code": "email_not_available", "message": "A user with this email already exists"}),
    ),
    Failure(
        "transient",
        "503:unanswered",
        "no usable answer: HTTP 503",
        "the target answered 503 five times",
        status=503,
        attempts=5,
        body=json.dumps({"message": "Service Unavailable"}),
    ),
)
BLOCKED = Failure(
    "fixable",
    "lint:email_syntax",
    "not an e-mail address",
    "ada.moreau@@acme has no domain",
    code="email_syntax",
)


UNSENT = Failure(
    "permanent",
    "reset:user_not_found",
    "password reset: no such user",
    "no user has this e-mail",
    status=404,
    code="entity_not_found",
    attempts=1,
)


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
        connection="Username-Password-Authentication",
        password=password,
    )


@dataclass
class Seeded:
    """A seeded state; `close` gives the locks of its jobs back."""

    path: Path
    clock: FakeClock
    held: ExitStack

    def app(self, *, read_only: bool = False, interval: float | None = None) -> CockpitApp:
        """The cockpit over it; nothing moves unless told."""
        given = Given(source="auth0", batch_size=BATCH, mailer="workos")
        poller = Poller(self.path, self.clock, given=given, interval=interval)
        return CockpitApp(
            self.path,
            operator=OPERATOR,
            given=given,
            host="migrator",
            clock=self.clock,
            read_only=read_only,
            poller=poller,
        )

    def close(self) -> None:
        """As if the jobs ended."""
        self.held.close()


def seed(folder: Path, scene: Scene) -> Seeded:
    """A migration in one of its states."""
    seeded = Seeded(folder / "cockpit.db", FakeClock(NOW), ExitStack())
    if scene != "empty":
        _Migration(seeded).play(scene)
    return seeded


class _Migration:
    """Plays a migration forward, with the moments of its day."""

    def __init__(self, seeded: Seeded) -> None:
        self.seeded = seeded
        self.db = open_state(seeded.path, create=True)
        self.now = millis(NOW)

    def play(self, scene: Scene) -> None:
        """Export and lint are done in every scene; the import stands where the scene says."""
        with transaction(self.db):
            meta.put(self.db, "bound.source", "auth0:acme.us.auth0.com")
            meta.put(self.db, "bound.target", "https://api.workos.com#4f1d09ab")
        tenants = Tenants(self.db, BATCH, self._ago)
        self._export(tenants)
        self._lint(blocked=scene != "clean")
        tenants.lint(well=scene == "clean")
        tenants.import_organizations()
        if scene == "clean":
            self._import(PEOPLE, refuse=False)
            tenants.import_the_rest()
            self._job(
                "import", 1_900, ended=600, total=PEOPLE, done=PEOPLE, says="1,200 users are at the target"
            )
            self._diff(clean=True)
        else:
            self._import(760, refuse=True)
            tenants.import_the_rest(200)
            self._decide()
            self._diff(clean=False)
            if scene == "leading":
                self._at_work("run", "import: within limit", began=4_100, eta=4_980.0)
            if scene == "resetting":
                self._at_work("reset", "within limit", began=60, eta=14.0, done=6, total=20)
            elif scene != "stopped":
                self._importing(scene)
        self.db.close()

    def _ago(self, seconds: float) -> int:
        return self.now - millis(seconds)

    def _export(self, tenants: Tenants) -> None:
        with transaction(self.db):
            export = exports.begin(self.db, self._ago(4_000))
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
            with transaction(self.db):
                exports.commit_page(self.db, export.id, page, BATCH, self._ago(3_900 - start / 10))
        with transaction(self.db):
            exports.complete(self.db, export.id, "complete", 0, self._ago(3_700))
        tenants.export(raw, PEOPLE)
        self._job("export", 4_000, ended=3_700, total=PEOPLE, done=PEOPLE, says="1,200 users in 20 pages")

    def _lint(self, *, blocked: bool) -> None:
        with transaction(self.db):
            waiting = users.unmapped(self.db, 0, PEOPLE)
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
            users.save(self.db, pairs)
            found = [
                (404, "email_syntax", "error", "email", "two @ in one address"),
                (811, "email_syntax", "error", "email", "two @ in one address"),
                (57, "email_not_ascii", "warning", "email", "é beyond ASCII"),
                *(_loses(subject, "sms") for subject in range(20, PEOPLE, 35)),
                *(_loses(subject, "passkey") for subject in range(33, PEOPLE, 140)),
            ]
            told = [*(found if blocked else found[2:]), *unverified]
            lint.replace(self.db, [row.id for row in waiting], told)
        self._job(
            "lint",
            3_690,
            ended=3_680,
            total=PEOPLE,
            done=PEOPLE,
            says=f"{2 if blocked else 0} users blocked by a rule",
        )

    def _job(self, kind: JobKind, began: float, *, ended: float, total: int, done: int, says: str) -> int:
        with transaction(self.db):
            job = jobs.create(self.db, kind, {}, OPERATOR, self._ago(began))
            audit.record(self.db, OPERATOR, f"{kind}.start", f"job {job}", self._ago(began))
            jobs.started(self.db, job, 4_200 + job, boot_id(), 1.0, self._ago(began))
            jobs.beat(
                self.db,
                job,
                state="running",
                reason="",
                beat=1.0,
                done=done,
                total=total,
                failed=0,
                rate=None,
                eta_s=None,
            )
            jobs.ended(self.db, job, "done", "", {"exit": 0, "message": says}, self._ago(ended))
            samples.notice(self.db, job, "info", f"{kind} done: {says}", self._ago(ended))
        return job

    def _import(self, upto: int, *, refuse: bool) -> None:
        with transaction(self.db):
            run = journal.next_run(self.db)
        sent = 0
        while sent < upto:
            with transaction(self.db):
                after = sent
                claimed = journal.claim(self.db, USERS, after, min(100, upto - sent), run, self._ago(900))
                outcomes = [self._outcome(one, refuse) for one in claimed]
                journal.settle(self.db, journal.USER, outcomes, run, BATCH, self._ago(900 - sent))
            sent += len(claimed)
        if refuse:
            with transaction(self.db):
                blocked = journal.claim(self.db, USERS, 810, 1, run, self._ago(3_680))
                failed = [Outcome(one.operation, one.subject, "failed", failure=BLOCKED) for one in blocked]
                journal.settle(self.db, journal.USER, failed, run, BATCH, self._ago(3_680))
                journal.claim(self.db, USERS, upto, 12, run, self._ago(0.4))

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

    def _decide(self) -> None:
        """E-mails for those without a hash; some of those who have arrived are written to already."""
        with transaction(self.db):
            lost = password_plan.groups(self.db, "ask")[0]
            password_plan.choose(self.db, lost, "email", OPERATOR, self._ago(800), None)
            resets.enlist(self.db, "ask")
            run = journal.next_run(self.db)
            claimed = journal.claim(self.db, RESETS, 0, 9, run, self._ago(700))
            states: list[OpState] = [*["imported"] * 7, "failed", "unknown"]  # type: ignore[list-item]
            outcomes = [
                Outcome(one.operation, one.subject, state, 1, failure=UNSENT if state == "failed" else None)
                for one, state in zip(claimed, states, strict=True)
            ]
            journal.settle(self.db, RESETS.kind, outcomes, run, BATCH, self._ago(690))

    def _diff(self, *, clean: bool) -> None:
        began = 500 if clean else 5_000
        with transaction(self.db):
            diff = diffs.begin(self.db, self._ago(began))
            if not clean:
                diffs.add(self.db, diff, _findings(resources.find(self.db, ["organization"], "org_0004")))
            diffs.finish(self.db, diff, PEOPLE, PEOPLE + (0 if clean else 2), self._ago(began - 60))
        verdict = "clean" if clean else "10 differences"
        self._job("diff", began, ended=began - 60, total=PEOPLE, done=PEOPLE, says=verdict)

    def _importing(self, scene: Scene) -> None:
        lag = 34.0 if scene == "stale" else 0.4
        throttled = scene == "throttled"
        job = self._at_work(
            "import",
            "429, retry after 7 s" if throttled else "within limit",
            began=1_000,
            lag=lag,
            rate=0.0 if throttled else 48.9,
            eta=None if throttled else 4_980.0,
        )
        with transaction(self.db):
            jobs.throttle(self.db, job, 50.0, OPERATOR, self._ago(600))
            jobs.acknowledge(self.db, job, "run", 50.0, self._ago(599))
            audit.record(
                self.db,
                OPERATOR,
                "import.throttle",
                f"job {job}",
                self._ago(600),
                before="auto",
                after="50/s",
            )
            for sample in _samples(scene, self.now - millis(lag)):
                samples.add(self.db, job, sample)
            samples.notice(self.db, job, "warn", "throttled: 429, retry after 10 s", self._ago(210))

    def _at_work(
        self,
        kind: JobKind,
        reason: str,
        *,
        began: float,
        lag: float = 0.4,
        rate: float | None = None,
        eta: float | None,
        done: int | None = None,
        total: int | None = None,
    ) -> int:
        """A job that lives; where nothing else is said, it is as far as the journal."""
        states = Counter[str]()
        for other in KINDS:
            states.update(journal.counts(self.db, other))
        whole = states.total()
        beat = self.seeded.clock.monotonic() - lag
        with transaction(self.db):
            job = jobs.create(self.db, kind, {}, OPERATOR, self._ago(began))
            audit.record(self.db, OPERATOR, f"{kind}.start", f"job {job}", self._ago(began))
            jobs.started(self.db, job, 4_238 + job, boot_id(), beat, self._ago(began))
            jobs.beat(
                self.db,
                job,
                state="running",
                reason=reason,
                beat=beat,
                done=whole - states["ready"] - states["sending"] if done is None else done,
                total=whole if total is None else total,
                failed=states["failed"],
                rate=rate,
                eta_s=eta,
            )
        # The lock is what says that a process lives; here this one stands in for it.
        self.seeded.held.enter_context(lock.held(self.seeded.path, kind))
        return job


def _loses(subject: int, factor: str) -> tuple[int, str, str, str, str]:
    return subject, "second_factor_lost", "warning", factor, "enrolled at the source"


def _samples(scene: Scene, end: int) -> Iterable[Sample]:
    shape = (12, 31, 44, 48, 49, 49, 48, 49, 47, 49)
    for number in range(200):
        dip = 120 <= number < 132
        rate = 4.0 if dip else float(shape[min(number, 9)] - number % 3)
        if scene == "throttled" and number > 190:
            rate = max(0.0, 48.0 - 6 * (number - 190))
        yield Sample(
            at=end - (199 - number) * 500,
            done=560 + number,
            failed=30,
            rate=rate,
            p50=41.0,
            p95=88.0,
            throttled=9 if scene == "throttled" else 2,
            in_flight=12,
            ceiling=50.0,
            state="running",
        )


def _findings(organization: int | None) -> list[Finding]:
    found = [
        Finding("missing", 620, raw(619).id, email(619), None, {"why": "imported, not at the target"}, True),
        Finding(
            "extra",
            None,
            None,
            "sso.robot@acme.example",
            "user_01JDEXTRA1",
            {"why": "not brought by this migration"},
            True,
        ),
        Finding("accepted", 811, raw(810).id, email(810), None, {"why": "skipped"}),
        Finding("deleted", 77, raw(76).id, email(76), None, {"why": "no longer at the source"}),
        Finding("changed", 31, raw(30).id, email(30), None, {"last_name": ["Tanaka", "Tanaka-Weiss"]}),
    ]
    who = raw(3).id
    found += [
        Finding(
            "missing",
            None,
            f"org_0003/{who}",
            email(3),
            None,
            {"why": "new at the source since the export"},
            thing="membership",
        ),
        Finding(
            "drifted",
            organization,
            "org_0004",
            "Hooli",
            "org_01JD000005",
            {"name": ["Hooli", "Hooli XYZ"]},
            thing="organization",
        ),
    ]
    for subject in (12, 140, 233):
        fields = {"first_name": [FIRST[(subject - 1) % 10], "X."], "email_verified": [True, False]}
        found.append(
            Finding(
                "drifted", subject, raw(subject - 1).id, email(subject - 1), f"user_01JD{subject:06d}", fields
            )
        )
    return found
