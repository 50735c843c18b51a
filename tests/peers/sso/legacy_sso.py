"""The application's own SAML service provider and its own OpenID Connect client."""

import base64
import secrets
import ssl
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

import httpx
import jwt
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.samlp import response_from_string

Settings = dict[str, Any]
Said = Mapping[str, str]


class Refused(Exception):
    """No login."""


class Begun(NamedTuple):
    """A login under way: where the browser goes, and what has to come back."""

    token: str
    location: str
    nonce: str = ""
    verifier: str = ""


class Login(NamedTuple):
    """Who it is, by an assertion that serves once."""

    email: str
    ident: str


class Tenant(Protocol):
    """One customer's single sign-on."""

    def begin(self) -> Begun:
        """A new login."""

    def content(self, said: Said) -> bytes:
        """The assertion's document, or the code."""

    def answered(self, said: Said) -> str | None:
        """The token of the login that this seems to answer; nothing is verified yet."""

    def finish(self, said: Said, begun: Begun | None) -> Login:
        """Who it is; Refused when that can't be believed."""


def tenant(name: str, settings: Settings) -> Tenant:
    """The tenant of that name."""
    own = settings["tenants"][name]
    return Saml(own) if "metadata" in own else Oidc(own, settings)


class Saml:
    """By pysaml2, which has xmlsec1 verify signatures. The assertion has to be signed."""

    def __init__(self, own: Settings) -> None:
        self._own = own
        service = {
            "endpoints": {"assertion_consumer_service": [(own["acs"], BINDING_HTTP_POST)]},
            "allow_unsolicited": own["idp_initiated"],
            "authn_requests_signed": False,
            "want_assertions_signed": True,
            "want_response_signed": False,
        }
        config = {
            "entityid": own["entity_id"],
            "service": {"sp": service},
            "metadata": {"inline": [own["metadata"]]},
            "allow_unknown_attributes": True,
            "xmlsec_binary": own["xmlsec"],
        }
        self._client = Saml2Client(config=SPConfig().load(config))

    def begin(self) -> Begun:
        token, sent = self._client.prepare_for_authenticate(
            relay_state=secrets.token_urlsafe(8), binding=BINDING_HTTP_REDIRECT
        )
        return Begun(token, dict(sent["headers"])["Location"])

    def content(self, said: Said) -> bytes:
        return base64.b64decode(said.get("SAMLResponse", ""))

    def answered(self, said: Said) -> str | None:
        found = response_from_string(self.content(said))
        return None if found is None else found.in_response_to

    def finish(self, said: Said, begun: Begun | None) -> Login:
        outstanding = {begun.token: "/"} if begun else {}
        try:
            found = self._client.parse_authn_request_response(
                said["SAMLResponse"], BINDING_HTTP_POST, outstanding=outstanding
            )
        except Exception as error:
            # pysaml2 raises bare ones, too, for an assertion that is not for this service.
            raise Refused(type(error).__name__) from error
        if found is None or found.assertion is None:
            raise Refused("no assertion")
        return Login(found.name_id.text, found.assertion.id)


class Oidc:
    """The code is exchanged at the provider, and PyJWT verifies the ID token."""

    def __init__(self, own: Settings, settings: Settings) -> None:
        self._own = own
        self._providers = httpx.Client(
            base_url=f"https://127.0.0.1:{settings['providers_port']}",
            verify=ssl.create_default_context(cafile=settings["authority"]),
            trust_env=False,
        )

    def begin(self) -> Begun:
        token, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        digest = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "client_id": self._own["client_id"],
            "response_type": "code",
            "response_mode": self._own["response_mode"],
            "scope": "openid email",
            "redirect_uri": self._own["redirect_uri"],
            "state": token,
            "nonce": nonce,
            "code_challenge": digest,
            "code_challenge_method": "S256",
        }
        location = f"{self._document()['authorization_endpoint']}?{urlencode(asked)}"
        return Begun(token, location, nonce, verifier)

    def content(self, said: Said) -> bytes:
        return said.get("code", "").encode()

    def answered(self, said: Said) -> str | None:
        return said.get("state")

    def finish(self, said: Said, begun: Begun | None) -> Login:
        if begun is None:
            raise Refused("the state is not one of a login that began here")
        if "code" not in said:
            raise Refused(said.get("error", "no code"))
        document = self._document()
        form = {"grant_type": "authorization_code", "code": said["code"], "code_verifier": begun.verifier}
        form["redirect_uri"] = self._own["redirect_uri"]
        client = (self._own["client_id"], self._own["client_secret"])
        tokens = self._asked("POST", document["token_endpoint"], data=form, auth=client)
        keys = {
            key.key_id: key for key in jwt.PyJWKSet.from_dict(self._asked("GET", document["jwks_uri"])).keys
        }
        token = tokens["id_token"]
        try:
            claims = jwt.decode(
                token,
                keys[jwt.get_unverified_header(token)["kid"]],
                algorithms=["RS256"],
                audience=self._own["client_id"],
                issuer=self._own["issuer"],
            )
        except (jwt.InvalidTokenError, KeyError) as error:
            raise Refused(type(error).__name__) from error
        if claims.get("nonce") != begun.nonce:
            raise Refused("the nonce is another login's")
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        person = self._asked("GET", document["userinfo_endpoint"], headers=bearer)
        return Login(person["email"], sha256(token.encode()).hexdigest())

    def _document(self) -> Settings:
        return self._asked("GET", f"{self._own['issuer']}/.well-known/openid-configuration")

    def _asked(self, method: str, address: str, **options: Any) -> Settings:
        """An answer of the provider, whose name is in nobody's DNS: it is asked for at its address."""
        parts = urlsplit(address)
        headers = {"Host": str(parts.hostname)} | options.pop("headers", {})
        answered = self._providers.request(
            method, parts.path, headers=headers, extensions={"sni_hostname": str(parts.hostname)}, **options
        )
        if answered.is_error:
            raise Refused(f"the provider answered {answered.status_code}")
        return dict(answered.json())
