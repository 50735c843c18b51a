"""What the rollout needs to know of connections, out of cockpit.db."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from cockpit.connections.board import begins
from cockpit.connections.model import Protocol
from cockpit.rollout.route import Route
from cockpit.state import connections
from cockpit.state.connections import CALLED
from cockpit.state.rollout import flips, routes
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import Described

SYNC = Actor("sync", person=False)


def read(state: sqlite3.Connection) -> list[Described]:
    """Every connection as the board shows it; one that was never mapped is manual."""
    users = connections.users_of(state)
    rows = state.execute(
        "select c.source_id, c.protocol, coalesce(c.override, c.verdict), "
        "coalesce(o.name, c.organization_name, c.override_organization, c.organization_key, ''), "
        "c.target_id, c.callback_endpoint, coalesce(c.record, '{}'), coalesce(c.name, c.source_id), "
        "c.idp, c.certificate_until, c.domains "
        "from connections c left join resources o on o.kind = 'organization' "
        "and o.source_id = coalesce(c.override_organization, c.organization_key) order by c.id"
    ).fetchall()
    return [_described(users[row[0]], *row) for row in rows]


def _described(
    users: int, ident: str, protocol: Protocol | None, verdict: Any, organization: str,
    target_id: str | None, callback_endpoint: str | None, record: str, name: str,
    idp: str | None, certificate_until: int | None, domains: str,
) -> Described:  # fmt: skip
    told = json.loads(record)
    saml, oidc = told.get("saml") or {}, told.get("oidc") or {}
    route = Route(
        connection=ident,
        protocol=protocol or "other",
        column=begins(verdict),
        organization=organization,
        target_id=target_id,
        callback_endpoint=callback_endpoint,
        callback_url=saml.get("acs_url") or oidc.get("redirect_uri"),
        issuer=saml.get("idp_entity_id") or oidc.get("issuer"),
    )
    return Described(route, name, idp, users, certificate_until, domains)


def take_over(rollout: sqlite3.Connection, found: Sequence[Described], now: int) -> int:
    """Bring the board level with this; returns how many lines changed.

    Where another connection of WorkOS takes the place of the one that was flipped (or none does), its logins
    are held at legacy: nobody has flipped them to that one.
    """
    flipped = {ident: routes.one(rollout, ident).described.route for ident in routes.at_workos(rollout)}
    gone = [
        item.route.connection
        for item in found
        if (before := flipped.get(item.route.connection)) and before.target_id != item.route.target_id
    ]
    if gone:
        flips.take_back(rollout, gone, SYNC, now, "it is another connection at WorkOS now")
    return routes.describe(rollout, found)


def warnings(state: sqlite3.Connection) -> dict[str, int]:
    """Findings of warning grade, by connection."""
    return dict(
        state.execute(
            "select c.source_id, count(*) from connection_findings f join connections c "
            "on c.id = f.connection where f.severity = 'warning' group by 1"
        ).fetchall()
    )


def differences(state: sqlite3.Connection, ident: str) -> tuple[int, int] | None:
    """When the last diff ended (ms), and how many differences it found in a connection's users.

    Its users are those who came by it or are members of its organization, and those unknown whose e-mail has
    one of its domains. What can't be told from others' counts too. None without a finished diff.
    """
    newest = state.execute(
        "select id, finished_at from diffs where finished_at is not null order by id desc limit 1"
    ).fetchone()
    if newest is None:
        return None
    diff, finished_at = newest
    count = state.execute(
        "with c as (select source_id, name, domains, coalesce(override_organization, organization_key) key, "
        "record from connections where source_id = ?2), "
        "org as (select r.id, r.source_id from resources r, c where r.kind = 'organization' "
        "and r.source_id = c.key), "
        "open as (select thing, subject, external_id, email from diff_findings where diff = ?1 "
        "and kind in ('missing', 'drifted', 'changed', 'deleted')) "
        "select count(*) from open, c where case "
        "when thing = 'user' and subject is null then "
        "instr(';' || c.domains || ';', ';' || substr(email, instr(email, '@') + 1) || ';') > 0 "
        "when thing = 'user' then exists (select 1 from users u where u.id = subject "
        f"and u.connection in ({CALLED})) "
        "or exists (select 1 from resources m, org where m.user = subject and m.kind = 'membership' "
        "and m.organization = org.id) "
        "when thing = 'organization' then subject = (select id from org) or external_id = c.key "
        "when thing in ('membership', 'role') and subject is not null then exists "
        "(select 1 from resources m, org where m.id = subject and m.organization = org.id) "
        "else 1 end",
        (diff, ident),
    ).fetchone()[0]
    return finished_at, count
