"""What there is before anything is switched: whom both sides tell of events, and how much comes."""

from dataclasses import asdict

from cockpit.jobs.context import JobContext
from cockpit.jobs.webhooks import remote
from cockpit.jobs.webhooks.found import Found
from cockpit.state import events
from cockpit.state.tank import tap
from cockpit.words import DAY_MS, counted


async def snapshot(context: JobContext) -> Found:
    """List the target's endpoints and the source's streams; count what the tank heard in a day."""
    async with remote.endpoints(context) as at:
        endpoints = await at.listed()
    found = await remote.provider(context)
    streams = None
    if found is not None and found.webhooks is not None:
        streams = await remote.streams(context, found.webhooks)
    since = context.now() - DAY_MS
    heard = tap.ask(context.state, lambda connection: tap.heard(connection, since))
    known = await context.writer.run(events.standing)
    on = sum(one.on for one in endpoints)
    says = [f"{counted(len(endpoints), 'endpoint')} at WorkOS, {on} on"]
    if streams is None:
        says.append("what the provider has, only its dashboard shows: write its endpoints down")
    else:
        says.append(f"{counted(len(streams), 'stream')} at the provider, {sum(one.on for one in streams)} on")
    if heard is not None:
        says.append(f"{heard.events / 24:,.1f} events an hour at the tank")
    detail = {
        "endpoints": [one._asdict() for one in endpoints],
        "streams": None if streams is None else [asdict(one) for one in streams],
        "heard": None if heard is None else heard.events,
        "cursor": None if known is None else known.cursor,
    }
    return Found("proven", "; ".join(says), detail=detail)
