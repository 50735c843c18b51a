"""The old provider's webhooks: off, or at the tank, before the import; off for good in the end."""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict

from cockpit.jobs import lock
from cockpit.jobs.context import JobContext
from cockpit.jobs.webhooks import remote
from cockpit.jobs.webhooks.found import Found, keep, said, settling, watched
from cockpit.jobs.webhooks.remote import NoCredential
from cockpit.sources.base import Stream, Webhooks
from cockpit.state import webhook_steps
from cockpit.state.tank import beside, tap
from cockpit.state.tank.tap import Heard
from cockpit.webhooks import advice
from cockpit.words import DAY_MS, counted, span

SAY = 'then say so: cockpit webhooks attest legacy_off --reason "what was done"'
AGAIN = "then: cockpit webhooks next"
TANK = "keep a tank up, with the old provider as a source: cockpit webhooks hold --source NAME"


async def off(context: JobContext) -> Found:
    """Switch streams off where the API does it; else hear what a person did. Then nothing may come."""
    found = await remote.provider(context)
    if found is None or found.webhooks is None:
        return await _by_hand(context, found.name if found is not None else None)
    return await _by_api(context, found.webhooks)


async def _by_api(context: JobContext, of: Webhooks) -> Found:
    streams = await remote.streams(context, of)
    chosen = remote.loud(context, streams)
    if chosen:
        try:
            await remote.turn(context, of, chosen, on=False)
        except NoCredential as error:
            return Found(None, f"still on: {remote.named(chosen)}", (str(error), AGAIN))
        streams = await remote.streams(context, of)
        if left := remote.loud(context, streams):
            return Found("refuted", f"on again, or still: {remote.named(left)}", (AGAIN,))
    began = await watched(context, "legacy_off")
    detail = {"turned": [one.id for one in chosen], "streams": [asdict(one) for one in streams]}
    says = _shown(context, streams)
    if began is None or chosen:
        began = await keep(context, "legacy_off", "watching", says, detail)
    fed = any(one.on and remote.at_tank(context, one.endpoint) for one in streams)
    heard = None if fed else _tank(context, began.at)
    if heard is not None and not heard.silent:
        return Found("refuted", f"{says}, but {_what(heard)} came to the tank", (AGAIN,))
    if (left_ms := settling(context, began)) > 0:
        return Found(None, f"{says}; nothing may come for {span(left_ms)} more", (AGAIN,))
    quiet = "; nothing came to the tank" if heard is not None else ""
    return Found("proven", f"{says}{quiet}", detail=detail)


async def _by_hand(context: JobContext, name: str | None) -> Found:
    told = await said(context, "legacy_off")
    if told is None:
        lines = advice.of(name).lines(context.settings.webhooks.tank_url)
        return Found(None, "only a person can switch these off, and nobody has said so", (*lines, SAY))
    if (left_ms := settling(context, told)) > 0:
        return Found(None, f"said by {told.by}; nothing may come for {span(left_ms)} more", (AGAIN,))
    heard = _tank(context, told.at)
    if heard is None:
        return Found(None, f"said by {told.by}, but no tank observes it", (TANK, AGAIN))
    if heard.refused:
        return Found(
            None, "the tank was sent what it does not let in", ("correct the source's secret", AGAIN)
        )
    if heard.events:
        return Found("proven", f"they go to the tank: {_what(heard)} since {told.by} said so")
    return Found("proven", f"nothing came to the tank since {told.by} said that they are off")


async def stays_off(context: JobContext) -> Found:
    """Nothing comes any more, for days."""
    found = await remote.provider(context)
    webhooks = found.webhooks if found is not None else None
    if webhooks is not None and (left := remote.on(context, await remote.streams(context, webhooks))):
        delete = (
            "delete it in the dashboard, or name it in [webhooks] keep_streams where no application hears it"
        )
        return Found(None, f"still on: {remote.named(left)}", (delete, AGAIN))
    proof = await context.writer.run(webhook_steps.newest, "drained", "proven")
    assert proof is not None, "the sequence lets nobody come here before"
    heard = _tank(context, proof.at)
    if heard is None and webhooks is None:
        return Found(None, "no tank observes it", (TANK, AGAIN))
    silent_ms = context.now() - (proof.at if heard is None or heard.last is None else heard.last)
    left_ms = context.settings.webhooks.bake_days * DAY_MS - silent_ms
    if left_ms > 0:
        return Found(None, f"nothing for {span(silent_ms)}; {span(left_ms)} to go", (AGAIN,))
    return Found("proven", f"nothing came for {span(silent_ms)}")


def _tank(context: JobContext, since: int) -> Heard | None:
    """What the tank heard of old providers since then; None where none listens to one now."""
    if not lock.is_held(beside(context.state), "tank"):
        return None

    def heard(connection: sqlite3.Connection) -> Heard | None:
        return tap.heard(connection, since) if tap.listens(connection) else None

    return tap.ask(context.state, heard)


def _shown(context: JobContext, streams: Sequence[Stream]) -> str:
    """2 streams off, 1 at the tank, 1 kept on."""
    tank = [one for one in streams if one.on and remote.at_tank(context, one.endpoint)]
    off = [one for one in streams if not one.on]
    counts = {"off": len(off), "at the tank": len(tank), "kept on": len(streams) - len(off) - len(tank)}
    shown = ", ".join(f"{n} {how}" for how, n in counts.items() if n)
    return f"the provider shows its streams: {shown}" if shown else "the provider has no streams"


def _what(heard: Heard) -> str:
    return counted(heard.events, "event") if heard.events else "requests without a good signature"
