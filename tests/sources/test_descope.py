"""Descope's own: what its searches say, where its API is, and how its user becomes a User."""

from typing import Any

import pytest

from cockpit.records import User
from cockpit.settings import MappingSettings, PasswordSettings, SettingsError
from cockpit.sources.base import MappingContext
from cockpit.sources.descope import PROVIDER, DescopeSettings
from tests.sources.memos import settings_with
from tests.sources.scripted import Descope


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Descope.environment.items():
        monkeypatch.setenv(name, value)


def test_every_search_names_its_order_and_leaves_test_users_out() -> None:
    """Unsorted, pages come in no order that anybody promised."""
    project = Descope(250)
    project.pages()
    project.pages(chain="since 100000")
    assert [asked["sort"] for asked in project.asked] == [[{"field": "createdTime", "desc": False}]] * 7
    assert {asked["withTestUser"] for asked in project.asked} == {False}
    assert [asked.get("fromCreatedTime") for asked in project.asked] == [None] * 4 + [100000] * 3
    assert project.asked[1]["offset"] == 90


def test_a_project_that_gives_longer_pages_is_asked_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCOPE_PAGE_SIZE", "1000")
    project = Descope(2500)
    project.most = 1000
    assert len({item.id for page in project.pages() for item in page.items}) == 2500
    assert len(project.asked) == 4


def test_only_the_first_look_tells_a_total() -> None:
    project = Descope(3)
    assert {page.total for page in project.pages()} == {3}
    assert {page.total for page in project.pages(chain="since 1")} == {None}
    assert project.asking(lambda source: source.count()) == 3


@pytest.mark.parametrize(
    ("project", "url"),
    [
        ("P2short", "https://api.descope.com"),
        ("Peuc1" + "2" * 27, "https://api.euc1.descope.com"),
    ],
)
def test_a_long_project_id_names_its_region(project: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCOPE_PROJECT_ID", project)
    assert DescopeSettings.load({}, "source").url == url
    assert PROVIDER.identity(settings_with({})) == f"descope:{project}"


@pytest.mark.parametrize("missing", ["DESCOPE_PROJECT_ID", "DESCOPE_MANAGEMENT_KEY"])
def test_what_is_missing_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)
    with pytest.raises(SettingsError, match=missing):
        PROVIDER.identity(settings_with({}))


# the mapping

RECORD: dict[str, Any] = {
    "userId": "U2iO",
    "loginIds": ["ana@example.com", "+15550001"],
    "givenName": "Ana",
    "familyName": "Díaz",
    "name": "Ana Díaz",
    "email": "ana@example.com",
    "verifiedEmail": True,
    "status": "enabled",
    "customAttributes": {"plan": "team", "note": 7},
    "createdTime": 1_719_352_134,
    "OAuth": {"google": True, "github": False},
    "password": True,
}


def mapped(split_names: bool = False, metadata: tuple[str, ...] = (), **fields: Any) -> User:
    mapping = MappingSettings(metadata=metadata, split_names=split_names)
    return PROVIDER.mapper(MappingContext(mapping, PasswordSettings(), {}))(RECORD | fields)


def test_a_record() -> None:
    user = mapped(metadata=("plan",))
    assert (user.source_id, user.email, user.email_verified) == ("U2iO", "ana@example.com", True)
    assert (user.first_name, user.last_name, user.name, user.status) == ("Ana", "Díaz", None, "active")
    assert user.metadata == {
        "provider": "descope",
        "created_at": "2024-06-25T21:48:54.000Z",  # createdTime is in seconds
        "login_ids": "+15550001",
        "identities": "google",
        "plan": "team",
    }
    assert user.password.state == "unsupported" and "passwords load" in str(user.password.reason)


def test_who_signs_in_by_telephone_has_no_email() -> None:
    user = mapped(email="", verifiedEmail=False, loginIds=["+15550001"])
    assert (user.email, user.metadata["login_ids"]) == (None, "+15550001")


@pytest.mark.parametrize(
    ("split", "names"), [(False, (None, None, "Ana Díaz")), (True, ("Ana", "Díaz", None))]
)
def test_one_display_name_is_divided_only_on_demand(split: bool, names: tuple[str | None, ...]) -> None:
    user = mapped(split, givenName="", familyName="")
    assert (user.first_name, user.last_name, user.name) == names


def test_who_never_had_a_password_has_lost_none() -> None:
    assert mapped(password=False).password.state == "absent"


def test_a_record_without_an_id_is_none() -> None:
    with pytest.raises(ValueError, match="no userId"):
        mapped(userId=None)
