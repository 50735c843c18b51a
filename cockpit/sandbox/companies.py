"""The companies of a source and their members: made from a seed and numbers, changes kept beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cockpit.sandbox.names import COMPANIES, LEGAL_FORMS
from cockpit.sandbox.people import Dice, People
from cockpit.sandbox.population import Population
from cockpit.sandbox.roles import ROLES
from cockpit.sandbox.web import Json

MEMBERSHIPS: tuple[int, ...] = (0, 0, *(1,) * 14, 2, 2, 2, 3)
"""Of how many companies people are members: a tenth of none, most of one, a fifth of several."""
AT_MOST_ONE: tuple[int, ...] = (0, 0, *(1,) * 18)
"""The same where a company is an attribute of users, which holds one."""
_DOMAINS = (0, 1, 1, 1, 1, 1, 2, 2, 2, 3)
_PLANS = ("free", "team", "enterprise")
_NUMBER_DIGITS = 8
_COMPANY, _SEATS, _ROLES = 1, 2, 3
"""Set the dice of companies, of memberships and of roles apart from those of people."""


class Domain(NamedTuple):
    """A domain that a company says is theirs, and whether it has been proved."""

    name: str
    verified: bool


class Company(NamedTuple):
    """What is true of a company whatever the provider; time in milliseconds."""

    number: int
    id: str
    name: str
    slug: str
    domains: tuple[Domain, ...]
    metadata: Json
    created_at: int
    token: int
    """64 bits for ids and the like."""


class Member(NamedTuple):
    """A person in a company, by their numbers; time in milliseconds."""

    company: int
    person: int
    roles: tuple[str, ...]
    """Slugs of ROLES: one or two, in its order; more than one where the provider allows it."""
    created_at: int


@dataclass(frozen=True)
class Ids:
    """Ids of companies: a prefix, hexadecimal digits of the token, and the number."""

    prefix: str
    digits: int = 16

    def of(self, number: int, token: int) -> str:
        """The id of that company."""
        return f"{self.prefix}{f'{token:016x}' * 2:.{self.digits}}{number:0{_NUMBER_DIGITS}x}"

    def number(self, ident: str) -> int | None:
        """The number inside an id."""
        try:
            return int(ident[-_NUMBER_DIGITS:], 16)
        except ValueError:
            return None


ORGANIZATION_IDS = Ids("org_")


class Companies:
    """What companies there are and who is in them now. Nothing is kept of those who never changed."""

    def __init__(
        self, population: Population, seed: int, count: int, ids: Ids, memberships: Sequence[int]
    ) -> None:
        """`memberships`: of how many companies a person is a member, each number as often as it occurs."""
        self._population, self._seed, self._ids = population, seed, ids
        self._memberships = tuple(memberships)
        self._founded = People(seed + _COMPANY, count)
        self._patches: dict[int, Json] = {}
        self._seats: dict[int, dict[int, Member | None]] = {}
        """By person and company what has changed; None where a membership was removed."""
        self._touched: dict[int, set[int]] = {}
        self._changes = 0

    def __len__(self) -> int:
        return self._founded.count

    @property
    def closed(self) -> bool:
        """Whether nobody's membership can change here: where people belong to a company in another way."""
        return not self._memberships

    @property
    def state(self) -> tuple[object, ...]:
        """Another whenever somebody or something changed, for whoever keeps what they looked up."""
        return (self, self._changes, len(self._population), *self._population.added())

    def ident(self, number: int) -> str:
        """The id of that company, without making the company."""
        return self._ids.of(number, self._founded.token(number))

    def company(self, number: int) -> Company:
        """That company."""
        token = self._founded.token(number)
        dice = Dice(self._seed + _COMPANY, ~number)
        name, short = dice.pick(COMPANIES)
        slug = f"{short}-{number}"
        names = (
            f"{short}{number}.example",
            f"{short}{number}-group.example",
            f"mail.{short}{number}.example",
        )
        company = Company(
            number=number,
            id=self._ids.of(number, token),
            name=f"{name} {dice.pick(LEGAL_FORMS)}",
            slug=slug,
            domains=tuple(Domain(domain, dice.percent(75)) for domain in names[: dice.pick(_DOMAINS)]),
            metadata={"plan": dice.pick(_PLANS), "crm": f"C-{number:06}"},
            created_at=self._founded.created_at(number),
            token=token,
        )
        return company._replace(**self._patches.get(number, {}))

    def all(self) -> Iterator[Company]:
        """Every company, oldest first."""
        return map(self.company, range(len(self)))

    def find(self, ident: str) -> int | None:
        """The number of the company with that id."""
        number = self._ids.number(ident)
        if number is None or not 0 <= number < len(self):
            return None
        return number if self.ident(number) == ident else None

    def correct(self, number: int, patch: Json) -> Company:
        """Set name, slug, domains or metadata of a company; the company as it is now."""
        self._patches[number] = self._patches.get(number, {}) | patch
        self._changes += 1
        return self.company(number)

    def of(self, person: int) -> list[Member]:
        """The memberships of that person, oldest first."""
        seats = dict[int, Member | None]()
        created_at = self._population.people.created_at(person)
        for turn in range(self._several(person)):
            number = (person + turn) % len(self)
            seats[number] = Member(number, person, self._roles(person, turn), created_at + turn)
        seats |= self._seats.get(person, {})
        return [member for member in seats.values() if member is not None]

    def member(self, number: int, person: int) -> Member | None:
        """That person's membership of that company."""
        return next((member for member in self.of(person) if member.company == number), None)

    def members(self, number: int) -> list[Member]:
        """Who is in that company, by the numbers of people."""
        population, found = self._population, set(self._population.added())
        for turn in range(max(self._memberships, default=0)):
            found.update(range((number - turn) % len(self), population.people.count, len(self)))
        found |= self._touched.get(number, set())
        everybody = (self.member(number, one) for one in sorted(found) if not population.is_deleted(one))
        return [member for member in everybody if member is not None]

    def everybody(self) -> Iterator[Member]:
        """Every membership, by the numbers of people."""
        for person in self._population.indices():
            yield from self.of(person)

    def put(self, number: int, person: int, roles: Sequence[str], now_ms: int) -> Member:
        """Make the person a member with these roles, or give a member other roles."""
        present = self.member(number, person)
        ordered = tuple(role.slug for role in ROLES if role.slug in roles)
        member = Member(number, person, ordered, present.created_at if present else now_ms)
        self._change(number, person, member)
        return member

    def remove(self, number: int, person: int) -> None:
        """End a membership."""
        self._change(number, person, None)

    def _change(self, number: int, person: int, member: Member | None) -> None:
        self._seats.setdefault(person, {})[number] = member
        self._touched.setdefault(number, set()).add(person)
        self._changes += 1

    def _several(self, person: int) -> int:
        """Who is bad has one, so that only one thing is wrong with them; who came later has the fewest."""
        if not self._memberships:
            return 0
        if person >= self._population.people.count:
            count = min(self._memberships)
        elif person in self._population.reasons:
            count = 1
        else:
            count = Dice(self._seed + _SEATS, person).pick(self._memberships)
        return min(count, len(self))

    def _roles(self, person: int, turn: int) -> tuple[str, ...]:
        dice = Dice(self._seed + _ROLES, person * 4 + turn)
        chosen = {dice.below(len(ROLES)) if dice.percent(30) else 0}
        if dice.percent(15):
            chosen.add(dice.below(len(ROLES)))
        return tuple(ROLES[place].slug for place in sorted(chosen))
