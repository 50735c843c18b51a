"""Which errors are meant: by cause, class, kind, batch, organization, connection, time, person, text."""

from dataclasses import dataclass
from typing import Literal

from cockpit.state import like
from cockpit.terms import UPDATES, ErrorClass, Kind

Resolution = Literal["open", "retried", "fixed", "ignored"]

LEASE_MS = 15 * 60 * 1000
"""How long somebody is on something without a sign of life."""

USER_KINDS = "('user', 'user update', 'reset')"
"""Kinds of operations whose subject is a user."""

SUBJECTS = f"""
    left join raw r on e.kind in {USER_KINDS} and r.id = e.subject
    left join users u on u.id = r.id
    left join resources t on e.kind not in {USER_KINDS} and t.id = e.subject
    left join users tu on tu.id = t.user"""

_IN_ORGANIZATION = f"""(e.kind in {USER_KINDS} and e.subject in (select m.user from resources m join here
    on here.id = m.organization where m.kind = 'membership') or t.organization in (select id from here)
    or t.id in (select id from here))"""
_HERE = (
    "with here as (select id from resources where kind = 'organization' "
    "and (source_id = :organization or name = :organization)) "
)


@dataclass(frozen=True, slots=True)
class Filter:
    """All that must hold; None and "" ask for nothing. Times are ms since the epoch.

    `batch` counts from 0 in batches of `batch_size` users. `organization` is its id at the source or its
    name; `reviewer` who is on the error or its group at the time `now`.
    """

    fingerprint: str | None = None
    klass: ErrorClass | None = None
    kind: Kind | None = None
    batch: int | None = None
    batch_size: int = 100
    organization: str | None = None
    connection: str | None = None
    since: int | None = None
    until: int | None = None
    reviewer: str | None = None
    now: int = 0
    search: str = ""
    resolution: Resolution | None = "open"

    @property
    def narrows(self) -> bool:
        """Whether it asks for anything but what is open."""
        return self != Filter(batch_size=self.batch_size, now=self.now)

    def sql(self) -> tuple[str, str, dict[str, object]]:
        """(the `with` before the select, conditions on `errors e` and SUBJECTS, values by name)."""
        clauses = ["1"]
        values: dict[str, object] = {}

        def ask(clause: str, **named: object) -> None:
            clauses.append(clause)
            values.update(named)

        if self.resolution is not None:
            ask("e.resolution = :resolution", resolution=self.resolution)
        if self.fingerprint is not None:
            ask("e.fingerprint = :fingerprint", fingerprint=self.fingerprint)
        if self.klass is not None:
            ask("e.class = :class", **{"class": self.klass})
        if self.kind is not None:
            ask("e.kind in (:kind, :update)", kind=self.kind, update=UPDATES.get(self.kind))
        if self.batch is not None:
            first = self.batch * self.batch_size + 1
            ask("e.kind = 'user' and e.subject between :first and :last", first=first)
            values["last"] = first + self.batch_size - 1
        if self.organization is not None:
            ask(_IN_ORGANIZATION, organization=self.organization)
        if self.connection is not None:
            ask("coalesce(u.connection, tu.connection) = :connection", connection=self.connection)
        if self.since is not None:
            ask("e.at >= :since", since=self.since)
        if self.until is not None:
            ask("e.at < :until", until=self.until)
        if self.reviewer is not None:
            ask(
                "exists (select 1 from claims c where c.operator = :reviewer and c.at > :alive and "
                "(c.scope = 'group' and c.key = e.fingerprint or c.scope = 'error' and c.key = e.id))",
                reviewer=self.reviewer,
                alive=self.now - LEASE_MS,
            )
        if self.search:
            columns = ("u.email", "u.external_id", "e.message", "t.name", "t.source_id", "tu.email")
            either = " or ".join(f"{column} like :search escape '\\'" for column in columns)
            ask(f"({either})", search=f"%{like.literal(self.search)}%")
        here = _HERE if self.organization is not None else ""
        return here, " and ".join(clauses), values
