"""What people do to the rollout. Called in a worker thread, audited; each says what it did, or is Refused.

What takes logins back needs rollout.db and nothing else: the state may be locked, damaged or gone.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cockpit.jobs.rollout import approve, board, flip, kill, waves
from cockpit.rollout.checklist import DASHBOARD
from cockpit.rollout.flip import FlipRefused
from cockpit.rollout.waves import Act, WaveRefused
from cockpit.state.database import explain, open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside, ticks
from cockpit.state.rollout import waves as wave_rows
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import MoveRefused, NotThere
from cockpit.tui import outside, text
from cockpit.tui.commands import Commands, Refused
from cockpit.words import counted


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts of one operator."""

    commands: Commands

    def level(self) -> str:
        """Take over what is known of connections by now."""
        with self.commands.refusing(), board.both(self.commands.state, self.commands.now):
            return "the board is level with the connections"

    def kill(self, idents: Sequence[str], *, hard: bool = False) -> str:
        """Logins back to legacy, from the next request on."""
        commands = self.commands
        with self._refusing():
            killed = kill.kill(
                commands.state, idents, operator=commands.operator, clock=commands.clock, hard=hard
            )
        return killed.words(idents, hard=hard)

    def kill_all(self, *, hard: bool = False) -> str:
        """Everybody's logins back to legacy; flips are disarmed, waves halt."""
        commands = self.commands
        with self._refusing():
            killed = kill.kill_all(
                commands.state, operator=commands.operator, clock=commands.clock, hard=hard
            )
        return killed.words((), hard=hard)

    def cancel(self, ident: str) -> str:
        """Take back a flip that is armed or under way."""
        with self._opened() as rollout:
            ended = flip.cancel(rollout, ident, self.commands.operator, self.commands.now)
        return f"{ident}: {ended.stage}"

    def release(self, idents: Sequence[str], why: str) -> str:
        """Let held connections take part again."""
        with self._opened() as rollout:
            flip.release(rollout, idents, self.commands.operator, self.commands.now, why)
        return f"{_who(idents)}: legacy again, f flips"

    def approve(self, idents: Sequence[str]) -> str:
        """Agree that somebody else flips these."""
        return self._approve(idents, _who(idents))

    def approve_wave(self, name: str) -> str:
        """Agree that somebody else starts a wave."""
        return self._approve([waves.subject(name)], f"wave {name}")

    def _approve(self, subjects: Sequence[str], what: str) -> str:
        commands = self.commands
        with self._opened() as rollout:
            until = approve.approve(
                rollout, subjects, commands.operator, commands.given.rollout, commands.now
            )
        return f"{what}: approved by {commands.operator} until {text.day(until)}, for somebody else"

    def move(self, idents: Sequence[str], name: str) -> str:
        """Put connections into another wave that has not started, all or none."""
        with self._opened() as rollout, transaction(rollout):
            for ident in idents:
                wave_rows.reassign(rollout, ident, name, Actor(self.commands.operator), self.commands.now)
        return f"{_who(idents)}: wave {name}"

    def drop(self, idents: Sequence[str]) -> str:
        """Leave connections out of the waves, all or none."""
        with self._opened() as rollout, transaction(rollout):
            for ident in idents:
                wave_rows.drop(rollout, ident, Actor(self.commands.operator), self.commands.now)
        return f"{_who(idents)}: in no wave"

    def tick(self, ident: str, note: str) -> str:
        """Somebody saw its session in the dashboard."""
        with self._opened() as rollout, transaction(rollout):
            ticks.tick(rollout, ident, DASHBOARD, self.commands.operator, self.commands.now, note)
        return f"{ident}: seen in the dashboard by {self.commands.operator}"

    def plan(self) -> str:
        """Lay the waves out, by risk."""
        commands = self.commands
        with self._refusing(), board.both(commands.state, self.commands.now) as (state, rollout):
            waves.plan(state, rollout, commands.given.rollout, commands.operator, self.commands.now)
            sizes = [
                f"{wave.name} {len(wave_rows.members(rollout, wave.name))}"
                for wave in wave_rows.listed(rollout)
            ]
        return f"waves laid out: {', '.join(sizes)}; nothing moves before one is started"

    def wave(self, name: str, doing: Act) -> str:
        """Hold or resume a wave."""
        with self._opened() as rollout, transaction(rollout):
            actor = Actor(self.commands.operator)
            state = wave_rows.act(rollout, name, doing, actor, self.commands.now)
        return f"wave {name}: {state}"

    def abort(self, name: str) -> str:
        """Take a wave back with all that it flipped."""
        with self._opened() as rollout:
            back = waves.abort(rollout, name, self.commands.operator, self.commands.now, None)
        return f"wave {name}: aborted, {counted(len(back), 'connection')} back to legacy"

    async def flip(self, ident: str, why: str | None) -> str:
        """Send the logins of one connection to WorkOS, now."""
        told = await self._outside("flip", "--json", *_override(why), "--", ident)
        made: dict[str, Any] = json.loads(told)
        watched = "" if made["watched"] else "; nobody watches it: s starts the watch"
        return f"{ident}: {made['stage']}; ! takes it back at once{watched}"

    async def arm(self, idents: Sequence[str], why: str | None) -> str:
        """Leave flips to the watch, one after the other."""
        refused = []
        for ident in idents:
            try:
                await self._outside("flip", "--arm", "--json", *_override(why), "--", ident)
            except Refused as error:
                refused.append(f"{ident}: {error}")
        if len(refused) == len(idents):
            raise Refused("; ".join(refused))
        armed = counted(len(idents) - len(refused), "connection")
        return "; ".join([f"{armed} armed; the watch flips them one by one", *refused])

    async def start(self, name: str, why: str | None) -> str:
        """Start a wave."""
        told = await self._outside("wave", "start", *_override(why), "--", name)
        return text.line(told.strip().splitlines()[0], 200)

    async def ask(self, idents: Sequence[str]) -> None:
        """Have WorkOS asked how connections stand there."""
        await self._outside("ask", "--", *idents)

    async def _outside(self, *words: str) -> str:
        with self.commands.refusing():
            return await outside.run(self.commands, "rollout", *words, outlives=words[0] != "ask")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._refusing():
            rollout = open_state(beside(self.commands.state), kind=ROLLOUT)
            try:
                yield rollout
            finally:
                rollout.close()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """As `refusing` of the commands, for what the rollout's own functions raise."""
        with self.commands.refusing():
            try:
                yield
            except sqlite3.DatabaseError as error:
                raise Refused(str(explain(error, beside(self.commands.state)))) from error
            except (FlipRefused, WaveRefused, MoveRefused, NotThere) as error:
                raise Refused(str(error)) from error


def _who(idents: Sequence[str]) -> str:
    return idents[0] if len(idents) == 1 else counted(len(idents), "connection")


def _override(why: str | None) -> tuple[str, ...]:
    return ("--override", why) if why is not None else ()
