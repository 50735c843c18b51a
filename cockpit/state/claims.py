"""What each kind of operation takes along of its subject when it is claimed, and when it may be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from cockpit.terms import UPDATES, Kind


class Claim(Protocol):
    """What every claim has: its operation, its subject, and what is known of earlier sends.

    `attempts` counts them; `unsure` says that one of them may have been applied. `sent_at` (ms) is the time
    of the first intent that is not accounted for: anything of ours at the target was made since.
    """

    @property
    def operation(self) -> int:
        """The row of the journal."""

    @property
    def subject(self) -> int:
        """The id of what is sent, in the table of its kind."""

    @property
    def attempts(self) -> int:
        """Earlier sends."""

    @property
    def unsure(self) -> bool:
        """Whether one of them may have been applied."""

    @property
    def sent_at(self) -> int | None:
        """The first intent that is not accounted for."""


T = TypeVar("T", bound=Claim)


@dataclass(frozen=True)
class Work(Generic[T]):
    """A kind of operation. `columns` and `joins` are SQL beside `operations o`; `ready`: what it waits for.

    `make` is given operation, subject, attempts, unsure, sent_at and the columns.
    """

    kind: str
    columns: str
    joins: str
    ready: str
    make: Callable[..., T]

    @property
    def select(self) -> str:
        """The query up to its conditions."""
        fixed = "o.id, o.subject, o.attempts, o.unsure, o.sent_at"
        return f"select {fixed}, {self.columns} from operations o {self.joins}"

    def made(self, row: tuple[Any, ...], now: int, *, unsure: bool = False) -> T:
        """The claim that a row stands for, when it is taken at `now` (ms)."""
        operation, subject, attempts, in_doubt, sent_at, *columns = row
        unsure = bool(in_doubt) or unsure
        return self.make(operation, subject, attempts, unsure, sent_at if unsure else now, *columns)


class UserClaim(NamedTuple):
    """A user to send: the request in two parts, so that no secret is parsed or logged.

    `merge`: what a reviewer chose for the case that somebody else is in this user's place.
    """

    operation: int
    subject: int
    attempts: int
    unsure: bool
    sent_at: int | None
    external_id: str
    email_key: str
    request: str
    hash_type: str | None
    hash: str | None
    salt_position: str | None
    merge: str | None = None


USERS = Work(
    "user",
    "u.external_id, u.email_key, u.request, p.type, p.hash, p.salt_position, m.choice",
    "join users u on u.id = o.subject left join passwords p on p.user = u.id and "
    "u.password_state = 'carried' left join merges m on m.user = u.id",
    "u.page > 0",
    UserClaim,
)


class ResetClaim(NamedTuple):
    """A reset e-mail to send."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    sent_at: int | None
    email: str


RESETS = Work("reset", "u.email", "join users u on u.id = o.subject", "u.email is not null", ResetClaim)


class KeyedClaim(NamedTuple):
    """Something that the target knows by a key of ours: an external id, or a slug."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    sent_at: int | None
    key: str
    request: str


class RoleClaim(NamedTuple):
    """A role to send: of the environment, or of the organization with that id at the target."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    sent_at: int | None
    slug: str
    request: str
    organization: str | None


class MembershipClaim(NamedTuple):
    """A membership to send, its user and organization by their ids at the target."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    sent_at: int | None
    user: str
    organization: str
    request: str


class FactorClaim(NamedTuple):
    """An authenticator app to send, its user by the id at the target; the secret apart from the request."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    sent_at: int | None
    user: str
    request: str
    secret: str


class UpdateClaim(NamedTuple):
    """A change to send: the request that the target has, the request as it is now, and a new hash."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    sent_at: int | None
    target_id: str
    before: str
    now: str
    hash_type: str | None
    hash: str | None
    salt_position: str | None


_MAPPED = "cross join resources r on r.id = o.subject"
_USER = "cross join operations uo on uo.kind = 'user' and uo.subject = r.user"
_ORGANIZATION = "join operations oo on oo.kind = 'organization' and oo.subject = r.organization"
_WELL = "r.mapped = r.page and r.request is not null"

ORGANIZATIONS = Work("organization", "r.external_id, r.request", _MAPPED, _WELL, KeyedClaim)
PERMISSIONS = Work("permission", "r.external_id, r.request", _MAPPED, _WELL, KeyedClaim)
ROLES = Work(
    "role",
    "r.external_id, r.request, oo.target_id",
    f"{_MAPPED} left {_ORGANIZATION}",
    f"{_WELL} and (r.organization_key is null or oo.target_id is not null)",
    RoleClaim,
)
MEMBERSHIPS = Work(
    "membership",
    "uo.target_id, oo.target_id, r.request",
    f"{_MAPPED} {_USER} cross {_ORGANIZATION}",
    f"{_WELL} and uo.target_id is not null and oo.target_id is not null",
    MembershipClaim,
)
FACTORS = Work(
    "factor",
    "uo.target_id, r.request, s.secret",
    f"{_MAPPED} {_USER} cross join resource_secrets s on s.id = r.id",
    f"{_WELL} and uo.target_id is not null",
    FactorClaim,
)


def _updates(kind: Kind, table: str, columns: str, well: str, joins: str = "") -> Work[UpdateClaim]:
    return Work(
        UPDATES[kind],
        f"o1.target_id, c.before, r.request, {columns}",
        f"cross join changes c on c.kind = '{kind}' and c.subject = o.subject "
        f"cross join {table} r on r.id = o.subject "
        f"cross join operations o1 on o1.kind = '{kind}' and o1.subject = o.subject {joins}",
        f"o1.target_id is not null and {well}",
        UpdateClaim,
    )


USER_UPDATES = _updates(
    "user",
    "users",
    "p.type, p.hash, p.salt_position",
    "r.page > 0",
    "left join passwords p on c.password and p.user = o.subject",
)
ORGANIZATION_UPDATES = _updates("organization", "resources", "null, null, null", _WELL)
MEMBERSHIP_UPDATES = _updates("membership", "resources", "null, null, null", _WELL)
