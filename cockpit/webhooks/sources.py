"""Sources of webhooks: how each signs, and where its secret is."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cockpit.webhooks.signatures import SCHEMES, BadSecret, Scheme, Verifier

USUAL: dict[str, Scheme] = {
    "clerk": "standard", "stytch": "standard", "workos": "workos", "auth0": "token",
}  # fmt: skip
"""How providers sign; of any other name the scheme is told."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

Look = Callable[[str], str | None]
"""Finds a variable's value."""


class BadSource(ValueError):
    """A source that can't be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where webhooks come from, by a name of yours."""

    name: str
    scheme: Scheme

    @property
    def variable(self) -> str:
        """The environment variable with its secrets, several of them divided by commas, the newest first."""
        return f"{self.name.upper().replace('-', '_')}_WEBHOOK_SECRET"

    def verifier(self, look: Look) -> Verifier:
        """With its secrets. Raises BadSource."""
        return verifier(self.scheme, self.variable, look)


def parse(texts: Iterable[str]) -> list[Source]:
    """NAME or NAME=SCHEME, each name once. Raises BadSource."""
    found: dict[str, Source] = {}
    for text in texts:
        name, _, told = text.partition("=")
        if not _NAME.fullmatch(name):
            raise BadSource(f"{name!r} is no name for a source: lower-case letters, digits, - and _")
        scheme = told or USUAL.get(name)
        known = next((known for known in SCHEMES if known == scheme), None)
        if known is None:
            raise BadSource(f"how does {name} sign? say {name}=SCHEME; schemes: {', '.join(SCHEMES)}")
        if name in found:
            raise BadSource(f"{name} is named twice")
        found[name] = Source(name, known)
    return list(found.values())


def verifier(scheme: Scheme, variable: str, look: Look) -> Verifier:
    """The secrets of a variable, ready for use. Raises BadSource."""
    secrets = [part.strip() for part in (look(variable) or "").split(",") if part.strip()]
    try:
        return Verifier.of(scheme, secrets)
    except BadSecret as error:
        raise BadSource(f"{variable}: {error}; set it in this shell or in .env") from None
