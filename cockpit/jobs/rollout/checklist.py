"""The checklist of a connection: its newest sign-in, the user's sessions at WorkOS, what people ticked."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cockpit.clock import Clock
from cockpit.jobs.rollout import ask
from cockpit.rollout.checklist import DASHBOARD, Item, SignedIn, Webhook, items, shows
from cockpit.settings import Settings, SettingsError
from cockpit.state import events
from cockpit.state.rollout import flips, routes, ticks
from cockpit.state.tank import tap
from cockpit.workos import client, limiter
from cockpit.workos.client import WorkOS

SUCCEEDED = "authentication.sso_succeeded"


def newest(state: sqlite3.Connection, target_id: str, since: int) -> SignedIn | None:
    """The newest sign-in through a connection of WorkOS from then (ms) on."""
    found = events.newest_of(state, target_id, SUCCEEDED, since)
    if found is None:
        return None
    data = json.loads(found.body).get("data") or {}
    session = (data.get("sso") or {}).get("session_id")
    return SignedIn(found.event, found.at, session, data.get("user_id"), data.get("email"))


def read(
    file: Path,
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    ident: str,
    settings: Settings,
    clock: Clock,
) -> list[Item]:
    """The list; WorkOS is asked for the sessions of whoever signed in, the tank beside `file` for the event.

    Raises KeyError, KeyRefused, StateError.
    """
    route = routes.one(rollout, ident).described.route
    last = flips.newest(rollout, ident)
    flipped = last.flipped_at if last is not None else None
    signed_in = None
    if route.target_id is not None and flipped is not None:
        signed_in = newest(state, route.target_id, flipped)
    session, asked = None, None
    if signed_in is not None:
        try:
            session = asyncio.run(_session(settings, signed_in, clock))
        except (ask.Silent, SettingsError) as error:
            asked = str(error)
    seen = ticks.of(rollout, ident).get(DASHBOARD)
    ticked = None if seen is None else f"seen by {seen.operator}{f': {seen.note}' if seen.note else ''}"
    if seen is not None and flipped is not None and seen.at < flipped:
        ticked = None  # that was another flip
    address = settings.rollout.dashboard.format(connection=route.target_id or "")
    webhook = tap.ask(file, lambda tank: _webhook(tank, signed_in))
    return [*items(signed_in, session, asked, webhook, address, ticked)]


def _webhook(tank: sqlite3.Connection, signed_in: SignedIn | None) -> Webhook | None:
    if not tap.listens(tank, target=True):
        return None
    return Webhook(None if signed_in is None else tap.came(tank, signed_in.event))


async def _session(settings: Settings, signed_in: SignedIn, clock: Clock) -> str | None:
    target = client.connect(settings.target, limiter.published(clock, settings.target), clock)
    try:
        user = signed_in.user or await _user(target, signed_in.email)
        return None if user is None else shows(await _sessions(target, user), signed_in)
    finally:
        await target.close()


async def _user(target: WorkOS, email: str | None) -> str | None:
    if email is None:
        return None
    reply = await ask.once(lambda: target.users_by_email(email))
    found = (reply.data or {}).get("data") or []
    return str(found[0]["id"]) if found else None


async def _sessions(target: WorkOS, user: str) -> Sequence[dict[str, Any]]:
    """Those of the first page, the newest: a sign-in that was just seen is among them."""
    reply = await ask.once(lambda: target.sessions_of(user))
    return (reply.data or {}).get("data") or []
