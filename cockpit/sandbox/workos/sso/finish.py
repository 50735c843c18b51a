"""How a sign-in by SSO ends: events, a session, the connection's state, and where the browser goes."""

from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

from cockpit.sandbox.workos.connection_store import Connection
from cockpit.sandbox.workos.session_store import Session
from cockpit.sandbox.workos.sso.attempts import EVENTS, TIMED_OUT, Attempt, Rejected, Visitor
from cockpit.sandbox.workos.sso.flows import Flow
from cockpit.sandbox.workos.sso.profile import Profile
from cockpit.sandbox.workos.store import User
from cockpit.sandbox.world import World

_LOOPBACK = ("127.0.0.1", "localhost")


class Finish:
    """Both ends of all sign-ins of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def tell(self, attempt: Attempt) -> None:
        """Note one step as an event."""
        self._world.events.append(EVENTS[attempt.outcome], attempt.as_json)

    def time_out(self) -> None:
        """End those sign-ins that took too long; whoever asks for events sees it at once."""
        world = self._world
        for flow in world.flows.overdue(world.clock.now()):
            row = world.connections.get(flow.connection_id)
            if row is not None:
                self.tell(Attempt("timed_out", row, flow.session_id, flow.visitor, error=TIMED_OUT))

    def is_allowed(self, uri: str) -> bool:
        """Whether browsers may be sent there: one of the environment's redirect URIs, if it has any."""
        known = self._world.switches.redirect_uris.split()
        parts = urlsplit(uri)
        safe = bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in _LOOPBACK)
        return safe and (not known or uri in known)

    def succeeded(
        self, row: Connection, profile: Profile, flow: Flow | None, relay_state: str, who: Visitor
    ) -> web.Response:
        """To the application with a code; the first success makes the connection active.

        A sign-in that began at the IdP (no flow) goes where its RelayState says, or to the default redirect
        URI. Raises Rejected for a person whose e-mail is outside of the organization.
        """
        world = self._world
        self._check_domain(row, profile)
        user = self._user(profile)
        session_id = world.ids.next("session") if flow is None else flow.session_id
        now = world.ids.now_ms()
        world.sessions.add(
            Session(session_id, user.id, row.organization_id, who.ip_address, who.user_agent, now)
        )
        self.tell(Attempt("succeeded", row, session_id, who, profile.email, user.id))
        if row.state == "validating":
            world.connections.replace(row._replace(state="active", updated_at=now))
        code = world.flows.grant(profile, None if flow is None else flow.challenge, world.clock.now())
        target = self._default(relay_state) if flow is None else flow.redirect_uri
        if target is None:
            return _page("You are signed in, but this environment has no default redirect URI.")
        return _redirect(target, {"code": code} | _state(flow))

    def failed(self, row: Connection, error: Rejected, flow: Flow | None, who: Visitor) -> web.Response:
        """Back to the application with the error, or a page where nobody knows which application it was."""
        session_id = self._world.ids.next("session") if flow is None else flow.session_id
        shown = {"code": error.code, "message": error.message}
        self.tell(Attempt("failed", row, session_id, who, error=shown))
        if flow is not None:
            return returned(error, flow)
        target = self._default("")
        if target is None:
            return _page(f"{error.message} ({error.code})")
        origin = {"connection_id": row.id, "organization_id": row.organization_id}
        return _redirect(target, _said(error) | origin)

    def _default(self, relay_state: str) -> str | None:
        """Where a sign-in goes that began at the IdP: RelayState may name a redirect URI (documentation)."""
        (wanted,) = parse_qs(relay_state).get("redirect_uri", [""])[:1]
        if wanted and self.is_allowed(wanted):
            return wanted
        return next(iter(self._world.switches.redirect_uris.split()), None)

    def _check_domain(self, row: Connection, profile: Profile) -> None:
        organization = self._world.organizations[row.organization_id]
        if organization.allow_profiles_outside_organization:
            return
        verified = {one.domain for one in organization.domains if one.state == "verified"}
        if profile.email.rpartition("@")[2] not in verified:
            message = "The profile's e-mail is of no verified domain of the organization."
            raise Rejected("profile_not_allowed_outside_organization", message)

    def _user(self, profile: Profile) -> User:
        """The user of that e-mail, who is made when there is none.

        UNVERIFIED: whether a sign-in that begins at /sso/authorize makes users, as AuthKit's do.
        """
        users, now = self._world.users, self._world.ids.now_ms()
        user = users.by_email(profile.email)
        if user is None:
            user = User(
                id=self._world.ids.next("user"),
                email=profile.email,
                email_verified=True,
                first_name=profile.first_name,
                last_name=profile.last_name,
                name=profile.name,
                metadata={},
                created_at=now,
                updated_at=now,
            )
            users.add(user)
        return users.signed_in(user, now)


def returned(error: Rejected, flow: Flow) -> web.Response:
    """Back to the application that began the sign-in (documentation: get-authorization-url, error codes)."""
    return _redirect(flow.redirect_uri, _said(error) | _state(flow))


def _said(error: Rejected) -> dict[str, str]:
    return {"error": error.code, "error_description": error.message}


def _state(flow: Flow | None) -> dict[str, str]:
    return {} if flow is None or flow.state is None else {"state": flow.state}


def _redirect(target: str, said: dict[str, str]) -> web.Response:
    address = f"{target}{'&' if urlsplit(target).query else '?'}{urlencode(said)}"
    return web.Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})


def _page(message: str) -> web.Response:
    return web.Response(status=400, text=message + "\n", headers={"Cache-Control": "no-store"})
