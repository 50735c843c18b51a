"""What every provider offers: pages of raw records, and a pure mapping beside them."""

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

from cockpit.clock import Clock
from cockpit.connections.model import Connection
from cockpit.findings import Finding
from cockpit.passwords.entries import BadLine, Entry
from cockpit.passwords.totp_file import TotpEntry
from cockpit.records import Factor, Membership, Organization, Permission, Role, User
from cockpit.settings import FactorSettings, MappingSettings, PasswordSettings, Settings, SettingsError
from cockpit.terms import Kind, Page, Readable
from cockpit.transport import Allow, Note


class SourceError(Exception):
    """The provider can't go on: what happened and what to do, in one line. The export stays resumable."""


class SourceRefused(SourceError):
    """The provider refuses our credentials or their scope; asking again won't help."""


class Memo(Protocol):
    """What a source must remember across runs (an export job's id, hash parameters), kept in the state.

    A secret value is stored apart and removed by `cockpit purge`.
    """

    def get(self, key: str) -> str | None: ...

    async def put(self, key: str, value: str | None, *, secret: bool = False) -> None:
        """Durable when this returns; None forgets the key."""
        ...


class Source(Protocol):
    """A provider, opened for reading. It never writes to the provider. Chains are read side by side.

    `note` hears what it waits for, in words, and None when it goes on.
    """

    note: Callable[[str | None], None]

    async def chains(self) -> Sequence[str]:
        """The independent sequences of pages, such as tenants; [""] where there is one."""
        ...

    def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of a chain from a cursor that an earlier page named as its next (None: from the start).

        Raises SourceError, SourceRefused.
        """
        ...

    async def count(self) -> int | None:
        """The provider's own number of records, None where it tells none."""
        ...

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """The chains that find who was created since (ms), or was missed otherwise; [] when none need be.

        `missing`: how many more records the provider counts than were read, None where it has no count.
        A chain's name holds `since`, so that a later sweep reads anew.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Checkup:
    """What a source tells before an export: what is missing, and about how much there is where it says.

    That it was given at all means that the credentials are accepted.
    """

    findings: Sequence[Finding] = ()
    users: int | None = None
    organizations: int | None = None


@runtime_checkable
class SelfChecking(Protocol):
    """A source that knows better than `checkup` what to ask, within its allow-list."""

    async def check(self) -> Checkup:
        """In a few small requests. Raises SourceError, SourceRefused."""
        ...


async def checkup(source: Source) -> Checkup:
    """Its own check; else its count and the first page of users. Raises SourceError, SourceRefused."""
    if isinstance(source, SelfChecking):
        return await source.check()
    users = await source.count()
    async with aclosing(source.pages((await source.chains())[0], None)) as pages:
        await anext(pages, None)
    return Checkup(users=users)


@dataclass(frozen=True, slots=True)
class Look:
    """A glance at a source, to tell whether it rests: its users, and when one was changed last (ms).

    None for what the provider does not tell.
    """

    users: int | None = None
    changed_at: int | None = None


@runtime_checkable
class Glancing(Protocol):
    """A source that can tell when a user was changed last."""

    async def look(self) -> Look:
        """In a few small requests. Raises SourceError, SourceRefused."""
        ...


async def look(source: Source) -> Look:
    """What it can tell; else its count alone. Raises SourceError, SourceRefused."""
    return await source.look() if isinstance(source, Glancing) else Look(await source.count())


@dataclass(frozen=True, slots=True)
class Stream:
    """Something by which a provider tells an application of events, as its API shows it.

    `endpoint`: where they go, without query and credentials; None where it is no address. `queues`: what
    happens while it is off is kept, and comes at once when it is on again.
    """

    id: str
    kind: str
    name: str
    endpoint: str | None
    on: bool
    queues: bool


class Streams(Protocol):
    """A provider's streams, opened for reading."""

    async def listed(self) -> Sequence[Stream]:
        """All of them. Raises SourceError, SourceRefused."""
        ...

    async def close(self) -> None: ...


class Switch(Protocol):
    """The only thing that ever writes to a provider: it turns a stream on or off, and can do nothing else."""

    async def turn(self, stream: Stream, *, on: bool) -> None:
        """Idempotent. Raises SourceError, SourceRefused."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Webhooks:
    """A provider's streams, where its API shows and switches them.

    `open` reads with the source's own credentials. `switch` gets another one, a token with `scopes`.
    """

    open: Callable[[Settings, Clock, Note], Streams]
    switch: Callable[[Settings, str, Clock, Note], Switch]
    scopes: str


Mapper = Callable[[Mapping[str, Any]], User]
"""Pure: a raw record as parsed JSON -> User. Raises ValueError for a record that has no usable shape."""


@dataclass(frozen=True)
class MappingContext:
    """What a mapper may depend on besides the record: policies, and facts the export remembered."""

    mapping: MappingSettings
    passwords: PasswordSettings
    facts: Mapping[str, str]


Opener = Callable[[Settings, Memo, Clock], Awaitable[Source]]
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Mappers:
    """Pure: what a provider's raw records of each kind become; they raise ValueError as a Mapper does.

    Roles and permissions are named as at the source; their slugs are made of that. `of_user`: what the
    record of a user says of memberships and factors besides, and of organizations that only users name.
    """

    organization: Callable[[Raw], Organization] | None = None
    permission: Callable[[Raw], Permission] | None = None
    role: Callable[[Raw], Role] | None = None
    membership: Callable[[Raw], Membership] | None = None
    factor: Callable[[Raw], Factor] | None = None
    of_user: Callable[[Raw], Iterable[Organization | Membership | Factor]] | None = None


@dataclass(frozen=True)
class Tenancy:
    """What a provider has beside users.

    `open`: the kinds that are read by themselves, and how; `inside`: those that users' records tell of.
    """

    map: Callable[[MappingContext], Mappers]
    open: Mapping[Kind, Opener] = field(default_factory=dict)
    inside: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Connections:
    """A provider's SSO connections: how they are read, and what a raw record of one becomes.

    `map` gets the settings because a provider's addresses (where its IdPs post to) depend on them. The
    mapper is pure and raises ValueError as a Mapper does. A raw record tells of one connection whole: its
    opener puts in what other requests say of it (the organizations that use it).
    """

    open: Opener
    map: Callable[[Settings], Callable[[Raw], Connection]]


@dataclass(frozen=True)
class Provider:
    """A provider's entry: how to open it and how to map its records.

    `identity` names what a state file is bound to, such as "auth0:acme.us.auth0.com"; it raises
    SettingsError when settings are missing. `passwords` says where hashes come from: the api itself, a
    file that the vendor hands out, or nowhere. `tenancy`: what it has beside users. `allowed`: the only
    requests that are ever sent to it. `concurrency`: how many of its chains may be read at once; they share
    the source's pace. `hash_file` reads the vendor's file of hashes and `totp_file` that of TOTP secrets,
    where there are such files; they raise NotAPasswordFile. `connections`: its SSO connections, where its
    API shows them.
    `path_setting`: of a source that is files, the setting which says where, as the identity does.
    `webhooks`: by what it tells an application of events, where its API shows and switches that.
    """

    name: str
    title: str
    passwords: str
    identity: Callable[[Settings], str]
    open: Opener
    mapper: Callable[[MappingContext], Mapper]
    allowed: Sequence[Allow] = ()
    tenancy: Tenancy | None = None
    concurrency: int = 1
    hash_file: Callable[[Iterable[bytes], PasswordSettings], Iterator[Entry | BadLine]] | None = None
    connections: Connections | None = None
    totp_file: Callable[[Iterable[bytes], FactorSettings], Iterator[TotpEntry | BadLine]] | None = None
    path_setting: str | None = None
    webhooks: Webhooks | None = None

    @property
    def openers(self) -> Mapping[Kind, Opener]:
        """How each kind is opened that is read by itself."""
        return {"user": self.open, **(self.tenancy.open if self.tenancy else {})}

    @property
    def readable(self) -> Mapping[Readable, Opener]:
        """The same with its SSO connections."""
        openers: dict[Readable, Opener] = dict(self.openers.items())
        if self.connections is not None:
            openers["connection"] = self.connections.open
        return openers


def names() -> list[str]:
    """The providers there are, sorted: every module of this package that has a PROVIDER."""
    package = importlib.import_module("cockpit.sources")
    modules = (module.name for module in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in modules if not name.startswith("_") and name not in {"base"})


def find(name: str) -> Provider:
    """The provider of that name. Raises SettingsError when there is none."""
    if name not in names():
        raise SettingsError(f"no source named {name!r}; there are: {', '.join(names())}")
    provider: Provider = importlib.import_module(f"cockpit.sources.{name}").PROVIDER
    return provider


def pointed(settings: Settings, told: Mapping[str, Any], bound: str | None) -> Settings:
    """Settings that know where the source's files are: told by the command, or by what the state is bound to.

    So nobody names them twice. `told` wins over cockpit.toml, and that over the state.
    """
    name, _, where = (bound or "").partition(":")
    setting = find(name).path_setting if name in names() else None
    remembered = {setting: where} if setting is not None else {}
    return replace(settings, source={**remembered, **settings.source, **told})
