"""The target: its key, its limits, and settings of it that may refuse an import. Nothing is ever created."""

import math
from collections.abc import Mapping

from cockpit.clock import Clock
from cockpit.doctor.hurry import Hurry, OutOfPatience
from cockpit.doctor.replies import Heard
from cockpit.findings import Finding, fail, ok, warn
from cockpit.settings import TargetSettings
from cockpit.state.meta import key_fingerprint
from cockpit.state.preflight import Preflight
from cockpit.transport import Allow, TransportError, overhearing
from cockpit.workos import client as workos
from cockpit.workos import limiter

PATIENCE_S = 5.0
PUBLISHED = {"writes_per_10s": 500, "reads_per_10s": 1000, "requests_per_60s": 6000}
"""WorkOS's rate limits (documentation: rate limits)."""
ALLOWED = [Allow("GET", workos.USERS)]
CONTACT = 200_000
"""Above so many users or organizations WorkOS's migration guides ask to contact support first."""


async def examine(
    settings: TargetSettings, clock: Clock, known: Preflight | None, amounts: Mapping[str, int]
) -> list[Finding]:
    """Every check of the environment that the settings name.

    `known`: what the state says, if there is one; `amounts`: how many of "user" and "organization" will come.
    """
    plan = [*limits(settings, amounts.get("user", 0)), *large(amounts)]
    if settings.api_key is None:
        step = "set WORKOS_API_KEY, in this shell or in .env"
        why = "nothing can be imported without it"
        return [fail("credentials", "no WorkOS API key", why, step), *plan]
    findings = _binding(settings, settings.api_key.get_secret_value(), known)
    heard = Heard(clock)
    with overhearing(heard):
        findings.append(await _asked(settings, Hurry(clock, PATIENCE_S)))
    reached = findings[-1].level == "ok"
    return [*findings, *heard.findings("WorkOS"), *([radar(known)] if reached else []), *plan]


async def _asked(settings: TargetSettings, clock: Clock) -> Finding:
    """One user is listed, which needs the key and AuthKit."""
    pace = limiter.published(clock, settings)
    nothing = "nothing can be imported now"
    try:
        target = workos.connect(settings, pace, clock, allow=ALLOWED)
    except TransportError as error:
        return fail("settings", f"{error.what}: {error.why}", "nothing can be imported", error.next)
    try:
        reply = await target.list_users(None, 1)
    except workos.KeyRefused as error:
        step = "check that WORKOS_API_KEY is a key of this environment, and was not revoked"
        return fail("credentials", str(error), "nothing can be imported", step)
    except TransportError as error:
        step = error.next.partition("; ")[0]
        return fail("answer", f"{error.what}: {error.why}", nothing, step)
    except OutOfPatience:
        step = "see who else uses this key, then run this again"
        return fail("quota", "WorkOS answers 429, too many requests", nothing, step)
    finally:
        await target.close()
    if reply.verdict != "ok":
        what = f"listing users was answered HTTP {reply.status}: {reply.message}"
        return fail("answer", what, nothing, "check WORKOS_BASE_URL, and status.workos.com")
    return ok("credentials", f"{settings.base_url} accepts the key")


def _binding(settings: TargetSettings, key: str, known: Preflight | None) -> list[Finding]:
    bound = known.binding.target if known else None
    wanted = f"{settings.base_url.rstrip('/')}#{key_fingerprint(key)}"
    if bound in (None, wanted):
        return []
    what = f"the state's journal belongs to {bound}, the settings name {wanted}"
    step = "use that environment's key, or start an empty journal with: cockpit target new"
    return [fail("binding", what, "what was sent is known of that target only", step)]


def limits(settings: TargetSettings, users: int) -> list[Finding]:
    """The pace of the settings beside the published one, and how long that many users take by it."""
    chosen = {name: getattr(settings, name) for name in PUBLISHED}
    above = [name for name, most in PUBLISHED.items() if not 0 < chosen[name] <= most]
    if not above:
        minutes = math.ceil(users / (limiter.SHARE * settings.writes_per_10s / 10) / 60)
        lasts = f"; {users:,} users take about {minutes:,} min" if users else ""
        return [ok("limits", f"{settings.writes_per_10s} writes in 10 s, as published or less{lasts}")]
    what = ", ".join(f"{name} = {chosen[name]} (published: {PUBLISHED[name]})" for name in above)
    why = "beyond its limits WorkOS answers 429, to everybody who uses the key"
    return [warn("limits", what, why, "ask WorkOS for higher limits, or take these out of [target]")]


def radar(known: Preflight | None) -> Finding:
    """Radar can't be asked for: no endpoint tells its mode, and trying would create a user."""
    step = "see Radar in WorkOS's dashboard, or import one user first: cockpit users import --limit 1"
    if known and known.about_ip:
        what = f"WorkOS asks for an ip_address, {known.about_ip:,} users failed by it"
        return fail("radar", what, "Radar in Decision mode refuses users without one", step)
    if known and known.created:
        return ok("radar", f"{known.created:,} users were created, so no setting refuses all of them")
    what = "not known whether Radar is in Decision mode; it can't be asked for"
    return warn("radar", what, "in that mode WorkOS refuses users without an ip_address", step)


def large(amounts: Mapping[str, int]) -> list[Finding]:
    """Where there are so many users or organizations that WorkOS wants to hear of it first."""
    why = f"above {CONTACT:,} WorkOS's documentation asks to contact support before an import"
    step = "ask WorkOS's support, and say when you mean to import"
    many = {kind: number for kind, number in amounts.items() if number > CONTACT}
    return [warn("amount", f"{number:,} {kind}s", why, step) for kind, number in many.items()]
