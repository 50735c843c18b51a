"""All memberships of a source in the order in which they were made, looked up once and kept as numbers."""

from array import array

from cockpit.sandbox.companies import Companies, Member


class Seats:
    """The memberships as they were when the companies were in this `state`."""

    def __init__(self, companies: Companies) -> None:
        self._companies, self.state = companies, companies.state
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
