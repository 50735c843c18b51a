"""From the import to an empty backlog: steps whose evidence is in the state and in the tank already."""

import sqlite3
from collections import Counter

from cockpit.jobs.context import JobContext
from cockpit.jobs.webhooks import remote
from cockpit.jobs.webhooks.found import Found, said, settling, watched
from cockpit.jobs.webhooks.legacy import AGAIN
from cockpit.jobs.webhooks.remote import NoCredential
from cockpit.state import connections, diffs, events, jobs, journal, webhook_steps
from cockpit.state.journal import USER
from cockpit.state.tank import counts, tap
from cockpit.state.tank.counts import Counts
from cockpit.words import counted, span

SIGN_IN_MS = 300_000
"""WorkOS gives a sign-in up after five minutes."""
SAY = 'decide, then say so: cockpit webhooks attest {} --reason "what was decided"'


async def imported(context: JobContext) -> Found:
    """An import ended, and the diff that was begun after it is clean."""

    def standing(connection: sqlite3.Connection) -> Found:
        sent, diff = jobs.latest(connection, "import"), diffs.latest(connection)
        if sent is None or sent.ended_at is None:
            return Found(None, "nothing was imported yet", ("cockpit users import, or cockpit run", AGAIN))
        if diff is None or diff.started_at < sent.ended_at:
            return Found(None, "source and target were not compared since", ("cockpit users diff", AGAIN))
        if not diff.clean:
            return Found(None, "the diff is not clean", ("cockpit users sync", AGAIN))
        users = journal.counts(connection, USER)
        there = users["imported"] + users["adopted"]
        return Found("proven", f"{there:,} users are there, and the diff is clean", detail={"diff": diff.id})

    return await context.writer.run(standing)


async def cut_over(context: JobContext) -> Found:
    """A sign-in by SSO went through WorkOS after the import: its two events are in the log."""
    proof = await context.writer.run(webhook_steps.newest, "import", "proven")
    assert proof is not None, "the sequence lets nobody come here before"
    found = await context.writer.run(events.cut_over, proof.at, SIGN_IN_MS)
    if found is not None:
        ident, at = found
        return Found("proven", f"a sign-in through {ident} went through WorkOS", detail={"at": at})
    told = await said(context, "cutover")
    any_sso = sum((await context.writer.run(connections.verdicts)).values())
    any_sso += await context.writer.run(connections.unchecked)
    if told is not None and not any_sso:
        return Found("proven", f"this state has no SSO connections; said by {told.by}")
    return Found(
        None,
        "no sign-in by SSO has begun and succeeded at WorkOS since the import",
        ("flip one connection, let somebody sign in, and follow the events: cockpit events", AGAIN),
    )


async def decided(context: JobContext) -> Found:
    """What is held, by class, and what a person wants to become of it."""
    held = {name: n for name, n in _held(context).items() if n}
    total = sum(held.values())
    queued = await _queued(context)
    if not total and not queued:
        return Found("proven", "nothing is held, and nothing queues at the provider")
    classes = ", ".join(f"{n:,} {name}" for name, n in sorted(held.items(), key=lambda pair: -pair[1])[:8])
    says = f"{counted(total, 'event')} held{f': {classes}' if classes else ''}"
    if queued:
        says += f"; more queue at the provider for {queued}"
    told = await said(context, "backlog")
    if told is not None:
        return Found("proven", f"{says}; {told.by}: {told.says}", detail={"held": held})
    look = "look at them: cockpit webhooks status; cockpit webhooks drain --dry-run; cockpit webhooks discard"
    return Found(None, says, (look, SAY.format("backlog"), AGAIN))


async def drained(context: JobContext) -> Found:
    """Nothing is held any more and nothing is dead, and no queue waits at the provider."""
    if (waits := await _resumed(context)) is not None:
        return waits
    began = await watched(context, "drained")
    if began is not None and (left_ms := settling(context, began)) > 0:
        return Found(None, f"{began.says}; {span(left_ms)} more until it is judged", (AGAIN,))
    total = Counts()
    for (source, _), one in (tap.ask(context.state, counts.by_class) or {}).items():
        if source != tap.TARGET:
            states = Counter(total.states) + Counter(one.states)
            total = Counts(total.arrived + one.arrived, total.again + one.again, dict(states))
    sending, dead = total.of("sending"), total.of("dead")
    done = f"{total.of('delivered'):,} drained, {total.of('discarded') + total.left_out:,} left out"
    if total.held or sending:
        left = f"{counted(total.held + sending, 'event')} held still; {done}"
        return Found(None, left, ("cockpit webhooks drain --to URL, or cockpit webhooks discard", AGAIN))
    told = await said(context, "drained")
    if dead and told is None:
        return Found(None, f"{counted(dead, 'dead letter')}; {done}", (SAY.format("drained"), AGAIN))
    signed_off = (
        f"; {counted(dead, 'dead letter')}, {told.by}: {told.says}" if dead and told is not None else ""
    )
    return Found("proven", f"{done}{signed_off}")


def _held(context: JobContext) -> Counter[str]:
    """Held events of old providers by class."""
    found: Counter[str] = Counter()
    for (source, type_), one in (tap.ask(context.state, counts.by_class) or {}).items():
        if source != tap.TARGET:
            found[type_] += one.held
    return found


async def _queued(context: JobContext) -> str:
    """The provider's streams that queue while they are off, in words."""
    found = await remote.provider(context)
    if found is None or found.webhooks is None:
        return ""
    return remote.named(await remote.queueing(context, found.webhooks))


async def _resumed(context: JobContext) -> Found | None:
    """Turn on what queues, once it goes to the tank; None when nothing queues at the provider.

    A queue comes at once when its stream is on again, so one that goes elsewhere is left off.
    """
    found = await remote.provider(context)
    if found is None or found.webhooks is None:
        return None
    waiting = await remote.queueing(context, found.webhooks)
    if not waiting:
        return None
    says = f"events queue at the provider for {remote.named(waiting)}"
    if any(not remote.at_tank(context, one.endpoint) for one in waiting):
        tank = context.settings.webhooks.tank_url or "the tank"
        ways = (
            f"to drain: set its endpoint to {tank} in the dashboard, still paused; cockpit resumes it then",
            "to discard: delete it, and create it anew with startFrom = now",
        )
        return Found(None, says, (*ways, AGAIN))
    try:
        await remote.turn(context, found.webhooks, waiting, on=True)
    except NoCredential as error:
        return Found(None, says, (str(error), AGAIN))
    return Found("watching", f"on again, and its queue flows to the tank: {remote.named(waiting)}", (AGAIN,))
