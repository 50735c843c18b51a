"""The sources that the sandbox can play, one package each: what each must bring."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from cockpit.sandbox.companies import MEMBERSHIPS, ORGANIZATION_IDS, Ids
from cockpit.sandbox.web import Json, Refused

if TYPE_CHECKING:
    from cockpit.sandbox.factors import Totp
    from cockpit.sandbox.people import Person
    from cockpit.sandbox.population import Shape
    from cockpit.sandbox.world import World

NONE = "none"
"""WorkOS alone, without a source."""


def _nothing() -> None: ...


def _everyone(index: int) -> bool:
    return True


def one_for_a_hundred(users: int) -> int:
    """How many companies there are unless told otherwise."""
    return max(3, users // 100)


def _no_fields(person: "Person", totp: "Totp | None") -> Json:
    return {}


@dataclass(frozen=True)
class Service:
    """A stand-in at work in one world.

    `forget` drops what it remembers beside the world, such as export jobs; `in_file` tells whether the
    vendor's file of hashes has the user of that number.
    """

    routes: Sequence[web.RouteDef]
    forget: Callable[[], None] = _nothing
    in_file: Callable[[int], bool] = _everyone


@dataclass(frozen=True)
class StandIn:
    """One provider: how it writes its records and errors, and how a client is set up for it.

    `prefixes` are the first segments of its paths. `shape` is given the seed and the number of companies.
    `error` words a status, a reason phrase and a message;
    `throttled` is what a burst is answered with, `expired` what credentials that have ended are, where that
    is no 401. `table` is [source] beside `provider`, given the sandbox's address, without secrets;
    `environment` has the rest, given the address and the client's folder ("" blanks a variable that could
    name a real tenant). `files` are put into that folder: their names and the paths they are served at;
    `hashes` is the one with the vendor's password hashes. `provider` is what cockpit calls it, where that is
    not the package's name. `kinds`: a variable that tells kinds of this provider's projects apart, and the
    stand-in of each that has one of its own.

    `companies` makes the ids of companies, `organizations` tells how many there are for a number of users,
    `memberships` of how many people are members (empty where people belong to a company in another way), and
    `second_factor` which fields of a record tell that a person has an authenticator app.
    """

    prefixes: frozenset[str]
    shape: Callable[[int, int], "Shape"]
    service: Callable[["World"], Service]
    error: Callable[[int, str, str], Json]
    throttled: Callable[["World"], Refused]
    table: Callable[[str], Mapping[str, str]]
    environment: Callable[[str, Path], Mapping[str, str]]
    files: Mapping[str, str] = field(default_factory=dict)
    hashes: str | None = None
    provider: str | None = None
    expired: Callable[[], Refused] | None = None
    kinds: tuple[str, Mapping[str, str]] = ("", {})
    companies: Ids = ORGANIZATION_IDS
    organizations: Callable[[int], int] = one_for_a_hundred
    memberships: Sequence[int] = MEMBERSHIPS
    second_factor: "Callable[[Person, Totp | None], Json]" = _no_fields


def names() -> list[str]:
    """The sources there are, sorted: every package beside this module that has a `standin`."""
    import cockpit.sandbox

    packages = (module.name for module in pkgutil.iter_modules(cockpit.sandbox.__path__) if module.ispkg)
    return sorted(name for name in packages if name not in ("workos", "webhooks"))


def find(name: str) -> StandIn:
    """The stand-in of that name. Raises ValueError when there is none."""
    if name not in names():
        raise ValueError(f"no source {name!r}; there are: {', '.join(names())}")
    found: StandIn = importlib.import_module(f"cockpit.sandbox.{name}.standin").STAND_IN
    return found


def provider(name: str) -> str:
    """What cockpit calls the provider that this stand-in stands in for."""
    return find(name).provider or name


def playing(name: str, environment: Mapping[str, str]) -> str:
    """The stand-in for a source, of the kind that the environment says its project is."""
    variable, kinds = find(name).kinds
    return kinds.get(environment.get(variable, ""), name)
