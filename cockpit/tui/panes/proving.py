"""One connection of the rollout opened: its evidence, and the checklist, for which WorkOS is asked."""

from cockpit.state.database import StateError
from cockpit.tui import outside
from cockpit.tui.commands import Refused
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.flipping import Flipping
from cockpit.tui.rollout import evidence
from cockpit.tui.rollout.evidence import Evidence
from cockpit.tui.widgets.evidence import EvidenceView

DONE, FINDINGS = 0, 3
"""How `cockpit rollout checklist` ends: all holds, or not yet."""
ASKING = "asking WorkOS for the event and the user's sessions…"
AT_LEGACY = "its logins were never at WorkOS: f flips it, then this is to be proven"


class Proving(Flipping):
    """What opens a connection, and keeps what is shown of it true."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.evidence = EvidenceView()
        self.opened_ident: str | None = None
        self._where = ""

    def open_evidence(self, ident: str | None, place: str) -> None:
        """Show a connection; `place` says which of how many it is."""
        if ident is None:
            return
        self.opened_ident, self._where = ident, place
        self.evidence.top()
        self.evidence.show_ticks(None, ASKING)
        if self.level != "evidence":
            self.enter("evidence")
        else:
            self.host.changed()
        self.refresh_evidence()
        self.check()

    def refresh_evidence(self) -> None:
        """Read it again."""
        self.run_worker(self._refresh(), group="record", exclusive=True, exit_on_error=False)

    async def _refresh(self) -> None:
        ident = self.opened_ident
        found = await self.read_evidence(ident)
        if found is not None and ident == self.opened_ident:
            self.evidence.show(found, self._where)

    async def read_evidence(self, ident: str | None) -> Evidence | None:
        """All that is known of a connection."""
        if ident is None:
            return None
        commands = self.host.commands
        now = commands.now
        try:
            return await self.host.poller.ask(
                lambda state: evidence.read(state, commands.state, ident, commands.given.rollout, now)
            )
        except StateError as error:
            self.host.say(str(error), bad=True)
            return None

    def check(self) -> None:
        """Have the checklist made."""
        line = self.board.line(self.opened_ident) if self.board is not None else None
        if line is None or line.weighed is None:
            self.evidence.show_ticks(None, AT_LEGACY)
        else:
            self.run_worker(
                self._check(line.connection), group="checklist", exclusive=True, exit_on_error=False
            )

    async def _check(self, ident: str) -> None:
        words = ("rollout", "checklist", "--json", "--", ident)
        try:
            told = await outside.run(self.host.commands, *words, fine=(DONE, FINDINGS))
            found, said = evidence.checklist(told), ""
        except Refused as error:
            found, said = None, f"not to be had: {error}"
        if ident == self.opened_ident:
            self.evidence.show_ticks(found, said)
