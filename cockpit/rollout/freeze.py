"""When no login may be moved forward: weekdays, hours, days that are named. The way back is always open."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def _hours(text: str) -> str:
    if text:
        span(text)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}; write it as Europe/Vienna") from None
    return name


def span(text: str) -> tuple[time, time]:
    """ "09:00-16:30" as its two ends. Raises ValueError."""
    begin, _, end = text.partition("-")
    try:
        found = time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError(f'{text!r} are no hours; write them as "09:00-16:30"') from None
    if found[0] >= found[1]:
        raise ValueError(f"{text!r}: the end is not after the beginning")
    return found


class Freeze(BaseModel):
    """Days on which nothing is flipped, both ends among them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    why: str = "freeze"

    @model_validator(mode="after")
    def _in_order(self) -> "Freeze":
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class Calendar(BaseModel):
    """When flips are allowed, in local time of `timezone`; without `hours` all day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    hours: Annotated[str, AfterValidator(_hours)] = ""
    freezes: tuple[Freeze, ...] = ()

    def closed(self, now: float) -> str | None:
        """Why nothing may be flipped at that moment (seconds since the epoch), else None."""
        here = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(self.timezone))
        for freeze in self.freezes:
            if freeze.first <= here.date() <= freeze.last:
                return f"{freeze.why}: no flips until {freeze.last + timedelta(days=1)}"
        today = WEEKDAYS[here.weekday()]
        if today not in self.weekdays:
            return f"no flips on {today} ({', '.join(self.weekdays) or 'on no day'} only)"
        if self.hours:
            begin, end = span(self.hours)
            if not begin <= here.time() < end:
                return f"no flips at {here:%H:%M} ({self.hours} {self.timezone} only)"
        return None


def spaced(last_flip: int | None, now: int, minutes: int) -> str | None:
    """Why it is too soon after the flip before (ms), else None."""
    if last_flip is None or now - last_flip >= minutes * 60_000:
        return None
    left = -(-(last_flip + minutes * 60_000 - now) // 1000)
    return f"the last flip was less than {minutes} min ago; {left} s to go"
