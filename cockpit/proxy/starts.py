"""Where a login begins: the flag is read here too, and the browser is marked with the side it began on."""

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

from cockpit.proxy import pages
from cockpit.proxy.config import Starts
from cockpit.proxy.ledger import key
from cockpit.proxy.table import Ready
from cockpit.rollout import form, saml_request
from cockpit.serving.asgi import Headers, Reply

_PASSED_ON = ("state", "login_hint", "domain_hint", "provider_scopes")


def to_workos(starts: Starts, ready: Ready, query: bytes, marked: Headers) -> Reply:
    """Send the browser to WorkOS's authorize address, with this connection."""
    given = dict(parse_qsl(query.decode("latin-1")))
    asked = {name: given[name] for name in _PASSED_ON if name in given}
    asked.setdefault("state", secrets.token_urlsafe(32))
    parameters = urlencode(
        {
            "client_id": starts.client_id,
            "redirect_uri": starts.redirect_uri,
            "response_type": "code",
            "connection": ready.route.target_id,
            **asked,
        }
    )
    location = f"{starts.authorize_url}?{parameters}".encode()
    return Reply(302, ((b"location", location), pages.NO_STORE, *marked))


def key_of(location: str) -> bytes | None:
    """By what the answer to a login that legacy began will be known: legacy's redirect to the IdP tells.

    A RelayState is not taken: many services say the same at each login.
    """
    if "?" not in location:
        return None
    try:
        fields = form.fields(urlsplit(location).query.encode("utf-8", "replace"))
        if request := fields.get(b"SAMLRequest"):
            return key("asked", saml_request.ident(request))
        if b"client_id" in fields and (state := fields.get(b"state")):
            return key("state", form.decoded(state).decode())
    except ValueError:
        pass
    return None
