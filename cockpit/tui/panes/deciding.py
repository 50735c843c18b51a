"""What a reviewer does to the failures on the screen: retry, ignore, fix, merge, mark, claim, undo."""

import sqlite3
from collections.abc import Callable, Sequence

from cockpit.state import browse, decisions, overlays
from cockpit.state.browse import Listing
from cockpit.state.database import StateError
from cockpit.state.reviewers import Review, Scope
from cockpit.tui import causes, text
from cockpit.tui.fixing import Fixes
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.screens.pick import Answer, Pick
from cockpit.tui.screens.reason import Reason
from cockpit.tui.snapshots import Cause
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.browser import Browser
from cockpit.words import counted

MERGES = (
    Answer("adopt", "a", "adopt", "The user at the target is ours: it gets our id and what hangs on ours."),
    Answer(
        "link", "l", "link", "It is somebody of its own and stays as it is; memberships of ours go to it."
    ),
    Answer("skip", "s", "skip", "Ours is left out, with what hangs on it."),
)


class Deciding(Pane):
    """The handlers of decisions. Each takes the ids of what it is about before it asks or waits."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.fixes = Fixes(host.commands)
        self.reviews: Sequence[Review] = ()
        self.progress = ""
        self._records = Browser(host.poller, name="records", reload_key="^r")

    @property
    def cause(self) -> Cause | None:
        """The cause under the cursor, or the one whose records are shown."""
        raise NotImplementedError

    @property
    def narrowed_group(self) -> tuple[Listing, str] | None:
        """The records of the cause, and the filter that narrows them."""
        raise NotImplementedError

    @property
    def chosen(self) -> list[int]:
        """The marked records, else the one under the cursor: ids, whatever is on the screen by now."""
        cursor = self._records.cursor
        return sorted(self._records.marked) or ([cursor] if cursor is not None else [])

    def _ask(self, work: Callable[[], object]) -> None:
        self.run_worker(work, group="ask", exclusive=True, exit_on_error=False)

    async def _group_ids(self) -> list[int]:
        """Every open record of the cause, as it is narrowed."""
        if (wanted := self.narrowed_group) is None:
            return []
        listing, words = wanted
        return list(await self.host.poller.ask(lambda connection: browse.ids(connection, listing, words)))

    async def _wanted(self) -> tuple[list[int], str]:
        """(ids, who that is): of the list of causes the whole cause."""
        if self.level == "groups":
            cause, ids = self.cause, await self._group_ids()
            return ids, f"all {counted(len(ids), 'open record')} of: {cause.group.title if cause else ''}"
        chosen = self.chosen
        if len(chosen) == 1:
            row = self._records.row(chosen[0])
            return chosen, row.name if row is not None else "this record"
        return chosen, f"the {counted(len(chosen), 'marked record')}"

    def do_retry(self) -> None:
        """Make the chosen records ready again."""
        chosen = self.chosen
        self._records.unmark()
        self.host.perform(lambda: self.host.commands.retry(chosen))

    def do_retry_group(self) -> None:
        """Make every open record of the cause ready again."""
        self.run_worker(self._retry_group(), group="decide", exit_on_error=False)

    async def _retry_group(self) -> None:
        ids = await self._group_ids()
        self.host.perform(lambda: self.host.commands.retry(ids))

    def do_retry_transient(self) -> None:
        """Make all that may go by itself ready again."""
        self.run_worker(self._retry_transient(), group="decide", exit_on_error=False)

    async def _retry_transient(self) -> None:
        ids = await self.host.poller.ask(
            lambda connection: browse.ids(connection, browse.errors(), "class:transient")
        )
        self.host.perform(lambda: self.host.commands.retry(list(ids)))

    def do_ignore(self) -> None:
        """Ask for a reason, then leave the chosen records or the whole cause out."""
        self._ask(self._ignore)

    async def _ignore(self) -> None:
        ids, who = await self._wanted()
        reason = await self.app.push_screen_wait(Reason(text.line(who)))
        if reason:
            self._records.unmark()
            self.host.perform(lambda: self.host.commands.ignore(ids, reason))

    def do_merge(self) -> None:
        """Ask what becomes of users whose e-mail or id somebody else holds."""
        self._ask(self._merge)

    async def _merge(self) -> None:
        ids, who = await self._wanted()
        head = lines.content([(text.line(who), "strong"), ("\nSomebody else is in their place.", "dim")])
        answer = await self.app.push_screen_wait(Pick("Merge", head, MERGES))
        for choice in ("adopt", "link", "skip"):
            if answer == choice:
                self._records.unmark()
                self.host.perform(lambda choice=choice: self.fixes.merge(ids, choice))  # type: ignore[misc]

    def do_mark_reset(self) -> None:
        """Put the users on the list of reset e-mails."""
        self.run_worker(self._mark_reset(), group="decide", exit_on_error=False)

    async def _mark_reset(self) -> None:
        ids, _ = await self._wanted()
        self._records.unmark()
        self.host.perform(lambda: self.fixes.mark_for_reset(ids))

    def do_fix(self) -> None:
        """Open the form of the record under the cursor."""
        self._ask(self._fix)

    async def _fix(self) -> None:
        from cockpit.tui.screens.edit import EditForm

        error = self._records.cursor
        if error is None:
            return
        try:
            subject = await self.host.poller.ask(lambda connection: overlays.subject(connection, error))
        except StateError as trouble:
            self.host.say(str(trouble), bad=True)
            return
        if subject is None or subject.closed:
            why = subject.closed if subject is not None else "there is no record to edit"
            self.host.say(f"this can't be fixed here: {why}", bad=True)
            return
        row = self._records.row(error)
        holder = self._holder("error", str(error))
        if not holder:
            self.host.quietly(lambda: self.fixes.claim("error", str(error)))
        hot = await self._hot(error)
        edit = await self.app.push_screen_wait(EditForm(subject, row.name if row else "", hot, holder))
        if edit is not None:
            self.host.perform(lambda: self.fixes.edit(error, edit))

    async def _hot(self, error: int) -> frozenset[str]:
        """The fields that a failure names."""
        from cockpit.tui import records

        def read(connection: sqlite3.Connection) -> frozenset[str]:
            found = records.of_error(connection, error)
            return found.hot if found is not None else frozenset()

        return await self.host.poller.ask(read)

    def do_fix_group(self) -> None:
        """Choose a rule for the cause, see what it would do, apply it."""
        self._ask(self._fix_group)

    async def _fix_group(self) -> None:
        from cockpit.jobs.rule import Applied
        from cockpit.rules.fixes import Rule
        from cockpit.state import preview
        from cockpit.tui.screens.rule import RuleForm

        cause = self.cause
        if cause is None:
            return
        hot = await self._hot(cause.group.example)
        subject = await self.host.poller.ask(
            lambda connection: overlays.subject(connection, cause.group.example)
        )
        metadata = (subject.fields.get("metadata") or {}) if subject is not None else {}
        keys = [f"metadata.{key}" for key in metadata if key in hot]
        plain = [name for name in (subject.fields if subject is not None else ()) if name in hot]
        field = next(iter([*keys, *plain]), "")

        async def previewed(rule: Rule) -> preview.Preview:
            return await self.host.poller.ask(lambda connection: preview.preview(connection, rule))

        rule = await self.app.push_screen_wait(
            RuleForm(
                cause, causes.todo(cause.group), "metadata.*" if field == "metadata" else field, previewed
            )
        )
        if rule is None:
            return
        total = cause.group.open

        def told(done: Applied) -> bool:
            # Set from the thread that applies it, painted by the next snapshot.
            self.progress = f"{rule}: {done.looked:,} of {total:,} looked at, {done.fixed:,} fixed"
            return self.is_attached

        def apply() -> str:
            try:
                return self.fixes.apply_rule(rule, told)
            finally:
                self.progress = ""

        self.host.perform(apply)

    def do_claim(self) -> None:
        """Say that one is on the cause or the record, or not any more."""
        scope, key = self._in_hand()
        if key:
            mine = causes.holder(self.reviews, scope, key)
            done = mine is not None and mine.operator == self.host.commands.operator
            self.host.perform(
                lambda: self.fixes.release(scope, key) if done else self.fixes.claim(scope, key)
            )

    def _in_hand(self) -> tuple[Scope, str]:
        if self.level == "groups":
            return "group", self.cause.group.fingerprint if self.cause is not None else ""
        cursor = self._records.cursor
        return "error", str(cursor) if cursor is not None else ""

    def _holder(self, scope: Scope, key: str) -> str:
        """Which colleague is on it, in words; empty when none is."""
        found = causes.holder(self.reviews, scope, key)
        if found is None or found.operator == self.host.commands.operator:
            return ""
        what = "cause" if scope == "group" else "record"
        return f"{text.line(found.operator, 40)} is on this {what} since {text.moment(found.at)}"

    def do_undo(self) -> None:
        """Say what the last decision was, then take it back."""
        self._ask(self._undo)

    async def _undo(self) -> None:
        operator = self.host.commands.operator
        found = await self.host.poller.ask(lambda connection: decisions.last(connection, operator))
        if found is None:
            self.host.say(f"{operator} has decided nothing that could be undone", bad=True)
            return
        why = f": {found.why}" if found.why else ""
        self.host.confirm(
            "Undo your last decision?",
            f"{text.moment(found.at)} {found.action} {text.line(found.subject)}{text.line(why)}. "
            "What was not sent since is as it was before.",
            "Undo",
            lambda: self.host.perform(lambda: self.fixes.undo(found)),
        )
