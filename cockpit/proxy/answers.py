"""An answer of an IdP at our callback, read as far as a decision needs it. Nothing in it is trusted."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from cockpit.proxy import ledger
from cockpit.rollout import form, saml_head

Binding = Literal["post", "get", "form_post"]


class Answer(NamedTuple):
    """One answer. `seen` is the key it is known again by, `flow` the keys of what it may answer to.

    `claims` are those that belong to this answer alone and are written down with its side: a RelayState
    is not, many services say the same at each login. `fields`: a posted form's, still encoded.
    `solicited`: somebody asked for it.
    """

    binding: Binding
    seen: bytes | None
    claims: tuple[bytes, ...]
    flow: tuple[bytes, ...]
    solicited: bool
    issuer: str | None
    fields: Mapping[bytes, bytes]

    @property
    def watched(self) -> tuple[bytes, ...]:
        """Keys that are looked up and not claimed."""
        return tuple(one for one in self.flow if one not in self.claims)


NOTHING_READ = Answer("post", None, (), (), True, None, {})
"""Of a post that is routed by its path, without the replay guard: its body is not looked at."""
_GLANCED = Answer("get", None, (), (), True, None, {})


def glanced(query: bytes) -> Answer | None:
    """The same of a query: an OIDC answer has a code, or an error."""
    return _GLANCED if b"code=" in query or b"error=" in query else None


def posted(body: bytes, guard: bool) -> Answer | None:
    """A SAML response or an OIDC form_post; None for a form of another kind. Raises ValueError.

    Without the `guard` no keys are made: nothing is looked up or written down.
    """
    fields = form.fields(body)
    response = fields.get(b"SAMLResponse")
    if response is not None:
        head = saml_head.of_field(response)
        if not guard:
            return Answer("post", None, (), (), bool(head.in_response_to), head.issuer, fields)
        own = ledger.key("seen", head.id)
        asked = (ledger.key("asked", head.in_response_to),) if head.in_response_to else ()
        seen = ledger.beside(own, asked[0]) if asked else own
        relay = fields.get(b"RelayState")
        told = (ledger.key("relay", form.decoded(relay).decode()),) if relay else ()
        return Answer("post", seen, (seen, *asked), (*asked, *told), bool(asked), head.issuer, fields)
    return _of_oidc("form_post", fields, guard)


def queried(query: bytes, guard: bool) -> Answer | None:
    """An OIDC answer in a query; None where it is none. Raises ValueError."""
    return _of_oidc("get", form.fields(query), guard)


def _of_oidc(binding: Binding, fields: Mapping[bytes, bytes], guard: bool) -> Answer | None:
    if not (b"code" in fields or b"error" in fields or b"id_token" in fields):
        return None
    issuer = form.decoded(fields[b"iss"]).decode() if b"iss" in fields else None
    state = fields.get(b"state")
    if not state or not guard:
        return Answer(binding, None, (), (), bool(state), issuer, fields)
    value = form.decoded(state).decode()
    begun = ledger.key("state", value)
    seen = ledger.beside(ledger.key("seen", value), begun)
    return Answer(binding, seen, (seen, begun), (begun,), True, issuer, fields)
