"""Numbers, times and foreign text as they are written on the screen."""

import time

from cockpit.rules.mask import printable

_EIGHTHS = " ▏▎▍▌▋▊▉"


def number(value: int) -> str:
    """131,204"""
    return f"{value:,}"


def size(count: int) -> str:
    """Bytes as 4.1 MB."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def rate(value: float | None) -> str:
    """A rate with the digits that matter: 48.9, 312, or - where it is unknown."""
    if value is None:
        return "-"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def moment(at_ms: int) -> str:
    """The local time of day of a stored moment."""
    return time.strftime("%H:%M:%S", time.localtime(at_ms / 1000))


def day(at_ms: int) -> str:
    """The local date and time of a stored moment, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at_ms / 1000))


def short_day(at_ms: int) -> str:
    """The same without the year, for lists whose rows have it when they are opened."""
    return time.strftime("%m-%d %H:%M", time.localtime(at_ms / 1000))


def full(at_ms: int) -> str:
    """The local date and time of a stored moment, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at_ms / 1000))


def span(seconds: float) -> str:
    """A duration in at most two units: 7 s, 4 min, 1 h 23 m, 2 d 3 h."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} m"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def finish(now: float, seconds: float | None) -> str:
    """When work will be done, as a time of day and as what is left; - where nobody knows."""
    if seconds is None:
        return "done -"
    shape = "%H:%M" if seconds < 86_400 else "%a %H:%M"
    return f"done ~{time.strftime(shape, time.localtime(now + seconds))} ({span(seconds)} left)"


def age(seconds: float | None) -> str:
    """How long ago a heartbeat was, to the tenth below ten seconds."""
    if seconds is None:
        return "-"
    return f"{seconds:.1f}s" if seconds < 10 else span(seconds)


def share(part: int, whole: int | None) -> float:
    """A part of a whole between 0 and 1, 0 where the whole is unknown."""
    return min(1.0, part / whole) if whole else 0.0


def percent(fraction: float) -> str:
    """A share in percent that says 100 only when nothing is left."""
    return "100 %" if fraction >= 1 else f"{min(99.9, fraction * 100):.1f} %"


def bar(fraction: float, width: int) -> tuple[str, str]:
    """A progress bar in eighths of a cell: the filled part and the rest."""
    eighths = round(max(0.0, min(1.0, fraction)) * width * 8)
    full, part = divmod(eighths, 8)
    filled = "█" * full + (_EIGHTHS[part] if part else "")
    return filled, "·" * (width - len(filled))


def line(value: object, limit: int = 300) -> str:
    """Foreign text on one line, cut, with control characters shown instead of sent."""
    text = str(value)
    return printable(text if len(text) <= limit else f"{text[:limit]}…")
