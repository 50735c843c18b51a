"""Pane 7: the rollout board as lanes or as a table, and one connection's evidence."""

import json
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from cockpit.connections.board import COLUMNS, Column
from cockpit.jobs.rollout.overview import Line
from cockpit.state.database import StateError
from cockpit.tui import rows_file, text
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.proving import Proving
from cockpit.tui.rollout import cells, evidence, summary
from cockpit.tui.rollout.board import Board, Logins
from cockpit.tui.rollout.shown import ORDERS, Shown
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import Detail, JobView, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lanes import Lanes
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.table import Table
from cockpit.words import counted

WIDE = 110
"""From that width on the board is lanes, unless a person wants the table."""
LEVEL_EVERY_S = 60.0
NOTHING = "no connections on the board: pane 6 reads and checks them"


class RolloutPane(Proving):
    """Who answers the logins of which connection."""

    pane_id: ClassVar[PaneId] = "rollout"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.shown = Shown()
        self._head = Still(classes="counts")
        self._result = Still(classes="result")
        self._rows = Table(cells.COLUMNS, name="rows", empty=NOTHING)
        self._lanes = Lanes()
        self._lanes.empty = "none yet"
        self._tabled = False
        self._done: tuple[int, str] | None = None
        self._watch: JobView | None = None
        self._levelled: float | None = None

    def compose(self) -> ComposeResult:
        """How it stands, what was done last, the board; below a connection its evidence."""
        yield self._head
        yield self._result
        with ContentSwitcher(initial="board"):
            with Vertical(id="board"):
                yield self._rows
                yield self._lanes
            yield self.evidence

    def on_mount(self) -> None:
        """Start with the board."""
        self.trail = ["board"]
        self._result.display = False
        self._turn()

    def on_resize(self) -> None:
        """Lanes need room."""
        self._turn()

    @property
    def face(self) -> Table | Lanes:
        """The board as it is on the screen."""
        return self._lanes if self._lanes.display else self._rows

    def _turn(self) -> None:
        """Show the board as there is room for, with the cursor and the marks where they were."""
        before = self.face
        lanes = self.size.width >= WIDE and not self._tabled
        self._lanes.display, self._rows.display = lanes, not lanes
        if before is self.face:
            return
        self._fill()
        self.face.marked |= before.marked
        if before.cursor is not None and before.cursor in self._numbers:
            if isinstance(self.face, Lanes):
                self.face.select(before.cursor)
            else:
                self.face.step(self._numbers.index(before.cursor) - self.face.line)
        if before.has_focus:
            self.focus_main()

    @property
    def _numbers(self) -> list[int]:
        return [self.shown.number(ident) for ident in self.shown.rows]

    @property
    def table(self) -> Table | None:
        """The list on the screen, where it is one."""
        return self._rows if self.level == "board" and self.face is self._rows else None

    @property
    def current(self) -> str | None:
        """The open connection, else the one under the cursor."""
        return self.opened_ident if self.level == "evidence" else self.shown.ident(self.face.cursor)

    @property
    def marked(self) -> list[str]:
        """Those that are marked; an open one is meant alone."""
        if self.level == "evidence":
            return []
        found = (self.shown.ident(number) for number in sorted(self.face.marked))
        return [ident for ident in found if ident is not None]

    def unmark(self) -> None:
        """What the marks were for is done."""
        self.face.marked.clear()
        self.face.refresh()
        self._title()

    def describe(self, situation: Situation) -> Situation:
        """Complete a situation with what is on the screen here."""
        current = self.current
        return replace(
            situation,
            level=self.level,
            listing=self.level == "board",
            row=self.level == "board" and current is not None,
            record=self.level == "evidence",
            board=self.board,
            line=self.board.line(current) if self.board is not None else None,
            marked=len(self.marked),
        )

    def focus_main(self) -> None:
        """Move the focus to what keys are meant for."""
        if self.level == "evidence":
            self.evidence.focus_first()
        else:
            self.face.focus()

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self.board, self._watch = detail.board, snapshot.job("rollout")
        self._level(snapshot)
        self._paint_head(snapshot)
        self._fill()
        if self.level == "evidence":
            self.refresh_evidence()

    def _level(self, snapshot: Snapshot) -> None:
        """Now and then the board takes over what pane 6 knows by now."""
        now = self.host.commands.clock.monotonic()
        due = self._levelled is None or now - self._levelled >= LEVEL_EVERY_S
        if due and snapshot.summary is not None and not snapshot.problem and not self.host.commands.read_only:
            self._levelled = now
            self.host.quietly(self.acts.level)

    def _paint_head(self, snapshot: Snapshot) -> None:
        board, width = self.board, max(40, self._head.size.width)
        # Evidence needs the room.
        self._head.display = self.level != "evidence"
        if board is None or not board.lines:
            self._head.show_text(lines.content([(self._why_empty(snapshot), "dim")]))
        else:
            self._head.show_text(lines.joined(summary.of(board, self._watch, width)))
        self._result.display = self._done is not None
        if self._done is not None and board is not None:
            told = summary.result(*self._done, board.overview.confirmation, width)
            self._result.show_text(lines.joined(told))

    def _why_empty(self, snapshot: Snapshot) -> str:
        if self.board is None and snapshot.summary is not None and self.host.commands.read_only:
            return "no board yet: cockpit rollout board makes it"
        return NOTHING

    def note(self, said: str) -> None:
        """What was done last; it is painted with what proxies say of it then."""
        self._done = self.host.commands.now, said
        if self.level == "evidence":
            self.check()

    def _fill(self) -> None:
        board = self.board
        found = self.shown.take(board) if board is not None else ()
        if board is None:
            self._rows.fill({})
        elif self.face is self._rows:
            self._rows.fill({self._number(line): cells.row(line, self._logins(line)) for line in found})
        else:
            cards = {self._number(line): cells.card(line, self._logins(line)) for line in found}
            self._lanes.fill(cards, self._heads(board))
        self._title()

    def _number(self, line: Line) -> int:
        return self.shown.number(line.connection)

    def _logins(self, line: Line) -> Logins:
        found = self.board.logins.get(line.connection) if self.board is not None else None
        return found or cells.NOTHING

    def _heads(self, board: Board) -> dict[Column, str]:
        users = dict.fromkeys(COLUMNS, 0)
        for line in board.lines:
            users[line.column] += line.row.described.users
        return {column: counted(n, "user") for column, n in users.items() if n}

    def _title(self) -> None:
        parts = [f"Connections {text.number(len(self.shown.rows))}"]
        if self.shown.filter:
            parts.append(f"filter: {text.line(self.shown.filter, 40)}")
        if self.face.marked:
            parts.append(f"{text.number(len(self.face.marked))} marked")
        if self.shown.order != next(iter(ORDERS)):
            parts.append(f"by {self.shown.order}")
        self.face.border_title = " · ".join(parts).replace("[", "\\[")

    def do_lanes(self) -> None:
        """Lanes or table."""
        if self.size.width < WIDE:
            self.host.say(f"lanes need {WIDE} columns", bad=True)
            return
        self._tabled = not self._tabled
        self._turn()

    def do_mark(self) -> None:
        """Mark the connection."""
        self.face.toggle_mark()
        self._title()
        self.host.changed()

    def do_filter(self) -> None:
        """Ask for a filter."""
        self.host.ask_filter(self.shown.filter)

    def apply_filter(self, words: str) -> None:
        """Narrow the board."""
        self.shown.filter = words.strip()
        self._arrange()

    def do_sort(self) -> None:
        """Take the next order."""
        self.shown.next_order()
        self._arrange()

    def do_reload_board(self) -> None:
        """Take over what is known by now, and put the rows in order again; or ask for the checklist again."""
        if self.level == "evidence":
            self.check()
            return
        self._levelled = None
        self._arrange()
        self.host.perform(self.acts.level)

    def _arrange(self) -> None:
        if self.board is not None:
            self.shown.arrange(self.board)
            self._fill()
            self.host.changed()

    def do_back(self) -> None:
        """Clear the filter, or go one level up."""
        if self.level == "board" and self.shown.filter:
            self.apply_filter("")
        else:
            super().do_back()

    def do_next(self) -> None:
        """The next connection."""
        self._step_to(1)

    def do_previous(self) -> None:
        """The one before."""
        self._step_to(-1)

    def _step_to(self, by: int) -> None:
        self.face.step(by)
        self.open_evidence(self.shown.ident(self.face.cursor), self._place())

    def do_open(self) -> None:
        """Open the connection under the cursor."""
        if self.level == "board":
            self.open_evidence(self.current, self._place())

    def _place(self) -> str:
        at = self._numbers.index(self.face.cursor) + 1 if self.face.cursor in self._numbers else 0
        return f"{text.number(at)} of {text.number(len(self.shown.rows))}"

    def do_copy(self) -> None:
        """Copy the id of the connection."""
        if self.current is not None:
            self.host.copy(self.current, "the id of this connection")

    def do_copy_record(self) -> None:
        """Copy all that is known of it as JSON."""
        self.run_worker(self._copy_evidence(), group="copy", exit_on_error=False)

    async def _copy_evidence(self) -> None:
        found = await self.read_evidence(self.current)
        if found is not None:
            document = json.dumps(evidence.document(found), ensure_ascii=False, indent=2)
            self.host.copy(document, "the connection as JSON")

    def do_export_rows(self) -> None:
        """Write the rows of the board, as filtered, to a file."""
        self.run_worker(self._export_board(), group="export", exclusive=True, exit_on_error=False)

    async def _export_board(self) -> None:
        commands, idents = self.host.commands, list(self.shown.rows)
        file = rows_file.beside(commands.state, self.pane_id, commands.clock.now())
        path, rules, now = commands.state, commands.given.rollout, commands.now
        try:
            count = await self.host.poller.ask(
                lambda state: rows_file.write(evidence.documents(state, path, idents, rules, now), file)
            )
        except (StateError, OSError) as error:
            self.host.say(f"not written: {error}", bad=True)
            return
        self.host.say(f"{count:,} rows in {file}")

    @on(Lanes.Moved)
    def _moved_in_lanes(self) -> None:
        self.host.changed()

    @on(Lanes.Chosen)
    def _chosen_in_lanes(self) -> None:
        self.do_open()
