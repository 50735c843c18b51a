"""Invite: IT contacts of customers are sent WorkOS's own e-mail with a link to set up the connection anew."""

import json
import sqlite3

from cockpit.jobs import lock
from cockpit.jobs.connections.customers import Desk, Refused, desk, words
from cockpit.jobs.context import JobContext, Result
from cockpit.state import audit, connections, handoff
from cockpit.state.connections import Whole
from cockpit.transport import Lost

INTENTS = ("sso",)


async def run(context: JobContext) -> Result:
    """`args`: "invitations" ([connection's number, e-mail]), "again" (also where one went out before).

    One after another; one whose answer was lost counts as sent, since an e-mail can't be taken back.
    Exit 3 when one was refused.
    Raises SettingsError, BindingError, KeyRefused, LockHeld, Unreachable, Stopped.
    """
    with lock.held(context.state, "target-writes"):
        async with desk(context) as opened:
            return await _send(context, opened)


async def _send(context: JobContext, at: Desk) -> Result:
    wanted: dict[int, str] = {int(ident): email for ident, email in context.args["invitations"]}
    homes = await context.writer.run(connections.homes)
    found = await context.writer.run(connections.whole, [*wanted])
    rows = {row.id: row for row in await context.writer.run(connections.rows, [*wanted])}
    before = 0
    context.progress.total = len(found)
    for item in found:
        await context.steering.gate()
        if rows[item.id].invited_at is not None and not context.args.get("again"):
            before += 1
            continue
        email = wanted[item.id]
        try:
            organization = await at.organization(handoff.home(item, homes), item.connection.domains)
            await _invite(context, at, item, organization, email)
        except Refused as error:
            context.progress.failed += 1
            await context.notice(f"{item.connection.name}: {error}", "warn")
    progress = context.progress
    text = f"{progress.done} invited, {progress.failed} refused, {before} were invited before"
    numbers = {"invited": progress.done, "refused": progress.failed, "before": before}
    if progress.failed:
        return Result(3, text, "where invitations are not available: cockpit connections links", numbers)
    return Result(0, text, "their connections show up with: cockpit connections match", numbers)


async def _invite(context: JobContext, at: Desk, item: Whole, organization: str, email: str) -> None:
    contact = await _contact(at, organization, email)
    body = json.dumps({"intents": list(INTENTS)})

    def note(connection: sqlite3.Connection) -> None:
        now = context.now()
        connections.invited(connection, item.id, email, now)
        audit.record(
            connection, context.operator, "connections.invite", item.connection.source_id, now, after=email
        )

    try:
        reply = await at.target.invite_it_contact(organization, contact, body)
    except Lost:
        await context.writer.run(note)
        raise Refused("the invitation may or may not have gone out; ask the customer") from None
    if reply.verdict != "ok":
        raise Refused(words(reply))
    await context.writer.run(note)
    context.progress.done += 1


async def _contact(at: Desk, organization: str, email: str) -> str:
    """The id of the organization's IT contact of that e-mail, made when there is none."""
    if (found := await _known(at, organization, email)) is not None:
        return found
    body = json.dumps({"email": email})
    reply = await at.ask(lambda: at.target.create_it_contact(organization, body))
    if reply.verdict == "ok" and reply.data is not None:
        return str(reply.data["id"])
    # Where the answer to an earlier request was lost it is there by now.
    found = await _known(at, organization, email)
    if found is None:
        raise Refused(words(reply))
    return found


async def _known(at: Desk, organization: str, email: str) -> str | None:
    known = await at.ask(lambda: at.target.it_contacts(organization))
    if known.verdict != "ok":
        raise Refused(f"IT contacts are not available here ({words(known)}); cockpit connections links")
    for contact in (known.data or {}).get("data", []):
        if str(contact.get("email")).lower() == email.lower():
            return str(contact["id"])
    return None
