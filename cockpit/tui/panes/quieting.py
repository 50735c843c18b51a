"""What a person does about webhooks on the screen: prove, attest, drain, discard, redrive, follow."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from cockpit.jobs.drain import plan
from cockpit.jobs.drain.choices import Choices
from cockpit.jobs.drain.plan import Plan
from cockpit.state.database import open_readonly
from cockpit.state.jobs import JobKind
from cockpit.state.tank import tap
from cockpit.tui import reasons, text
from cockpit.tui.commands import Refused
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.viewed import ViewedPane
from cockpit.tui.screens.drain import DrainForm
from cockpit.tui.situation import pausing
from cockpit.tui.webhooks import classes, questions, steps
from cockpit.tui.webhooks.classes import Numbered
from cockpit.tui.webhooks.decisions import Decisions
from cockpit.tui.webhooks.seen import EMPTY, Class
from cockpit.tui.webhooks.steps import Course
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.table import Table
from cockpit.webhooks.sequence import STEPS, TITLES, Step
from cockpit.words import counted


class Quieting(ViewedPane):
    """The handlers of actions on webhooks. Each takes the ids of what it is about before it asks."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.decisions = Decisions(host.commands)
        self.seen = EMPTY
        self.course: Course | None = None
        self.numbered = Numbered()
        self.steps = Table(steps.COLUMNS, name="steps")
        self.by_class = Table(classes.COLUMNS, name="classes", empty="nothing came yet")
        self.letters = Browser(host.poller.tank, name="dead", nothing="no dead letters")

    @property
    def step(self) -> Step | None:
        """The step under the cursor."""
        cursor = self.steps.cursor
        return STEPS[cursor - 1] if cursor is not None else None

    def _ask(self, work: Callable[[], object]) -> None:
        self.run_worker(work, group="ask", exclusive=True, exit_on_error=False)

    def _start(self, kind: JobKind, args: Mapping[str, Any]) -> None:
        self.host.perform(lambda: self.host.commands.start(kind, args))

    def act(self) -> None:
        """Say what would be done for the step under the cursor, then do it."""
        situation, step, course = self.host.situation(), self.step, self.course
        if step is None or course is None:
            return
        standing = course.found[step]
        why = "this cockpit was opened read-only" if situation.read_only else ""
        why = why or reasons.at_work(situation.snapshot, "webhooks")
        if not why and standing.blocked_by:
            why = f"waits for {' and '.join(TITLES[one] for one in standing.blocked_by)}"
        if why:
            self.host.say(f"{TITLES[step]}: {why}", bad=True)
            return
        provider = situation.source
        again = "Proven already; this proves it again. " if standing.is_passed else ""
        self.host.confirm(
            f"{steps.number(step)} {TITLES[step]}",
            again + questions.act(step, provider, self.host.commands.given.proofs),
            questions.verb(step, provider),
            lambda: self._start("webhooks", {"step": step}),
        )

    def do_attest(self) -> None:
        """Ask what was done."""
        self._ask(self._attest)

    async def _attest(self) -> None:
        step, course = self.step, self.course
        if step is None or course is None:
            return
        life = self.host.commands.given.proofs.life_ms.get(step)
        ask = questions.attest(f"{steps.number(step)} {TITLES[step]}", course.found[step], life)
        if why := await self.app.push_screen_wait(ask):
            self.host.perform(lambda: self.decisions.attest(step, why))

    def do_start_drain(self) -> None:
        """Go on after a pause, or ask where to and start."""
        snapshot = self.host.situation().snapshot
        view = snapshot.job("drain")
        if view is not None and pausing(snapshot, "drain"):
            job = view.job
            self.host.perform(lambda: self.host.commands.resume(job))
        else:
            self._ask(self._drain)

    async def _drain(self) -> None:
        tank = self.seen.tank
        if tank is None:
            return
        known = sorted(tank.sources)
        usual = [name for name in known if name != tap.TARGET] or known
        last = self.host.situation().snapshot.job("drain")
        before = last.job.args if last is not None else {}
        found = await self.app.push_screen_wait(DrainForm(known, usual, before, self._planned))
        if found is None:
            return
        args = {name: value for name, value in found.items() if name != "counted"}
        names = {"coalesce": "what newer events say", "skip_stale": "what was imported"}
        left_out = [said for name, said in names.items() if args[name]]
        self.host.confirm(
            f"Send {counted(found['counted'], 'event')}?",
            f"From {', '.join(args['sources'])} to {text.line(args['to'], 200)}, at most {args['rate']:g} a "
            f"second, each signed anew, in the order of each user; {' and '.join(left_out) or 'nothing'} "
            "left out. An event can't be taken back. p pauses, [ slows, X ends it; what is not sent stays "
            "held.",
            "Send",
            lambda: self._start("drain", args),
        )

    async def _planned(self, to: str, choices: Choices) -> Plan:
        state = self.host.commands.state

        def count(tank: sqlite3.Connection) -> Plan:
            if why := plan.refusal(tank, to):
                raise Refused(why)
            connection = open_readonly(state)
            try:
                return plan.plan(tank, connection, choices)
            finally:
                connection.close()

        return await self.host.poller.tank.ask(count)

    def do_discard(self) -> None:
        """Say which classes, ask why, ask for the word."""
        self._ask(self._discard)

    async def _discard(self) -> None:
        chosen = self._chosen()
        if not chosen:
            self.host.say("nothing of this is held", bad=True)
            return
        why = await self.app.push_screen_wait(questions.discarded(chosen))
        if why and await self.app.push_screen_wait(questions.sure(chosen, why)):
            self.by_class.marked.clear()
            self.by_class.refresh()
            self.host.perform(lambda: self.decisions.discard(chosen, why))

    def _chosen(self) -> dict[Class, int]:
        """The marked classes, else the one under the cursor, with what is held of each."""
        tank, cursor = self.seen.tank, self.by_class.cursor
        ids = sorted(self.by_class.marked) or ([cursor] if cursor is not None else [])
        named = [one for id_ in ids if (one := self.numbered.of(id_)) is not None]
        held = {one: tank.classes[one].held for one in named if one in tank.classes} if tank else {}
        return {one: n for one, n in held.items() if n}

    def do_redrive(self) -> None:
        """Ask whether these or all are held again."""
        self._ask(self._redrive)

    async def _redrive(self) -> None:
        cursor = self.letters.cursor
        ids = sorted(self.letters.marked) or ([cursor] if cursor is not None else [])
        if not ids:
            return
        row = self.letters.row(ids[0])
        asked = questions.redrive(len(ids), row.name if row is not None else "", self.seen.dead)
        answer = await self.app.push_screen_wait(asked)
        if answer:
            self.letters.unmark()
            self.host.perform(lambda: self.decisions.redrive(None if answer == "all" else ids))

    def do_follow(self) -> None:
        """Follow WorkOS's events, by a job that outlives the cockpit."""
        self._start("events", {"once": False})

    def do_previous_event(self) -> None:
        """The event before."""
        self.do_previous()
