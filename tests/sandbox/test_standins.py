"""The stand-ins by name, and the providers that they stand in for."""

import pytest

from cockpit.sandbox import standins
from tests.sources.providers import SERVICES


def test_every_service_has_a_stand_in() -> None:
    assert {standins.provider(name) for name in standins.names()} == set(SERVICES)


@pytest.mark.parametrize(
    ("kind", "name"), [("b2b", "stytch_b2b"), ("consumer", "stytch"), ("auto", "stytch"), ("", "stytch")]
)
def test_the_kind_of_a_project_chooses_its_stand_in(kind: str, name: str) -> None:
    assert standins.playing("stytch", {"STYTCH_PROJECT_TYPE": kind}) == name
    assert standins.playing("stytch_b2b", {"STYTCH_PROJECT_TYPE": kind}) == "stytch_b2b"
    assert standins.playing("clerk", {"STYTCH_PROJECT_TYPE": kind}) == "clerk"


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="there are: auth0"):
        standins.find("nobody")
