"""One user on its way: what is known of earlier sends outlives every way in which delivery may end."""

import asyncio
from collections.abc import Callable

import pytest

from cockpit.jobs.breaker import TRIP, Breaker
from cockpit.jobs.context import Steering
from cockpit.jobs.deliver.delivery import MOST_SENDS, Delivery
from cockpit.jobs.deliver.line import Line
from cockpit.jobs.deliver.users import OnConflict, UserProcedure
from cockpit.state.claims import UserClaim
from cockpit.state.journal import Outcome
from cockpit.transport import Lost, Unsent
from cockpit.workos.client import KeyRefused
from cockpit.workos.replies import Reply
from tests.clocks import FakeClock

USER = UserClaim(
    1, 1, 0, False, None, "auth0|1", "ana@example.com", '{"email":"ana@example.com"}', None, None, None
)
UNSURE = USER._replace(unsure=True)
MADE = Reply("ok", 201, data={"id": "user_1"})
OURS = Reply("ok", 200, data={"id": "user_1", "email": "Ana@example.com", "external_id": "auth0|1"})
ABSENT = Reply("absent", 404)
EXISTS = Reply("exists", 400, code="email_not_available", message="taken")
UNWELL = Reply("unwell", 503)
NOBODY = Reply("ok", 200, data={"data": []})
LOST, UNSENT = Lost("no reply", "timed out", "resume"), Unsent("can't connect", "refused", "check")
REFUSED = KeyRefused("no")

Answer = Reply | Exception | Callable[[], Reply]


class Target:
    """Gives these answers to creating and to asking, the last of each for ever."""

    def __init__(self, create: list[Answer], ask: list[Answer] | None = None) -> None:
        self._answers: dict[str, list[Answer]] = {"create": create, "ask": ask or [ABSENT], "email": [NOBODY]}
        self.asked: list[str] = []

    async def create_user(self, body: str) -> Reply:
        return self._answer("create")

    async def user_by_external_id(self, external_id: str) -> Reply:
        return self._answer("ask")

    async def users_by_email(self, email: str) -> Reply:
        return self._answer("email")

    def _answer(self, to: str) -> Reply:
        self.asked.append(to)
        left = self._answers[to]
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else answer()


class Post:
    """A delivery with its breaker, its steering and a clock that moves when it is waited on."""

    def __init__(self, target: Target, on_conflict: OnConflict = "ask", back: bool = True) -> None:
        self.steering, self.clock, self.said = Steering(), FakeClock(), list[str]()

        async def probe() -> bool:
            return back

        async def say(text: str, level: str) -> None:
            self.said.append(text)

        self.breaker = Breaker(probe, say, self.steering, self.clock)
        self.target = target
        self.line = Line(target, self.breaker, self.steering, self.clock)  # type: ignore[arg-type]
        self.deliver = Delivery(UserProcedure(self.line, on_conflict), self.line)

    def run(self, user: UserClaim = USER) -> Outcome:
        """Deliver one user."""
        return asyncio.run(self._run(user))

    async def _run(self, user: UserClaim) -> Outcome:
        return await self.deliver(user)


def test_a_lost_reply_is_asked_for_before_anything_is_sent_again() -> None:
    target = Target([LOST], [OURS])
    outcome = Post(target).run()
    assert (outcome.state, outcome.confirmed, outcome.target_id) == ("imported", True, "user_1")
    assert target.asked == ["create", "ask"]


def test_what_was_not_found_is_sent_again() -> None:
    target = Target([LOST, UNWELL, MADE])
    outcome = Post(target).run()
    assert (outcome.state, outcome.confirmed, outcome.attempts) == ("imported", False, 3)
    assert target.asked == ["create", "ask", "create", "ask", "create"]


def test_what_was_not_sent_is_not_asked_for() -> None:
    target = Target([UNSENT, MADE])
    assert Post(target).run().state == "imported"
    assert target.asked == ["create", "create"]


def test_who_was_sent_by_an_earlier_run_is_asked_for_first() -> None:
    target = Target([MADE], [OURS])
    outcome = Post(target).run(UNSURE)
    assert (outcome.state, outcome.confirmed, outcome.attempts) == ("imported", True, 0)
    assert target.asked == ["ask"]


def test_who_exists_after_an_unsure_send_is_ours() -> None:
    outcome = Post(Target([LOST, EXISTS], [ABSENT, OURS])).run()
    assert (outcome.state, outcome.confirmed) == ("imported", True)


def test_who_exists_although_none_of_our_sends_can_have_made_them_is_not_ours() -> None:
    for first in (UNSENT, None):
        answers: list[Answer] = [first, EXISTS] if first else [EXISTS]
        outcome = Post(Target(answers, [OURS])).run()
        assert (outcome.state, outcome.unsure) == ("failed", False)
        assert outcome.failure is not None
        assert outcome.failure.klass == "conflict"


def test_who_exists_but_cannot_be_found_is_looked_for_three_times() -> None:
    target = Target([EXISTS])
    outcome = Post(target).run()
    assert target.asked.count("ask") == target.asked.count("email") == 3
    assert outcome.failure is not None
    assert "found by neither" in outcome.failure.title


@pytest.mark.parametrize(
    ("create", "unsure"), [(LOST, True), (UNWELL, True), (UNSENT, False), (REFUSED, False), (EXISTS, False)]
)
def test_a_stop_or_a_refused_key_leaves_it_ready_with_what_is_known(create: Answer, unsure: bool) -> None:
    post = Post(Target([create], [REFUSED]))
    if create is UNSENT:
        post.steering.stop()
    outcome = post.run()
    assert (outcome.state, outcome.unsure) == ("ready", unsure)
    assert (post.line.refused is not None) == (create is not UNSENT)
    assert post.steering.stopping.is_set()


def test_a_record_that_alone_gets_no_answer_becomes_an_error() -> None:
    post = Post(Target([UNWELL]))

    def others_fare_well() -> Reply:
        post.breaker.succeeded()
        return UNWELL

    post.target._answers["create"] = [others_fare_well]
    outcome = post.run()
    assert (outcome.state, outcome.attempts, outcome.unsure) == ("failed", MOST_SENDS, True)
    assert outcome.failure is not None
    assert (outcome.failure.klass, outcome.failure.status) == ("transient", 503)


def test_a_target_that_is_down_is_no_records_fault() -> None:
    def down_until_probed(answer: Reply) -> Answer:
        return lambda: answer if "target is back" in post.said else UNWELL

    post = Post(Target([down_until_probed(MADE)], [down_until_probed(ABSENT)]))
    outcome = post.run()
    assert outcome.state == "imported"
    assert post.said == ["target is down (HTTP 503)", "target is back"]
    assert len(post.target.asked) == TRIP + 2, "one question more, then sent"


def test_while_it_is_down_a_stop_ends_the_waiting() -> None:
    post = Post(Target([UNWELL], [UNWELL]), back=False)

    async def stop_in_the_end() -> Outcome:
        delivering = asyncio.ensure_future(post.deliver(USER))
        while post.breaker.reason is None:
            await asyncio.sleep(0)
        assert post.breaker.reason.startswith("target is down (HTTP 503)")
        post.steering.stop()
        return await delivering

    outcome = asyncio.run(stop_in_the_end())
    assert (outcome.state, outcome.unsure) == ("ready", True)
    assert post.breaker.reason is None
