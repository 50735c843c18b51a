"""Clerk's own: how its pages are asked for, and what its keys say of the instance."""

from collections.abc import Mapping

import pytest

from cockpit.sandbox.limits import window
from cockpit.settings import SettingsError
from cockpit.sources import clerk
from cockpit.sources._clerk_mapping import POLICY
from cockpit.sources.base import Source
from tests.clocks import FakeClock
from tests.sources.memos import FakeMemo, settings_with
from tests.sources.scripted import Clerk


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Clerk.environment.items():
        monkeypatch.setenv(name, value)


def test_pages_are_asked_for_oldest_first_with_the_plus_encoded() -> None:
    """A bare + is a space, and Clerk's own order is newest first: sign-ups would shift every page."""
    instance = Clerk(700)
    instance.pages()
    assert all("order_by=%2Bcreated_at" in path for path in instance.paths)
    assert {asked["limit"] for asked in instance.asked} == {"500"}
    assert [asked["offset"] for asked in instance.asked] == ["0", "480", "680"]


def test_who_came_since_is_asked_for_by_the_moment_of_creation() -> None:
    instance = Clerk(700)
    pages = instance.pages(chain="since 650")
    assert [item.id for page in pages for item in page.items][:50] == [
        f"user_{number:05}" for number in range(650, 700)
    ]
    assert {asked["created_at_after"] for asked in instance.asked} == {"650"}


@pytest.mark.parametrize(("key", "limit"), [("sk_test_1", 100), ("sk_live_1", 1000)])
def test_a_keys_own_limit_is_kept(key: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLERK_SECRET_KEY", key)
    clock, refused = FakeClock(), 0
    quota = window("sliding", limit, 10.0)

    async def ask(source: Source) -> None:
        nonlocal refused
        for _ in range(230):
            await source.count()
            refused += quota.wait(clock.monotonic()) > 0
            quota.take(clock.monotonic())

    began = clock.monotonic()
    Clerk(1).asking(ask, clock)
    assert refused == 0
    assert clock.monotonic() - began <= 1.02 * 230 * 10 / limit


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"CLERK_SECRET_KEY": "sk_test_1"}, "clerk:test"),
        ({"CLERK_SECRET_KEY": "sk_live_1"}, "clerk:live"),
        ({"CLERK_SECRET_KEY": "sk_live_1", "CLERK_INSTANCE": "acme"}, "clerk:acme"),
    ],
)
def test_a_state_is_bound_to_the_instance(
    settings: Mapping[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLERK_INSTANCE")
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)
    assert clerk.PROVIDER.identity(settings_with({})) == name


def test_without_a_key_it_says_which_variable_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLERK_SECRET_KEY")
    with pytest.raises(SettingsError, match="CLERK_SECRET_KEY"):
        clerk.PROVIDER.identity(settings_with({}))


def test_whose_ids_were_chosen_is_remembered_for_the_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    memo = FakeMemo()
    for chosen in ("app", "clerk"):
        monkeypatch.setenv("CLERK_EXTERNAL_ID", chosen)
        Clerk(1).pages(memo=memo)
        assert memo.facts == {POLICY: chosen}
