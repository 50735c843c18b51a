"""What a user of Supabase tells of: apps by either door, and an organization that the application keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.jobs import memo
from cockpit.records import Factor, Membership, Organization
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import _supabase_tenancy as tenancy
from cockpit.sources.base import MappingContext
from cockpit.sources.supabase import PROVIDER
from cockpit.state import exports, meta
from cockpit.state.database import open_state, transaction
from cockpit.terms import Page, RawItem
from tests.jobs.world import World

SECRET = "JBSWY3DPEHPK3PXP"
TOTP = {"id": "f1", "type": "totp", "status": "verified", "secret": SECRET}


def told(raw: dict[str, Any], key: str | None = None) -> list[Any]:
    facts = {tenancy.KEY: key} if key else {}
    assert PROVIDER.tenancy is not None
    of_user = PROVIDER.tenancy.map(MappingContext(MappingSettings(), PasswordSettings(), facts)).of_user
    assert of_user is not None
    return list(of_user({"id": "u1", "email": "ana@example.com", **raw}))


def lost(*factors: Any) -> tuple[str, ...]:
    return tenancy.lost({"id": "u1", "factors": list(factors)})


# apps


def test_an_app_of_the_database_goes_along() -> None:
    (factor,) = told({"factors": [TOTP]})
    assert (factor.source_id, factor.user, factor.account) == ("f1", "u1", "ana@example.com")
    assert factor.secret.get_secret_value() == SECRET and factor.problem is None
    assert lost(TOTP) == ()


def test_several_apps_all_go_along() -> None:
    found = told({"factors": [TOTP, TOTP | {"id": "f2"}]})
    assert [factor.source_id for factor in found] == ["f1", "f2"]


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        (json.dumps({"key_id": "k", "alg": "aes-gcm-hkdf", "data": "x", "nonce": "y"}), "encrypted"),
        ("not Base32!", "not Base32"),
        ("", "0 bytes"),
        (None, "0 bytes"),
    ],
)
def test_a_secret_that_can_not_be_used_says_why(secret: str | None, problem: str) -> None:
    (factor,) = told({"factors": [TOTP | {"secret": secret}]})
    assert isinstance(factor, Factor) and factor.secret is None
    assert problem in str(factor.problem) and "key_id" not in str(factor.problem)


def test_what_the_api_shows_of_an_app_is_no_secret() -> None:
    shown = {"id": "f1", "factor_type": "totp", "status": "verified"}
    assert told({"factors": [shown]}) == []
    assert lost(shown) == ("totp",)


def test_an_app_that_was_never_confirmed_is_none() -> None:
    begun = TOTP | {"status": "unverified"}
    assert told({"factors": [begun]}) == [] and lost(begun) == ()


def test_other_factors_are_told_of_once() -> None:
    phone = {"id": "f2", "type": "phone", "status": "verified", "secret": None}
    passkey = {"id": "f3", "factor_type": "webauthn", "status": "verified"}
    assert lost(TOTP, phone, phone | {"id": "f4"}, passkey, {"status": "verified"}) == (
        "sms",
        "passkey",
        "other",
    )
    assert tenancy.lost({"id": "u1", "factors": None}) == ()


# organizations


@pytest.mark.parametrize("field", ["raw_app_meta_data", "app_metadata"])
@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("acme", ["acme"]),
        (7, ["7"]),
        (["acme", " zenith ", "acme", None, True], ["acme", "zenith"]),
        (None, []),
        ("", []),
        ({"id": "acme"}, []),
    ],
)
def test_an_organization_is_what_the_application_says(field: str, value: Any, named: list[str]) -> None:
    found = told({field: {"org": value}}, "org")
    assert [one.source_id for one in found if isinstance(one, Organization)] == named
    assert [one for one in found if isinstance(one, Membership)] == [
        Membership(user="u1", organization=name) for name in named
    ]
    assert told({field: {"org": value}}) == []  # unless the setting names the key


def test_many_users_of_one_organization_make_it_once(tmp_path: Path) -> None:
    world = World(tmp_path, "http://127.0.0.1:9")
    connection = open_state(world.state, create=True)
    people = [
        {"id": f"u{n}", "email": f"u{n}@example.com", "app_metadata": {"org": ("acme", "zenith")[n % 2]}}
        for n in range(6)
    ]
    with transaction(connection):
        meta.bind_source(connection, "supabase:p")
        meta.put(connection, memo.PREFIX + tenancy.KEY, "org")
        export = exports.begin(connection, 1).id
        items = [RawItem(str(one["id"]), json.dumps(one)) for one in people]
        exports.commit_page(connection, export, Page("", "", None, items), 100, 2)
        exports.complete(connection, export, "complete", 0, 3)
    connection.close()
    for _ in range(2):
        world.run_here("lint")
        rows = world.ask("select source_id, name, inside from resources where kind = 'organization'")
        assert sorted(rows) == [("acme", "acme", 0), ("zenith", "zenith", 0)]
        tied = world.ask(
            "select count(*) from resources where kind = 'membership' and organization is not null"
        )
        assert tied == [6]
    assert world.ask("select state, count(*) from operations group by state") == [("ready", 14)]
