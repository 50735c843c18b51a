"""The records of a source: made from people on demand, with the changes made since kept beside them."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol

from cockpit.sandbox.bad import Bad, Reason, choose
from cockpit.sandbox.people import People, Person
from cockpit.sandbox.web import Json


class Shape(Protocol):
    """How one provider writes down a person."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The person's record; `other_email` is that of the neighbour whom a duplicate duplicates."""

    def id_of(self, record: Json) -> str:
        """The record's primary id."""

    def index_of(self, ident: str) -> int | None:
        """The number that an id made by `record` carries."""

    def patch(self, person: Person, reason: Reason) -> Json:
        """The fields that correct a bad record."""

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """The password the person signs in with, None when there is none."""


class Population:
    """What the source holds now. Records of the beginning are made when asked for; only changes are kept."""

    def __init__(self, people: People, shape: Shape, bad: dict[int, Reason]) -> None:
        self.people, self.shape, self.reasons = people, shape, bad
        self._patches: dict[int, Json] = {}
        self._added: dict[int, Json] = {}
        self._added_ids: dict[str, int] = {}
        self._deleted: set[int] = set()
        self._next = people.count

    @classmethod
    def make(cls, shape: Shape, users: int, seed: int, bad_share: float) -> "Population":
        """A population of that size, a share of it bad."""
        return cls(People(seed, users), shape, choose(seed, users, bad_share))

    def __len__(self) -> int:
        return self._next - len(self._deleted)

    def frozen(self) -> "Population":
        """This population as it is now, whatever changes later."""
        copy = Population(self.people, self.shape, self.reasons)
        copy._patches, copy._deleted = dict(self._patches), set(self._deleted)
        copy._added, copy._added_ids, copy._next = dict(self._added), dict(self._added_ids), self._next
        return copy

    def indices(self) -> Iterator[int]:
        """The number of every record, oldest first."""
        for index in range(self.people.count):
            if index not in self._deleted:
                yield index
        yield from self._added

    def added(self) -> Sequence[int]:
        """The numbers of the records added since the beginning."""
        return list(self._added)

    def is_deleted(self, index: int) -> bool:
        """Whether that record is gone."""
        return index in self._deleted

    def record(self, index: int) -> Json:
        """That record as the source shows it."""
        record = self._added.get(index)
        if record is None:
            reason = self.reasons.get(index)
            record = self.shape.record(self.people.person(index), reason, self._other_email(index, reason))
        patch = self._patches.get(index)
        if patch:
            record = {field: value for field, value in (record | patch).items() if value is not None}
        return record

    def find(self, ident: str) -> int | None:
        """The number of the record with that id."""
        if ident in self._added_ids:
            return self._added_ids[ident]
        index = self.shape.index_of(ident)
        if index is None or not 0 <= index < self.people.count or index in self._deleted:
            return None
        return index if self.shape.id_of(self.record(index)) == ident else None

    def add(self, record: Json) -> str:
        """A new sign-up; ValueError when its id is taken."""
        ident = self.shape.id_of(record)
        if self.find(ident) is not None:
            raise ValueError(ident)
        self._added[self._next], self._added_ids[ident] = record, self._next
        self._next += 1
        return ident

    def newcomer(self, now_ms: int) -> Json:
        """The record of somebody who would sign up now, not added yet."""
        person = self.people.person(self._next)._replace(created_at=now_ms, last_login=None)
        return self.shape.record(person, None, "")

    def correct(self, index: int, patch: Json) -> Json:
        """Set fields of a record (null removes one); the record as it is now."""
        self._patches[index] = self._patches.get(index, {}) | patch
        return self.record(index)

    def delete(self, index: int) -> None:
        """Remove a record."""
        self._deleted.add(index)
        if index in self._added:
            del self._added_ids[self.shape.id_of(self._added.pop(index))]

    def password(self, index: int) -> str | None:
        """The password of that record's person, None when there is none or nobody knows it."""
        if index in self._added:
            return None
        return self.shape.password(self.people.person(index), self.reasons.get(index))

    def bad(self) -> list[Bad]:
        """Every record that was bad at the beginning, whether it has been corrected or not."""
        found = []
        for index, reason in self.reasons.items():
            person = self.people.person(index)
            ident = self.shape.id_of(self.shape.record(person, reason, self._other_email(index, reason)))
            found.append(Bad(ident, reason, self.shape.patch(person, reason)))
        return found

    def emails_of(self, reason: Reason) -> list[str]:
        """The e-mails of the people who are bad for that reason."""
        return [self.people.person(index).email for index, why in self.reasons.items() if why is reason]

    def _other_email(self, index: int, reason: Reason | None) -> str:
        if reason is not Reason.EMAIL_DUPLICATE:
            return ""
        near = chain(range(index - 1, -1, -1), range(index + 1, self.people.count))
        return next((self.people.person(place).email for place in near if place not in self.reasons), "")
