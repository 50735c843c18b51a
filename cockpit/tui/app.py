"""The cockpit: panes over one state file, which it only reads; work is done by jobs of their own."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Input
from textual.worker import Worker, WorkerState

from cockpit.clock import Clock
from cockpit.state import files
from cockpit.tui import actions, clipboard, leave
from cockpit.tui.commands import Commands, Refused
from cockpit.tui.given import DEFAULTS, Given
from cockpit.tui.panes.base import Pane
from cockpit.tui.panes.connections import ConnectionsPane
from cockpit.tui.panes.diff import DiffPane
from cockpit.tui.panes.errors import ErrorsPane
from cockpit.tui.panes.export import ExportPane
from cockpit.tui.panes.imports import ImportPane
from cockpit.tui.panes.log import LogPane
from cockpit.tui.panes.overview import OverviewPane
from cockpit.tui.panes.rollout import RolloutPane
from cockpit.tui.panes.webhooks import WebhooksPane
from cockpit.tui.poller import Poller
from cockpit.tui.screens.dialog import Confirm
from cockpit.tui.screens.help import Help
from cockpit.tui.screens.palette import Palette
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.steering import Steering
from cockpit.tui.theme import THEME
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.frame import Alarms, Head, KeyBar, Tabs
from cockpit.tui.widgets.table import Table

STYLES = Path(__file__).with_name("styles")


class CockpitApp(App[None]):
    """The application. Closing it never stops a job."""

    TITLE = "cockpit"
    CSS_PATH: ClassVar[list[str | PurePath]] = [*sorted(STYLES.glob("*.tcss"))]
    COMMANDS = {Palette}  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (120, "-normal"),
        (160, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"do('{action.id}')", action.label, id=f"{action.id}.{key}", tooltip=action.description)
        for action in actions.ACTIONS
        for key in action.keys
        if action.id != "palette"
    ]

    def __init__(
        self,
        state: Path,
        *,
        operator: str,
        clock: Clock,
        read_only: bool = False,
        config: Path | None = None,
        given: Given = DEFAULTS,
        host: str | None = None,
        poller: Poller | None = None,
    ) -> None:
        super().__init__()
        self.poller = poller or Poller(state, clock, given=given)
        self.commands = Commands(state, operator, clock, config, given, read_only)
        self.snapshot = Snapshot(clock.now())
        self._steering = Steering(self)
        self._display_frozen = False
        self._host = host or socket.gethostname()
        self.pane_id: PaneId = "overview"
        self.panes: dict[PaneId, Pane] = {
            pane.pane_id: pane
            for pane in (
                OverviewPane(self),
                ExportPane(self),
                ImportPane(self),
                ErrorsPane(self),
                DiffPane(self),
                ConnectionsPane(self),
                RolloutPane(self),
                WebhooksPane(self),
                LogPane(self),
            )
        }
        self.register_theme(THEME)
        if "TEXTUAL_THEME" not in os.environ or self.no_color:
            self.theme = THEME.name

    def compose(self) -> ComposeResult:
        """Header, tabs, alarms, the panes, the filter's line, keys."""
        yield Head(id="head")
        yield Tabs(id="tabs")
        yield Alarms(id="alarms")
        with ContentSwitcher(initial="overview", id="panes"):
            yield from self.panes.values()
        yield Input(id="filter", placeholder="words, code:422, state:failed, !not", compact=True)
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Begin to read."""
        self.query_one("#filter").display = False
        self.query_one(Alarms).display = False
        self.pane.focus_main()
        self.run_worker(self._poll(), group="poll", exit_on_error=False)

    async def _poll(self) -> None:
        await self._guarded_tick()
        while self.poller.interval is not None:
            await self.commands.clock.sleep(self.poller.interval)
            await self._guarded_tick()

    async def _guarded_tick(self) -> None:
        try:
            await self.tick()
        except Exception as error:
            # Whatever it is, a display that stops moving must not look alive.
            what = f"the display can't be brought up to date: {type(error).__name__}: {error}"
            self.screen_stack[0].query_one(Alarms).show([what])

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke says so; it never takes the cockpit down."""
        if event.state is WorkerState.ERROR:
            self.say(f"{type(event.worker.error).__name__}: {event.worker.error}", bad=True)

    async def tick(self) -> None:
        """Read the state once and show it."""
        if self._display_frozen:
            return
        snapshot, detail = await self.poller.poll(self.pane_id)
        if not self._display_frozen:
            self._show(snapshot, detail)

    def _show(self, snapshot: Snapshot, detail: Detail) -> None:
        self.snapshot = snapshot
        self._show_frame()
        self.pane.update(snapshot, detail)
        self.changed()

    def _show_frame(self) -> None:
        commands = self.commands
        found = self.snapshot.summary
        self.screen_stack[0].query_one(Head).update_from(
            self.snapshot,
            commands.operator,
            self._host,
            frozen=self._display_frozen,
            read_only=commands.read_only,
        )
        self.screen_stack[0].query_one(Tabs).show(self.pane_id, found.open_errors if found else 0)
        self.screen_stack[0].query_one(Alarms).show(self.snapshot.alarms)

    @property
    def pane(self) -> Pane:
        """The pane on the screen."""
        return self.panes[self.pane_id]

    def situation(self) -> Situation:
        """Where the person is, for the registry."""
        found = self.snapshot.summary
        bound = found.binding.source if found is not None else None
        given = self.commands.given
        return self.pane.describe(
            Situation(
                self.pane_id,
                self.snapshot,
                read_only=self.commands.read_only,
                source=bound.partition(":")[0] if bound else given.source,
                mailer=given.mailer,
            )
        )

    def changed(self) -> None:
        """What can be done may have changed."""
        self.screen_stack[0].query_one(KeyBar).show(self.situation())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key belongs to the action that means it in this pane; whether it can be done is told later."""
        if action == "do":
            return self.pane_id in actions.get(str(parameters[0])).panes
        return super().check_action(action, parameters)

    def action_do(self, id_: str) -> None:
        """Do an action of the registry, or say why it can't be done now."""
        action = actions.get(id_)
        why = action.why_not(self.situation())
        if why:
            self.say(f"{action.label}: {why}", bad=True)
            return
        if id_.startswith("go_"):
            self.go(next(pane for pane in self.panes if id_ == f"go_{pane}"))
            return
        handler = f"do_{id_}"
        target = next(one for one in (self, self._steering, self.pane) if hasattr(one, handler))
        getattr(target, handler)()

    def say(self, message: str, *, bad: bool = False) -> None:
        """Tell the person something, in a corner of the screen."""
        self.notify(message, severity="warning" if bad else "information", markup=False)

    def perform(self, command: Callable[[], str]) -> None:
        """Run a command in a worker thread and tell how it went."""
        self.run_worker(self._perform(command), group="commands", exit_on_error=False)

    def quietly(self, command: Callable[[], object]) -> None:
        """Run a command in a worker thread; only why it was refused is told."""
        self.run_worker(self._quietly(command), group="commands", exit_on_error=False)

    async def _quietly(self, command: Callable[[], object]) -> None:
        worker = self.run_worker(lambda: _outcome(lambda: str(command())), thread=True, exit_on_error=False)
        said, refused = await worker.wait()
        if refused:
            self.say(said, bad=True)

    async def _perform(self, command: Callable[[], str]) -> None:
        worker = self.run_worker(lambda: _outcome(command), thread=True, exit_on_error=False)
        said, refused = await worker.wait()
        self.say(said, bad=refused)
        self.poller.forget()
        await self.tick()

    def go(self, pane: PaneId) -> None:
        """Show another pane."""
        self.pane_id = pane
        self.screen_stack[0].query_one("#panes", ContentSwitcher).current = pane
        self.pane.focus_main()
        self._show_frame()
        self.run_worker(self.tick(), group="go", exclusive=True, exit_on_error=False)

    def ask_filter(self, text: str) -> None:
        """Open the filter's line."""
        line = self.query_one("#filter", Input)
        line.value = text
        line.display = True
        line.focus()

    @on(Input.Submitted, "#filter")
    def _filter(self, event: Input.Submitted) -> None:
        self._close_filter()
        self.pane.apply_filter(event.value)

    def _close_filter(self) -> None:
        self.query_one("#filter").display = False
        self.pane.focus_main()

    def do_back(self) -> None:
        """Close the filter's line, or go one level up in the pane."""
        if self.query_one("#filter").display:
            self._close_filter()
        else:
            self.pane.do_back()

    def confirm(self, title: str, says: str, yes: str, then: Callable[[], object]) -> None:
        """Ask, with the focus on Cancel; `then` is called after a yes."""

        def answered(agreed: bool | None) -> None:
            if agreed:
                then()

        self.push_screen(Confirm(title, says, yes), answered)

    def do_freeze(self) -> None:
        """Hold the display, or let it go on."""
        self._display_frozen = not self._display_frozen
        self._show_frame()
        self.run_worker(self.tick(), group="go", exclusive=True, exit_on_error=False)

    def do_help(self) -> None:
        """Show the keys of this pane."""
        state = self.commands.state
        about = [f"state   {state}", f"log     {files.printed(state)}"]
        self.push_screen(Help(self.situation(), about))

    def do_palette(self) -> None:
        """Find an action by name."""
        self.action_command_palette()

    def do_theme(self) -> None:
        """Choose other colours."""
        self.search_themes()

    def do_suspend(self) -> None:
        """Back to the shell; fg returns."""
        self.action_suspend_process()

    def do_leave(self) -> None:
        """Close the cockpit."""
        self.exit()

    def copy(self, text: str, what: str) -> None:
        """Copy by OSC 52 and into a file, and say so: no terminal tells whether it took it."""
        file = clipboard.keep(self.commands.state, text)
        how = "to the clipboard (OSC 52) and " if self.to_clipboard(text) else ""
        self.say(f"{what}: copied {how}to {file}")

    def to_clipboard(self, text: str) -> bool:
        """Copy by OSC 52 alone, which leaves nothing in a file; returns whether it was sent."""
        if self._driver is None or len(text.encode(errors="replace")) > clipboard.LARGEST:
            return False
        self._driver.write(clipboard.sequence(text, tmux="TMUX" in os.environ))
        return True

    @on(Tabs.Picked)
    def _picked(self, event: Tabs.Picked) -> None:
        self.go(event.pane)

    @on(KeyBar.Picked)
    def _key_picked(self, event: KeyBar.Picked) -> None:
        self.action_do(event.id_)

    @on(Table.Chosen)
    def _chosen(self, event: Table.Chosen) -> None:
        self.action_do("open")

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        self.changed()

    @on(Browser.Trouble)
    def _trouble(self, event: Browser.Trouble) -> None:
        # Before there is any state the panes say so themselves.
        if self.poller.started():
            self.say(event.error, bad=True)


def _outcome(command: Callable[[], str]) -> tuple[str, bool]:
    try:
        return command(), False
    except Refused as error:
        return str(error), True


def run(
    state: Path,
    *,
    operator: str,
    clock: Clock,
    read_only: bool = False,
    config: Path | None = None,
    given: Given = DEFAULTS,
) -> int:
    """Show the cockpit until it is left, then say on the normal screen what goes on without it.

    Returns the exit code.
    """
    app = CockpitApp(
        state,
        operator=operator,
        clock=clock,
        read_only=read_only,
        config=config,
        given=given,
    )
    asyncio.run(_run(app))
    for line in leave.lines(app.snapshot, state):
        print(line)
    return app.return_code or 0


async def _run(app: CockpitApp) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Textual has no handlers: without these a kill leaves the terminal in the alternate screen.
        loop.add_signal_handler(number, app.exit)
    # A full collection holds the keys up for 0.1 s: what is loaded now stays, and frames make little garbage.
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    try:
        await app.run_async()
    finally:
        app.poller.close()
