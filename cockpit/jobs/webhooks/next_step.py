"""Webhooks: the next step of the sequence, or one that is named: act where that is safe, observe, keep it."""

from collections.abc import Awaitable, Callable, Mapping

from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.webhooks import after, baseline, legacy, quiet, target
from cockpit.jobs.webhooks.found import Found, keep
from cockpit.state import webhook_steps
from cockpit.webhooks.sequence import TITLES, Step, admit, current

ACTS: Mapping[Step, Callable[[JobContext], Awaitable[Found]]] = {
    "baseline": baseline.snapshot,
    "legacy_off": legacy.off,
    "workos_off": target.off,
    "quiet": quiet.looked,
    "import": after.imported,
    "cutover": after.cut_over,
    "event_flow": target.event_flow,
    "backlog": after.decided,
    "drained": after.drained,
    "legacy_stays_off": legacy.stays_off,
}


async def run(context: JobContext) -> Result:
    """`args`: "step", to do that one (again); without, the first that is not passed.

    Exit 0 when it is proven now, 3 when something is to be done or waited for first.
    Raises sequence.Refused (5) out of turn; SettingsError, BindingError, SourceError, KeyRefused,
    Unreachable, EndpointsRefused, TransportError, StateError, Stopped.
    """
    standings = await context.writer.run(webhook_steps.standing, context.now())
    step: Step | None = context.args.get("step") or current(standings)
    if step is None:
        return Result(0, "every step of the sequence is passed", None, {"step": None, "proven": True})
    admit(standings, step, "proven")
    context.progress.reason = TITLES[step]
    found = await ACTS[step](context)
    if found.what is not None:
        await keep(context, step, found.what, found.says, found.detail)
    proven = found.what == "proven"
    numbers = {"step": step, "proven": proven, "todo": [*found.todo]}
    message = f"{step} {'proven' if proven else 'not proven yet'}: {found.says}"
    lines = [*found.todo]
    if proven:
        following = current(await context.writer.run(webhook_steps.standing, context.now()))
        lines.append(f"next: {following}, {TITLES[following]}" if following else "every step is passed")
    return Result(0 if proven else 3, message, "\n".join(lines) or None, numbers)
