"""What a person does to the connections on the screen: check, override, create, mark, invite, link."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from cockpit.connections.plan import STRATEGIES
from cockpit.state import connections
from cockpit.state.connections import HANDOFFS, ConnectionRecord, ConnectionRow
from cockpit.state.database import StateError
from cockpit.state.jobs import JobKind
from cockpit.tui.commands import Refused
from cockpit.tui.connections import portal, questions
from cockpit.tui.connections.decisions import Decisions
from cockpit.tui.connections.rows import organizations
from cockpit.tui.connections.standing import NOTHING
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.screens.link import LinkShown
from cockpit.tui.screens.override import OverrideForm
from cockpit.tui.widgets.browser import Browser

T = TypeVar("T")


class HandingOver(Pane):
    """The handlers of actions on connections. Each takes the ids of what it is about before it asks."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.decisions = Decisions(host.commands)
        self.standing = NOTHING
        self.connections = Browser(
            host.poller, name="connections-list", nothing="no connections yet: e reads them from the source"
        )

    @property
    def marked(self) -> list[int]:
        """The marked connections; an open one is meant alone."""
        return sorted(self.connections.marked) if self.opened is None else self._current

    @property
    def chosen(self) -> list[int]:
        """The marked connections, else the one under the cursor."""
        return self.marked or self._current

    @property
    def _current(self) -> list[int]:
        cursor = self.connections.cursor
        return [cursor] if cursor is not None else []

    def _ask(self, work: Callable[[], object]) -> None:
        self.run_worker(work, group="ask", exclusive=True, exit_on_error=False)

    async def _read(self, question: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            return await self.host.poller.ask(question)
        except StateError as error:
            self.host.say(str(error), bad=True)
            return None

    async def _rows(self, wanted: Sequence[int]) -> list[ConnectionRow]:
        return await self._read(lambda connection: connections.rows(connection, wanted)) or []

    async def _record(self, ident: int) -> ConnectionRecord | None:
        return await self._read(lambda connection: connections.show(connection, ident))

    def _start(self, kind: JobKind, args: Mapping[str, Any]) -> None:
        self.host.perform(lambda: self.host.commands.start(kind, args))

    def do_read_connections(self) -> None:
        """Read them from the source."""
        self._start("export", {"source": self.host.situation().source, "kinds": ["connection"]})

    def do_check(self) -> None:
        """Hold them against the rules."""
        self._start("check", {"offline": False})

    def do_match(self) -> None:
        """See what exists at the target."""
        self._start("match", {"results": None})

    def do_override(self) -> None:
        """Open the form of a verdict against the check."""
        self._ask(self._override)

    async def _override(self) -> None:
        chosen = self.chosen
        rows = await self._rows(chosen)
        if not rows:
            return
        record = await self._record(chosen[0]) if len(chosen) == 1 else None
        shared = organizations(record.record) if record is not None else []
        decided = await self.app.push_screen_wait(OverrideForm(rows, self.standing, shared))
        if decided is not None:
            self.connections.unmark()
            self.host.perform(lambda: self.decisions.override(chosen, decided))

    def do_strategy(self) -> None:
        """Choose between portal and proxy."""
        self._ask(self._strategy)

    async def _strategy(self) -> None:
        answer = await self.app.push_screen_wait(questions.strategy(self.standing.plan))
        strategy = next((one for one in STRATEGIES if one == answer), None)
        if strategy is None:
            return
        if why := await self.app.push_screen_wait(questions.why_strategy(strategy)):
            self.host.perform(lambda: self.decisions.choose(strategy, why))

    def do_create(self) -> None:
        """Say what would be created, then create it."""
        self._ask(self._create)

    async def _create(self) -> None:
        marked, count = self.marked, self.standing.plan.capable
        if marked:
            count = sum(row.verdict == "transparent" for row in await self._rows(marked))
        if not count:
            self.host.say("none of these moves transparently; v overrides", bad=True)
            return
        args: dict[str, Any] = {"folder": str(self.decisions.folder), "template": "R3"}
        args |= {"connections": marked} if marked else {}
        says = questions.create(count, self.decisions.folder)
        if (against := questions.create_against(self.standing, says)) is None:
            self.host.confirm("Create connections?", says, "Create", lambda: self._start("create", args))
        elif why := await self.app.push_screen_wait(against):
            self._start("create", {**args, "override": why})

    def do_write_csv(self) -> None:
        """Say which files would be written, then write them."""
        self.host.confirm(
            "Write the CSV files?",
            questions.write_csv(self.standing.plan, self.decisions.folder),
            "Write",
            lambda: self.host.perform(self.decisions.write_csv),
        )

    def do_mark_handed(self) -> None:
        """Ask how far the hand-over is."""
        self._ask(self._mark_handed)

    async def _mark_handed(self) -> None:
        chosen = self.chosen
        who = questions.named(await self._rows(chosen))
        answer = await self.app.push_screen_wait(questions.reached(who))
        reached = next((one for one in HANDOFFS if one == answer), None)
        why = None
        if reached == "flagged":
            why = await self.app.push_screen_wait(questions.flagged(who))
        if reached is not None and why != "":
            self.connections.unmark()
            self.host.perform(lambda: self.decisions.mark(chosen, reached, why))

    def do_portal(self) -> None:
        """Ask whether WorkOS invites the customer, or a link is wanted."""
        self._ask(self._portal)

    async def _portal(self) -> None:
        cursor = self.connections.cursor
        record = await self._record(cursor) if cursor is not None else None
        if record is None:
            return
        answer = await self.app.push_screen_wait(questions.portal(questions.named([record.row])))
        if answer == "invite":
            await self._invite(record)
        elif answer == "link":
            await self._link(record.row)

    async def _invite(self, record: ConnectionRecord) -> None:
        if email := await self.app.push_screen_wait(questions.invite(record)):
            again = record.row.invited_at is not None
            self._start("invite", {"invitations": [[record.row.id, email]], "again": again})

    async def _link(self, row: ConnectionRow) -> None:
        self.host.say(f"asking WorkOS for a link for {questions.named([row])}")
        try:
            link = await portal.link(self.host.commands, row.source_id)
        except Refused as error:
            self.host.say(str(error), bad=True)
        else:
            shown = LinkShown(link, self.host.commands.clock, self.host.to_clipboard)
            await self.app.push_screen_wait(shown)
