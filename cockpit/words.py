"""Numbers and times as people read them."""

DAY_MS = 86_400_000


def counted(n: int, word: str) -> str:
    """1 endpoint, 2,000 endpoints."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def span(milliseconds: float) -> str:
    """A duration: 40 s, 12 min, 3 h, 7 days."""
    seconds = round(milliseconds / 1000)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h" if seconds < 172_800 else f"{round(seconds / 86_400)} days"


def days(milliseconds: int) -> str:
    """Whole days of a duration: less than a day, 1 day, 21 days."""
    whole = milliseconds // DAY_MS
    return counted(whole, "day") if whole else "less than a day"


def ends(until: int, now: int) -> str:
    """When something ends, or ended (ms): ends in 3 days, ended 1 day ago."""
    return f"ends in {days(until - now)}" if until > now else f"ended {days(now - until)} ago"
