"""WorkOS as an OpenID Connect client of a customer's IdP: what it asks of it."""

import base64
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import ClientError, ClientSession

from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.connection_store import Connection
from cockpit.sandbox.workos.sso.attempts import Rejected
from cockpit.sandbox.workos.sso.flows import Flow
from cockpit.sandbox.workos.sso.pkce import challenge

SCOPE = "openid profile email"
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
_WELL_KNOWN = "/.well-known/openid-configuration"


async def discovered(session: ClientSession, row: Connection) -> Json:
    """The provider's document; Rejected when it can't be had."""
    address = row.options["discovery_endpoint"].rstrip("/").removesuffix(_WELL_KNOWN) + _WELL_KNOWN
    document = await _asked(session, "GET", address)
    if not all(isinstance(document.get(name), str) for name in _NEEDED):
        raise Rejected("oauth_failed", "The identity provider's discovery document is not complete.")
    return document


def location(document: Json, row: Connection, flow: Flow) -> str:
    """Where to send a browser that is to sign in there and to come back to the connection's redirect URI."""
    asked = {
        "client_id": row.options["client_id"],
        "response_type": "code",
        "scope": SCOPE,
        "redirect_uri": row.options["redirect_uri"],
        "state": flow.token,
        "nonce": flow.nonce,
    }
    if row.options["pkce"]:
        asked |= {"code_challenge": challenge(flow.verifier), "code_challenge_method": "S256"}
    return f"{document['authorization_endpoint']}?{urlencode(asked)}"


async def exchanged(session: ClientSession, document: Json, row: Connection, flow: Flow, code: str) -> Json:
    """The provider's tokens for a code; Rejected when it has none."""
    options = row.options
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": options["redirect_uri"]}
    if options["pkce"]:
        form["code_verifier"] = flow.verifier
    ident, secret, headers = options["client_id"], row.secret or "", {}
    match options["token_authentication_method"]:
        case "client_secret_basic":
            pair = f"{quote(ident, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        case "client_secret_post":
            form |= {"client_id": ident, "client_secret": secret}
        case method:
            raise Rejected("oauth_failed", f"No key is kept here for {method}.")
    return await _asked(session, "POST", document["token_endpoint"], data=form, headers=headers)


async def keys(session: ClientSession, document: Json) -> Json:
    """The provider's JSON Web Key Set."""
    return await _asked(session, "GET", document["jwks_uri"])


async def user_info(session: ClientSession, document: Json, access_token: str, subject: str) -> Json:
    """What the provider says more of the person; Rejected when it speaks of another."""
    bearer = {"Authorization": f"Bearer {access_token}"}
    said = await _asked(session, "GET", document["userinfo_endpoint"], headers=bearer)
    if said.get("sub") != subject:
        raise Rejected("oauth_failed", "The user info is another person's.")
    return said


async def _asked(session: ClientSession, method: str, address: str, **options: Any) -> Json:
    try:
        async with session.request(method, address, **options) as response:
            body = await response.json(content_type=None)
            if response.ok and isinstance(body, dict):
                return body
    except (ClientError, TimeoutError, ValueError):
        raise Rejected("oauth_failed", "The identity provider can't be reached.") from None
    raise Rejected("oauth_failed", f"The identity provider answered {response.status}.")
