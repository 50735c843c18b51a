"""What a person does to the rollout on the screen: flip, kill, waves, ticks."""

import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from cockpit.jobs.rollout.overview import Line
from cockpit.rollout.waves import WaveRefused
from cockpit.state.database import StateError, open_readonly
from cockpit.state.rollout import ROLLOUT, beside
from cockpit.tui import text
from cockpit.tui.commands import Refused
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.rollout import allowed, gates, questions
from cockpit.tui.rollout.acts import Acts
from cockpit.tui.rollout.board import Board
from cockpit.tui.rollout.gates import Gate
from cockpit.tui.screens.chord import Chord
from cockpit.tui.screens.flip import Decided, FlipForm, Going

T = TypeVar("T")

SOFT, HARD = "exclamation_mark", "H"
ASKED = "WorkOS was asked just now"
ASKING = "asking WorkOS how it stands there…"


class Flipping(Pane):
    """The handlers. Each takes the ids of what it is about when the key is pressed, before it asks."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.acts = Acts(host.commands)
        self.board: Board | None = None

    @property
    def current(self) -> str | None:
        """The id of the connection that is meant: the open one, else the one under the cursor."""
        raise NotImplementedError

    @property
    def marked(self) -> list[str]:
        """The ids of those that are marked; an open one is meant alone."""
        raise NotImplementedError

    def unmark(self) -> None:
        """What the marks were for is done."""
        raise NotImplementedError

    def note(self, said: str) -> None:
        """Leave word on the pane of what was done last."""
        raise NotImplementedError

    @property
    def chosen(self) -> list[str]:
        """The marked connections, else the current one."""
        return self.marked or ([self.current] if self.current is not None else [])

    def _lines(self, idents: Sequence[str]) -> list[Line]:
        found = (self.board.line(ident) for ident in idents) if self.board is not None else ()
        return [line for line in found if line is not None]

    def _do(self, command: Callable[[], str]) -> None:
        """Run it at once in a thread; what it did stands on the pane."""

        def noted() -> str:
            said = command()
            self.app.call_from_thread(self.note, said)
            return said

        self.host.perform(noted)

    def _outside(self, work: Callable[[], Awaitable[str]]) -> None:
        """Have a command of its own do it. Leaving the dialog or the pane does not stop it."""
        self.run_worker(self._told(work), group="outside", exit_on_error=False)

    async def _told(self, work: Callable[[], Awaitable[str]]) -> None:
        try:
            said = await work()
        except Refused as error:
            self.host.say(str(error), bad=True)
        else:
            self._do(lambda: said)

    def _ask(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, group="ask", exclusive=True, exit_on_error=False)

    def do_kill(self) -> None:
        """This one back to legacy."""
        self._kill(hard=False)

    def do_hard_kill(self) -> None:
        """This one back to legacy, with what is under way."""
        self._kill(hard=True)

    def _kill(self, *, hard: bool) -> None:
        if (ident := self.current) is not None:
            self._do(lambda: self.acts.kill([ident], hard=hard))

    def do_kill_all(self) -> None:
        """Wait for the second key of the chord."""

        def pressed(key: str | None) -> None:
            if key:
                self._do(lambda: self.acts.kill_all(hard=key == HARD))

        does = "every connection back to legacy, at once"
        keys = {SOFT: does, HARD: f"{does}, with the logins that are under way"}
        self.app.push_screen(Chord("Kill all", keys), pressed)

    def do_hold(self) -> None:
        """Hold the wave that runs."""
        if (running := allowed.under_way(self.board)) is not None:
            name = running.wave.name
            self._do(lambda: self.acts.wave(name, "hold"))

    def do_cancel_flip(self) -> None:
        """Take its open flip back."""
        if (ident := self.current) is not None:
            self._do(lambda: self.acts.cancel(ident))

    def do_watch(self) -> None:
        """Start the watch."""
        self.host.perform(lambda: self.host.commands.start("rollout", {}))

    def do_flip(self) -> None:
        """Show what will happen and what stands against it; ask."""
        chosen = self.chosen
        self._ask(self._flip(chosen))

    async def _flip(self, chosen: list[str]) -> None:
        commands = self.host.commands

        def known(state: sqlite3.Connection, rollout: sqlite3.Connection) -> list[Gate]:
            rules, now = commands.given.rollout, commands.now
            return gates.of_connections(state, rollout, chosen, commands.operator, rules, now)

        decided = await self._decide(questions.going(self._lines(chosen)), chosen, known)
        if decided is None:
            return
        self.unmark()
        if decided.how == "flip":
            self._outside(lambda: self.acts.flip(chosen[0], decided.why))
        else:
            self._outside(lambda: self.acts.arm(chosen, decided.why))

    async def _decide(
        self,
        going: Going,
        idents: Sequence[str],
        known: Callable[[sqlite3.Connection, sqlite3.Connection], list[Gate]],
    ) -> Decided | None:
        """The form, with gates as they are known, and again once WorkOS was asked."""
        found = await self._read(known)
        if found is None:
            return None
        form = FlipForm(going, found, ASKING)
        asking = self.run_worker(self._ask_workos(form, idents, known), group="outside", exit_on_error=False)
        try:
            return await self.app.push_screen_wait(form)
        finally:
            asking.cancel()

    async def _ask_workos(
        self,
        form: FlipForm,
        idents: Sequence[str],
        known: Callable[[sqlite3.Connection, sqlite3.Connection], list[Gate]],
    ) -> None:
        said = ASKED
        try:
            await self.acts.ask(idents)
        except Refused as error:
            said = f"WorkOS was not asked, what it said before counts: {error}"
        found = await self._read(known)
        if found is not None and form.is_running:
            form.show_gates(found, text.line(said, 300))

    async def _read(self, question: Callable[[sqlite3.Connection, sqlite3.Connection], T]) -> T | None:
        """Of both files, in the thread for lists."""
        path = self.host.commands.state

        def both(state: sqlite3.Connection) -> T:
            rollout = open_readonly(beside(path), kind=ROLLOUT)
            try:
                return question(state, rollout)
            finally:
                rollout.close()

        try:
            return await self.host.poller.ask(both)
        except (StateError, WaveRefused) as error:
            self.host.say(str(error), bad=True)
            return None

    def do_approve(self) -> None:
        """Ask, then agree that somebody else flips these."""
        chosen = self.chosen
        if found := self._lines(chosen):

            def approved() -> None:
                self.unmark()
                self._do(lambda: self.acts.approve(chosen))

            self.host.confirm("Approve?", questions.approval(found), "Approve", approved)

    def do_move(self) -> None:
        """Ask which wave takes these."""
        chosen = self.chosen
        self._ask(self._move(chosen))

    async def _move(self, chosen: list[str]) -> None:
        planned = allowed.planned(self.board)
        answer = await self.app.push_screen_wait(questions.move(self._lines(chosen), planned))
        if answer:
            self.unmark()
        if answer == "drop":
            self._do(lambda: self.acts.drop(chosen))
        elif answer:
            name = planned[int(answer.removeprefix("to_"))]
            self._do(lambda: self.acts.move(chosen, name))

    def do_waves(self) -> None:
        """Say how the waves stand, and ask."""
        self._ask(self._waves())

    async def _waves(self) -> None:
        if self.board is None:
            return
        found = self.board.overview.waves
        present = allowed.under_way(self.board)
        following = next((each for each in found if each.wave.state == "planned" and each.members), None)
        answer = await self.app.push_screen_wait(
            questions.waves(found, present, following, two_person=self.host.commands.given.rollout.two_person)
        )
        match answer:
            case "plan":
                self._do(self.acts.plan)
            case "start" if following is not None:
                await self._start(following.wave.name)
            case "approve" if following is not None:
                name = following.wave.name
                self._do(lambda: self.acts.approve_wave(name))
            case "abort" if present is not None:
                name = present.wave.name
                self._do(lambda: self.acts.abort(name))
            case "hold" if present is not None:
                name = present.wave.name
                self._do(lambda: self.acts.wave(name, "hold"))
            case "resume" if present is not None:
                self._resume(present.wave.name)

    def _resume(self, name: str) -> None:
        self._do(lambda: self.acts.wave(name, "resume"))
        if not self.host.situation().snapshot.at_work("rollout"):
            self.do_watch()

    async def _start(self, name: str) -> None:
        commands = self.host.commands

        def examined(state: sqlite3.Connection, rollout: sqlite3.Connection) -> tuple[list[Gate], list[str]]:
            rules, now = commands.given.rollout, commands.now
            return gates.of_wave(state, rollout, name, commands.operator, rules, now)

        found = await self._read(examined)
        wave = (
            next((each for each in self.board.overview.waves if each.wave.name == name), None)
            if self.board
            else None
        )
        if found is None or wave is None:
            return
        _, to_arm = found
        going = questions.going_in_wave(wave, self._lines(to_arm))
        decided = await self._decide(going, to_arm, lambda state, rollout: examined(state, rollout)[0])
        if decided is not None:
            self._outside(lambda: self.acts.start(name, decided.why))

    def do_tick(self) -> None:
        """Ask what was seen."""
        found = self._lines([self.current] if self.current is not None else [])
        if found:
            self._ask(self._tick(found[0]))

    async def _tick(self, line: Line) -> None:
        target = line.row.described.route.target_id or ""
        address = self.host.commands.given.rollout.dashboard.format(connection=target)
        if note := await self.app.push_screen_wait(questions.tick(line, address)):
            self._do(lambda: self.acts.tick(line.connection, note))

    def do_release(self) -> None:
        """Ask why."""
        held = [line for line in self._lines(self.chosen) if line.column == "held"]
        if held:
            self._ask(self._release(held))
        else:
            self.host.say("none of these is held", bad=True)

    async def _release(self, held: Sequence[Line]) -> None:
        if why := await self.app.push_screen_wait(questions.release(held)):
            self.unmark()
            self._do(lambda: self.acts.release([line.connection for line in held], why))
