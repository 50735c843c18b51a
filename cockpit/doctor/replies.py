"""What replies tell beside their bodies: what time it is there, and how much may still be asked."""

from collections.abc import Mapping

from cockpit.clock import Clock
from cockpit.findings import Finding, fail, ok, warn
from cockpit.transport import Response, http_date

SKEW_WARN_S, SKEW_FAIL_S = 5.0, 300.0
"""AWS refuses signatures that are 5 minutes off (Signature Version 4)."""
LOW = 0.1
_SET_IT = "let the system set it: timedatectl set-ntp true"


class Heard:
    """Hears the replies of one side and keeps what the last of them told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._headers: Mapping[str, str] = {}
        self._at = 0.0

    def __call__(self, response: Response) -> None:
        """Keep a reply's headers, and when they came."""
        self._headers, self._at = response.headers, self._clock.now()

    def findings(self, side: str) -> list[Finding]:
        """Clock and quota, each where the replies told of it; `side` is who answered."""
        return [*clock(self._headers, self._at, side), *quota(self._headers, side)]


def clock(headers: Mapping[str, str], at: float, side: str) -> list[Finding]:
    """This machine's time `at` which a reply came, beside its Date; a cache's reply (Age) tells nothing."""
    sent = http_date(headers.get("date"))
    if sent is None or "age" in headers:
        return []
    ahead = at - (sent + 0.5)  # a Date is cut to the second
    if abs(ahead) < SKEW_WARN_S:
        return [ok("clock", f"within {SKEW_WARN_S:.0f} s of {side}'s")]
    what = f"this machine's clock is {_span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} {side}'s"
    if abs(ahead) < SKEW_FAIL_S:
        why = "who signs up during an export is looked for by this clock, and signed addresses end by it"
        return [warn("clock", what, why, _SET_IT)]
    why = "signed requests and logins are refused from 5 minutes on"
    return [fail("clock", what, why, _SET_IT)]


def quota(headers: Mapping[str, str], side: str) -> list[Finding]:
    """x-ratelimit-limit and -remaining, as Auth0 has them; nothing where they are missing."""
    limit, remaining = (_number(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining"))
    if limit is None or remaining is None:
        return []
    what = f"{remaining} of {limit} requests left at this moment"
    if remaining >= LOW * limit:
        return [ok("quota", what)]
    why = f"whatever else asks {side} takes from the same quota, and would be refused too"
    return [warn("quota", what, why, "see who else asks, or go on at a quieter hour")]


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdecimal() else None


def _span(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"
