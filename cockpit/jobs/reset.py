"""Reset e-mails, one after another: each goes out once, or is known to be in doubt."""

from collections.abc import Sequence

from cockpit.jobs import lock, mailer
from cockpit.jobs.breaker import Breaker
from cockpit.jobs.context import JobContext, Result, Stopped
from cockpit.jobs.mailer import MailerFailed, MailerSilent
from cockpit.settings import SettingsError
from cockpit.state import journal, meta, resets
from cockpit.state.claims import RESETS, ResetClaim
from cockpit.state.errors import Failure
from cockpit.state.journal import Outcome
from cockpit.state.resets import RESET
from cockpit.terms import ErrorClass
from cockpit.transport import Lost, TransportError, Unsent
from cockpit.workos import client
from cockpit.workos.client import KeyRefused, WorkOS
from cockpit.workos.limiter import Budget, Limiter
from cockpit.workos.replies import Reply

TRIES = 3
"""Failures of the mailer in a row that mean that the mailer itself is broken."""

UNDECIDED = (
    "nobody knows yet who sends the e-mails: try one address with cockpit passwords reset --user ID; "
    'then set [passwords] mailer = "workos" where it arrived, else to a command of yours that sends the link'
)


async def run(context: JobContext) -> Result:
    """Write to everybody of the groups for whom `email` was chosen, who has arrived, once.

    `args`: "limit" (at most so many), "again" (also those whose e-mail failed or is in doubt).
    Raises BindingError, SettingsError, KeyRefused, LockHeld, Stopped; what was done stays done.
    """
    passwords, target = context.settings.passwords, context.settings.target
    if passwords.mailer is None:
        raise SettingsError(UNDECIDED)
    command = None if passwords.mailer == "workos" else mailer.found(passwords.mailer)
    pace = Limiter(context.clock, writes=Budget(passwords.resets_per_min, 60.0), reads=None, overall=None)
    workos = client.connect(target, pace, context.clock, context.latency)
    try:
        with lock.held(context.state, "target-writes"):
            assert target.api_key is not None  # client.connect refuses to go without
            await context.writer.run(meta.bind_target, target.base_url, target.api_key.get_secret_value())
            await _Resets(context, workos, pace, command).run()
    finally:
        await workos.close()
    return await _finished(context)


class _Resets:
    """One run. `command`: the operator's mailer, else WorkOS sends."""

    def __init__(
        self, context: JobContext, target: WorkOS, pace: Limiter, command: Sequence[str] | None
    ) -> None:
        self._context, self._target, self._command = context, target, command
        steering, progress = context.steering, context.progress
        self._breaker = Breaker(self._probe, context.notice, steering, context.clock)
        self._mailer_failures = 0
        progress.throttled = lambda: pace.throttled
        progress.ceiling = lambda: pace.ceiling
        progress.explain = lambda: self._breaker.reason or pace.reason()
        steering.on_rate = pace.throttle
        pace.throttle(steering.rate)

    async def run(self) -> None:
        context, writer = self._context, self._context.writer
        batch_size, now, progress = context.settings.imports.batch_size, context.now, context.progress
        run = await writer.run(journal.next_run)
        if doubtful := await writer.run(resets.lost_sight_of, batch_size, now()):
            await context.notice(f"{doubtful} e-mails may have gone out; --again sends them again", "warn")
        if context.args.get("again"):
            await writer.run(resets.again, batch_size, now())
        await writer.run(resets.enlist, context.settings.passwords.without_hash)
        waiting = (await writer.run(journal.counts, RESET))["ready"]
        progress.total = min(waiting, context.args.get("limit") or waiting)
        after = 0
        while progress.done < progress.total:
            await context.steering.gate()
            claimed = await writer.run(journal.claim, RESETS, after, 1, run, now())
            if not claimed:
                return
            [user] = claimed
            outcome = Outcome(user.operation, user.subject, "unknown", 1)
            try:
                outcome = await self._write_to(user)
            except (KeyRefused, Stopped):
                outcome = Outcome(user.operation, user.subject, "ready")
                raise
            finally:
                await writer.run(journal.settle, RESET, [outcome], run, batch_size, now())
            after = user.operation
            progress.done += 1
            progress.failed += outcome.state == "failed"
            if self._mailer_failures >= TRIES:
                raise SettingsError(
                    f"[passwords] mailer failed {TRIES} times in a row; mend it and run again with --again"
                )

    async def _write_to(self, user: ResetClaim) -> Outcome:
        """Raises KeyRefused and Stopped, when nothing was sent."""
        reply = await self._ask(user.email)
        if reply is None:
            return Outcome(user.operation, user.subject, "unknown", 1)
        if reply.verdict != "ok" or reply.data is None:
            return _failed(user, reply, reply.message, reply.klass)
        if self._command is not None:
            try:
                await mailer.mail(self._command, reply.data)
            except MailerSilent as error:
                await self._context.notice(f"the mailer: {error}", "warn")
                return Outcome(user.operation, user.subject, "unknown", 1, status=reply.status)
            except MailerFailed as error:
                self._mailer_failures += 1
                return _failed(user, reply, f"the mailer ended with {error}", "fixable")
            self._mailer_failures = 0
        return Outcome(
            user.operation, user.subject, "imported", 1, status=reply.status, request_id=reply.request_id
        )

    async def _ask(self, email: str) -> Reply | None:
        """WorkOS's answer. None: WorkOS sends the e-mail itself, and nobody knows whether it did.

        With a mailer a second link does no harm: nobody has seen the first.
        """
        while True:
            await self._breaker.closed()
            try:
                reply = await self._target.reset_password(email)
            except Unsent as error:
                why, repeatable = str(error), True
            except Lost as error:
                why, repeatable = str(error), self._command is not None
            else:
                if reply.verdict != "unwell":
                    self._breaker.succeeded()
                    return reply
                why, repeatable = f"HTTP {reply.status}", self._command is not None
            await self._breaker.failed(why)
            if not repeatable:
                return None
            await self._context.steering.sleep(1.0, self._context.clock)

    async def _probe(self) -> bool:
        try:
            return (await self._target.list_users(None, limit=1)).verdict == "ok"
        except TransportError:
            return False
        except KeyRefused:
            return True  # it is back; who sends next hears the refusal


def _failed(user: ResetClaim, reply: Reply, title: str, klass: ErrorClass) -> Outcome:
    failure = Failure(
        klass=klass,
        fingerprint=f"reset:{reply.fingerprint if reply.verdict != 'ok' else title}",
        title=f"password reset: {title}",
        message=title,
        status=reply.status,
        code=reply.code,
        request_id=reply.request_id,
        attempts=user.attempts + 1,
    )
    return Outcome(user.operation, user.subject, "failed", 1, status=reply.status, failure=failure)


async def _finished(context: JobContext) -> Result:
    counted = await context.writer.run(journal.counts, RESET)
    numbers = {"sent": counted["imported"], **{s: counted[s] for s in ("ready", "failed", "unknown")}}
    text = ", ".join(f"{n} {name}" for name, n in numbers.items())
    if counted["failed"] or counted["unknown"]:
        return Result(3, text, "see: cockpit errors list; in doubt are those that may have gone out", numbers)
    return Result(0, text, numbers=numbers)
