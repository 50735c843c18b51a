"""All memberships of a source by the time they were made: eight numbers' room for each, looked up once."""

from array import array

from cockpit.sandbox.companies import Companies, Member
from cockpit.sandbox.population import Population


class Seats:
    """The memberships as they were when this was made; `stale` tells that somebody came, changed or went."""

    def __init__(self, companies: Companies, population: Population) -> None:
        self._companies, self._population = companies, population
        self._made_of = self._now()
        self._people, self._numbers, created = array("I"), array("I"), array("q")
        for member in companies.everybody():
            self._people.append(member.person)
            self._numbers.append(member.company)
            created.append(member.created_at)
        self._order = array("I", sorted(range(len(created)), key=created.__getitem__))

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: int) -> Member:
        at = self._order[place]
        member = self._companies.member(self._numbers[at], self._people[at])
        if member is None:
            raise LookupError("the memberships have changed since")
        return member

    @property
    def stale(self) -> bool:
        """Whether it has to be made anew."""
        return self._made_of != self._now()

    def _now(self) -> tuple[int, ...]:
        return (self._companies.version, len(self._population), *self._population.added())
