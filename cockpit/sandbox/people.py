"""The people of a source: made from a seed and a number alone, so that 200,000 of them cost no memory."""

from typing import NamedTuple, TypeVar

from cockpit.sandbox.names import DOMAINS, FIRST_NAMES, LAST_NAMES

T = TypeVar("T")

_MASK = (1 << 64) - 1
_FIRST_SIGN_UP = 1_546_300_800_000  # 2019-01-01
_LONGEST_STEP = 1_020_000
_SPAN = 204_000_000_000


class Dice:
    """A small generator (splitmix64) whose whole state is one number: cheap enough to make one per person."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, index: int) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 ^ index * 0xD1B54A32D192ED03) & _MASK
        self.bits()

    def bits(self) -> int:
        """64 random bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1."""
        return self.bits() % bound

    def percent(self, share: int) -> bool:
        """True in `share` of a hundred cases."""
        return self.bits() % 100 < share

    def pick(self, items: tuple[T, ...]) -> T:
        """One of the items."""
        return items[self.bits() % len(items)]


class Person(NamedTuple):
    """What is true of a person whatever the provider; times in milliseconds."""

    number: int
    first_name: str
    last_name: str
    email: str
    verified: bool
    created_at: int
    last_login: int | None
    logins: int
    blocked: bool
    kind: int
    """0..99, from which a provider decides how the person signs in."""
    secret: int
    """Which of the known passwords is theirs."""
    token: int
    """64 bits for ids and the like."""

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


class People:
    """All persons of a sandbox; the same seed and number give the same person."""

    def __init__(self, seed: int, count: int) -> None:
        self._seed = seed
        self.count = count
        self._step = max(1, min(_LONGEST_STEP, _SPAN // max(count, 1)))

    def created_at(self, index: int) -> int:
        """When that person signed up; later for every later person."""
        return _FIRST_SIGN_UP + index * self._step + Dice(self._seed, index).below(self._step)

    def token(self, number: int) -> int:
        """The token of that person, without making the person."""
        dice = Dice(self._seed, number)
        dice.bits()
        return dice.bits()

    def person(self, index: int) -> Person:
        """That person."""
        dice = Dice(self._seed, index)
        created_at = _FIRST_SIGN_UP + index * self._step + dice.below(self._step)
        token = dice.bits()
        first_name, first = dice.pick(FIRST_NAMES)
        last_name, last = dice.pick(LAST_NAMES)
        # The number makes the address unique, and a record findable from an id that is made of its e-mail.
        email = f"{first}.{last}{index}@{dice.pick(DOMAINS)}"
        active = dice.percent(92)
        return Person(
            number=index,
            first_name=first_name,
            last_name=last_name,
            email=email,
            verified=dice.percent(85),
            created_at=created_at,
            last_login=created_at + dice.below(30_000_000_000) if active else None,
            logins=1 + dice.below(400) if active else 0,
            blocked=dice.percent(1),
            kind=dice.below(100),
            secret=dice.below(1 << 16),
            token=token,
        )
