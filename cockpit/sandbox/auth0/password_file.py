"""The file of password hashes that Auth0's support sends (documentation: export password hashes)."""

import json
from collections.abc import Iterator

from cockpit.sandbox.auth0.records import password_line
from cockpit.sandbox.clock import iso
from cockpit.sandbox.config import FaultLevel
from cockpit.sandbox.passwords import BCRYPT
from cockpit.sandbox.people import Person
from cockpit.sandbox.population import Population

_STRAYS = 2
_ABSENT_OF_A_THOUSAND: dict[FaultLevel, int] = {"none": 0, "some": 5, "many": 25}


def is_absent(person: Person, level: FaultLevel) -> bool:
    """Whether the file lacks this person, who signed up after it was made."""
    return person.token % 1000 < _ABSENT_OF_A_THOUSAND[level]


def lines(population: Population, level: FaultLevel) -> Iterator[bytes]:
    """The file, NDJSON: people of the database connection, and with faults some who have left since."""
    for index in range(population.people.count):
        reason = population.reasons.get(index)
        person = population.people.person(index)
        if population.is_deleted(index) or population.password(index) is None:
            continue
        if reason is None and is_absent(person, level):
            continue
        line = password_line(population.record(index), person, reason)
        yield json.dumps(line, separators=(",", ":")).encode() + b"\n"
    if level != "none":
        for number in range(_STRAYS):
            yield json.dumps(_stray(number), separators=(",", ":")).encode() + b"\n"


def _stray(number: int) -> dict[str, object]:
    return {
        "_id": {"$oid": f"{number:024x}"},
        "email": f"left{number}@example.com",
        "email_verified": True,
        "passwordHash": BCRYPT[number][1],
        "password_set_date": {"$date": iso(1_500_000_000_000)},
        "tenant": "sandbox",
        "connection": "Username-Password-Authentication",
    }
