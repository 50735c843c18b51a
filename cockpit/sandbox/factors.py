"""Authenticator apps (TOTP) of a source's people: secrets made from the seed, changes kept beside them."""

import base64
import hashlib
from typing import NamedTuple

from cockpit.sandbox.people import Person
from cockpit.sandbox.population import Population

_LENGTHS = (20, 32)
"""Bytes of a secret: 32 and 52 characters of Base32, the latter no multiple of eight."""


class Totp(NamedTuple):
    """An app that a person has enrolled, or begun to (not verified): SHA-1, six digits, 30 seconds."""

    secret: str
    """Base32 without padding, as an app takes it."""
    verified: bool


def verified(person: Person) -> bool | None:
    """Whether the person has an app at first (True), began to enrol one (False) or neither (None)."""
    if person.token % 20 == 0:
        return True
    return False if person.token % 200 == 1 else None


def base32(secret: bytes) -> str:
    """A secret as an app takes it."""
    return base64.b32encode(secret).decode().rstrip("=")


def raw(secret: str) -> bytes:
    """The bytes of a secret as an app takes it; ValueError when it is no Base32."""
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


class Factors:
    """Who has which app now."""

    def __init__(self, population: Population, seed: int) -> None:
        self._population, self._seed = population, seed
        self._changed: dict[int, Totp | None] = {}

    def totp(self, index: int) -> Totp | None:
        """The app of that record's person; who came later has none until one is put."""
        if index in self._changed:
            return self._changed[index]
        if index >= self._population.people.count:
            return None
        person = self._population.people.person(index)
        state = verified(person)
        return None if state is None else Totp(self._secret(person), state)

    def put(self, index: int, totp: Totp | None) -> None:
        """Enrol an app, or end it."""
        self._changed[index] = totp

    def _secret(self, person: Person) -> str:
        # Letters and digits, as Better Auth's are, so that every provider can keep it.
        digits = hashlib.sha256(f"totp {self._seed} {person.number}".encode()).hexdigest()
        return base32(digits[: _LENGTHS[person.token >> 16 & 1]].encode())
