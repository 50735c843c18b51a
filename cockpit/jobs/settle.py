"""Outcomes to the journal, in groups."""

from cockpit.jobs.context import JobContext
from cockpit.jobs.grouped import Grouped
from cockpit.state import changes, journal
from cockpit.state.journal import Outcome
from cockpit.terms import UPDATES


class Settler(Grouped[Outcome]):
    """Collects outcomes and commits them.

    Outcomes that were not committed when a commit failed stay `sending` and are asked for by the next run.
    """

    def __init__(self, context: JobContext, kind: str, run: int) -> None:
        super().__init__(context, self._settle)
        self._kind, self._run = kind, run

    async def _settle(self, group: list[Outcome]) -> None:
        context = self._context
        settle = changes.settle if self._kind in UPDATES.values() else journal.settle
        await context.writer.run(
            settle, self._kind, group, self._run, context.settings.imports.batch_size, context.now()
        )
        for outcome in group:
            if outcome.state == "failed":
                context.progress.failed += 1
            if outcome.state != "ready":
                context.progress.done += 1
