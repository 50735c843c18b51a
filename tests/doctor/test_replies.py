"""Clock and quota, as the headers of any reply tell them."""

from email.utils import formatdate

import pytest

from cockpit.doctor.replies import clock, quota

NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("ahead", "level", "said"),
    [
        (0, "ok", "within 5 s"),
        (4, "ok", "within 5 s"),
        (30, "warn", "30 s ahead of Auth0's"),
        (-30, "warn", "30 s behind Auth0's"),
        (-600, "fail", "10 min 0 s behind Auth0's"),
        (90_000, "fail", "1500 min 0 s ahead of Auth0's"),
    ],
)
def test_the_clock_is_held_against_the_date_of_a_reply(ahead: int, level: str, said: str) -> None:
    (finding,) = clock({"date": formatdate(NOW, usegmt=True)}, NOW + ahead + 0.5, "Auth0")
    assert (finding.check, finding.level) == ("clock", level)
    assert said in finding.what
    assert bool(finding.next) == (level != "ok")


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": formatdate(0), "age": "30"}])
def test_a_reply_without_a_date_of_its_own_tells_no_time(headers: dict[str, str]) -> None:
    assert clock(headers, NOW, "Auth0") == []


@pytest.mark.parametrize(("remaining", "level"), [("40", "ok"), ("4", "ok"), ("3", "warn"), ("0", "warn")])
def test_a_quota_is_low_below_a_tenth(remaining: str, level: str) -> None:
    (finding,) = quota({"x-ratelimit-limit": "40", "x-ratelimit-remaining": remaining}, "Auth0")
    assert (finding.check, finding.level) == ("quota", level)
    assert f"{remaining} of 40" in finding.what


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-limit": "40"}, {"x-ratelimit-remaining": "many"}])
def test_a_provider_that_tells_no_quota_gets_no_line(headers: dict[str, str]) -> None:
    assert quota(headers, "Clerk") == []
