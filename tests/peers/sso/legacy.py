"""An application with logins of its own, as it was before: python -m tests.peers.sso.legacy SETTINGS PORT.

SAML is verified by pysaml2 with xmlsec1, ID tokens by PyJWT. It keeps sessions, logins under way and used
assertions itself. Since the migration it also takes users whom WorkOS has signed in.
"""

import json
import secrets
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from werkzeug.serving import WSGIRequestHandler, run_simple
from werkzeug.wrappers import Request, Response

from tests.peers.sso.legacy_sso import Begun, Refused, Settings, Tenant, tenant

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class _Flow(NamedTuple):
    tenant: str
    browser: str
    begun: Begun


class Legacy:
    """The application. Its pages say who is logged in, and by whom."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tenants: dict[str, Tenant] = {name: tenant(name, settings) for name in settings["tenants"]}
        self._flows: dict[str, _Flow] = {}
        self._sessions: dict[str, str] = {}
        self._used: set[str] = set()

    def __call__(self, environ: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
        """WSGI."""
        request = Request(environ)
        try:
            response = self._answer(request)
        except Refused as refused:
            response = _page(f"legacy refused: {refused}", 403)
        return response(environ, start)

    def _answer(self, request: Request) -> Response:
        match request.path.strip("/").split("/"):
            case [""]:
                return _page(self._sessions.get(request.cookies.get("session", ""), "not logged in"))
            case ["login", name] if name in self._tenants:
                return self._begin(name)
            case ["sso", name, "acs" | "callback"] if name in self._tenants:
                return self._finish(request, name)
            case ["workos", "callback"]:
                return self._from_workos(request)
        return _page("not found", 404)

    def _begin(self, name: str) -> Response:
        """To the customer's IdP; a cookie binds the login to this browser."""
        begun, browser = self._tenants[name].begin(), secrets.token_urlsafe(16)
        self._flows[begun.token] = _Flow(name, browser, begun)
        response = Response(status=302, headers={"Location": begun.location, "Cache-Control": "no-store"})
        response.set_cookie("legacy_flow", browser, secure=True, httponly=True, samesite="None")
        return response

    def _finish(self, request: Request, name: str) -> Response:
        said = {**request.args.to_dict(), **request.form.to_dict()}
        party = self._tenants[name]
        content = party.content(said)
        self._note(sha256(content).hexdigest(), name)
        answered = party.answered(said)
        flow = self._flows.pop(answered or "", None)
        if answered is not None and flow is None:
            # pysaml2 lets this pass where unsolicited responses are allowed, though it names a request.
            raise Refused("the login did not begin here")
        if flow is not None and (flow.tenant != name or flow.browser != request.cookies.get("legacy_flow")):
            raise Refused("the login began in another browser")
        login = party.finish(said, flow.begun if flow else None)
        if login.ident in self._used:
            raise Refused("the assertion was used before")
        self._used.add(login.ident)
        return self._logged_in(f"logged in by legacy as {login.email}")

    def _from_workos(self, request: Request) -> Response:
        if "code" not in request.args:
            raise Refused(f"WorkOS said {request.args.get('error')}")
        workos = self._settings["workos"]
        form = {"grant_type": "authorization_code", "code": request.args["code"]}
        form |= {"client_id": workos["client_id"], "client_secret": workos["api_key"]}
        answered = httpx.post(workos["token_url"], data=form, trust_env=False)
        if answered.is_error:
            raise Refused(f"the code is not one of WorkOS: {answered.text}")
        return self._logged_in(f"logged in by WorkOS as {answered.json()['profile']['email']}")

    def _logged_in(self, text: str) -> Response:
        session = secrets.token_urlsafe(16)
        self._sessions[session] = text
        response = Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})
        response.set_cookie("session", session, secure=True, httponly=True, samesite="Lax")
        return response

    def _note(self, digest: str, name: str) -> None:
        """What came, before anything is made of it: what another party saw can be compared with it."""
        with Path(self._settings["ledger"]).open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps({"sha256": digest, "tenant": name}) + "\n")


def _page(text: str, status: int = 200) -> Response:
    body = f"<!doctype html><title>Application</title><p id=who>{text}</p>"
    return Response(body, status=status, content_type="text/html; charset=utf-8")


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *arguments: object) -> None:  # noqa: A002
        """Not a line for each request."""


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    run_simple("127.0.0.1", int(sys.argv[2]), Legacy(given), threaded=True, request_handler=_Quiet)
