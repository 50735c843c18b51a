"""What a person is told to do at each provider."""

import pytest

from cockpit.sources import base
from cockpit.webhooks import advice

SERVICES = [name for name in base.names() if name not in ("csv", "package")]


@pytest.mark.parametrize("name", SERVICES)
def test_every_provider_has_its_own_and_names_the_tank(name: str) -> None:
    assert advice.of(name) is not advice.OTHER
    assert "https://tank.example" in advice.of(name).lines("https://tank.example")[0]
    assert "tank_url" in advice.of(name).lines("")[0]


def test_what_is_dangerous_is_said() -> None:
    assert "UpdateUserPool" in advice.of("cognito").never
    assert "blocking functions" in advice.of("firebase").never
    assert "auth hooks" in advice.of("supabase").never


def test_a_file_has_the_general_one() -> None:
    assert advice.of("csv") is advice.of(None) is advice.OTHER


def test_those_that_cockpit_switches_are_the_ones_whose_source_can() -> None:
    switched = {name for name in base.names() if base.find(name).webhooks is not None}
    assert switched == advice.BY_API
