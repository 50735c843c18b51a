"""What each kind of operation takes along of its subject when it is claimed, and when it may be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar


class Claim(Protocol):
    """What every claim has: its operation, its subject, and what is known of earlier sends.

    `attempts` counts them; `unsure` says that one of them may have been applied.
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


T = TypeVar("T", bound=Claim)


@dataclass(frozen=True)
class Work(Generic[T]):
    """A kind of operation. `columns` and `joins` are SQL beside `operations o`; `ready`: what it waits for.

    `make` is given operation, subject, attempts, unsure and the columns.
    """

    kind: str
    columns: str
    joins: str
    ready: str
    make: Callable[..., T]

    @property
    def select(self) -> str:
        """The query up to its conditions."""
        return f"select o.id, o.subject, o.attempts, o.unsure, {self.columns} from operations o {self.joins}"

    def made(self, row: tuple[Any, ...], *, unsure: bool = False) -> T:
        """The claim that a row stands for."""
        return self.make(*row[:3], bool(row[3]) or unsure, *row[4:])


class UserClaim(NamedTuple):
    """A user to send: the request in two parts, so that no secret is parsed or logged."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    external_id: str
    email_key: str
    request: str
    hash_type: str | None
    hash: str | None
    salt_position: str | None


USERS = Work(
    "user",
    "u.external_id, u.email_key, u.request, p.type, p.hash, p.salt_position",
    "join users u on u.id = o.subject left join passwords p on p.user = u.id",
    "u.page > 0",
    UserClaim,
)


class ResetClaim(NamedTuple):
    """A reset e-mail to send."""

    operation: int
    subject: int
    attempts: int
    unsure: bool
    email: str


RESETS = Work("reset", "u.email", "join users u on u.id = o.subject", "u.email is not null", ResetClaim)
