"""What an account is at each source: active or not, and whether it signs in by somebody else only."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.records import User
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import base
from cockpit.sources.base import MappingContext
from cockpit.terms import Trait
from tests.sources.providers import SERVICES

Record = dict[str, Any]

GOOGLE = {"provider": "google-oauth2", "user_id": "1", "isSocial": True}
SAML = {"provider": "samlp", "user_id": "acme|1", "isSocial": False}
SECRET = "0123456789abcdef0123456789abcdef:" + "ab" * 64
"""A hash in Better Auth's own form."""

BASES: dict[str, Record] = {
    "auth0": {"user_id": "x|1", "email": "a@example.com", "email_verified": True},
    "better_auth": {"id": "1", "email": "a@example.com", "emailVerified": True, "accounts": []},
    "clerk": {
        "id": "user_1",
        "primary_email_address_id": "idn_1",
        "email_addresses": [
            {
                "id": "idn_1",
                "email_address": "a@example.com",
                "verification": {"status": "verified", "strategy": "from_oauth_google"},
            }
        ],
    },
    "cognito": {"Enabled": True, "UserStatus": "CONFIRMED"},
    "descope": {"userId": "U1", "email": "a@example.com", "verifiedEmail": True, "status": "enabled"},
    "firebase": {"localId": "1", "email": "a@example.com", "emailVerified": True},
    "stytch": {"user_id": "user-1", "status": "active", "emails": [{"email": "a@e.com", "verified": True}]},
    "supabase": {"id": "1", "email": "a@example.com", "email_confirmed_at": "2024-01-01T00:00:00Z"},
}


def attributes(**values: str) -> list[dict[str, str]]:
    told = {"sub": "1", "email": "a@example.com", "email_verified": "true"} | values
    return [{"Name": name, "Value": value} for name, value in told.items()]


BASES["cognito"]["Attributes"] = attributes()


def by(*providers: str) -> dict[str, list[Record]]:
    return {"providerUserInfo": [{"providerId": name, "rawId": "1"} for name in providers]}


def member(**fields: Any) -> Record:
    """A record of Stytch B2B: a person's only member."""
    return {
        "user_id": None,
        "m": {"member_id": "m", "email_address": "a@example.com", "email_address_verified": True, **fields},
    }


def mapped(provider: str, raw: Record, **mapping: Any) -> User:
    context = MappingContext(MappingSettings(**mapping), PasswordSettings(), {})
    return base.find(provider).mapper(context)(BASES[provider] | raw)


CASES: list[tuple[str, Record, tuple[Trait, ...]]] = [
    ("auth0", {}, ()),
    ("auth0", {"blocked": True}, ("banned",)),
    ("auth0", {"email_verified": False}, ("unverified",)),
    ("auth0", {"identities": [GOOGLE]}, ("federated",)),
    ("auth0", {"identities": [SAML, GOOGLE]}, ("federated",)),
    ("auth0", {"identities": [GOOGLE, {"provider": "auth0", "user_id": "2"}]}, ()),
    ("auth0", {"identities": [GOOGLE, {"provider": "email", "user_id": "2"}]}, ()),
    ("better_auth", {"banned": 1}, ("banned",)),
    ("better_auth", {"isAnonymous": True, "emailVerified": False}, ("anonymous", "unverified")),
    ("better_auth", {"accounts": [{"providerId": "google", "accountId": "1"}]}, ("federated",)),
    (
        "better_auth",
        {"accounts": [{"providerId": "google"}, {"providerId": "credential", "password": SECRET}]},
        (),
    ),
    ("clerk", {"locked": True}, ("banned",)),
    ("clerk", {"external_accounts": [{"provider": "oauth_google"}]}, ("federated",)),
    ("clerk", {"enterprise_accounts": [{"provider": "saml_okta"}]}, ("federated",)),
    ("clerk", {"external_accounts": [{"provider": "oauth_google"}], "password_enabled": True}, ()),
    ("clerk", {"external_accounts": [{"provider": "oauth_google"}], "passkeys": [{"id": "1"}]}, ()),
    ("cognito", {"Enabled": False}, ("banned",)),
    ("cognito", {"UserStatus": "ARCHIVED"}, ("banned",)),
    ("cognito", {"UserStatus": "UNCONFIRMED"}, ("unconfirmed",)),
    ("cognito", {"UserStatus": "EXTERNAL_PROVIDER"}, ("federated",)),
    ("cognito", {"UserStatus": "FORCE_CHANGE_PASSWORD"}, ()),
    ("cognito", {"Attributes": attributes(email_verified="false")}, ("unverified",)),
    ("descope", {"status": "disabled"}, ("banned",)),
    ("descope", {"status": "expired"}, ("banned",)),
    ("descope", {"status": "invited", "verifiedEmail": False}, ("unconfirmed", "unverified")),
    ("descope", {"OAuth": {"google": True}}, ("federated",)),
    ("descope", {"SAML": True}, ("federated",)),
    ("descope", {"OAuth": {"google": True}, "password": True}, ()),
    ("descope", {"OAuth": {"google": True}, "webauthn": True}, ()),
    ("descope", {"OAuth": {"google": False}}, ()),
    ("firebase", {"disabled": True}, ("banned",)),
    ("firebase", {"email": None, "emailVerified": None}, ("anonymous",)),
    ("firebase", {"email": None, "phoneNumber": "+1555"}, ()),
    ("firebase", {"email": None, "customAuth": True}, ()),
    ("firebase", by("google.com"), ("federated",)),
    ("firebase", by("saml.acme", "oidc.acme"), ("federated",)),
    ("firebase", by("google.com", "password"), ()),
    ("firebase", by("google.com", "phone"), ()),
    ("stytch", {"is_locked": True}, ("banned",)),
    ("stytch", {"status": "deleted"}, ("deleted",)),
    ("stytch", {"status": "pending"}, ("unconfirmed",)),
    ("stytch", {"providers": [{"provider_type": "Google"}]}, ("federated",)),
    ("stytch", {"providers": [{"provider_type": "Google"}], "password": {"password_id": "1"}}, ()),
    ("stytch", {"providers": [{"provider_type": "Google"}], "phone_numbers": [{"phone_id": "1"}]}, ()),
    ("stytch", member(status="active"), ()),
    ("stytch", member(status="invited"), ("unconfirmed",)),
    ("stytch", member(status="deleted"), ("deleted",)),
    ("stytch", member(sso_registrations=[{"connection_id": "c"}]), ("federated",)),
    ("stytch", member(oauth_registrations=[{"x": "c"}], member_password_id="p"), ()),
    ("supabase", {"deleted_at": "2024-01-01T00:00:00Z", "banned_until": "infinity"}, ("deleted",)),
    ("supabase", {"banned_until": "2999-01-01T00:00:00Z"}, ("banned",)),
    ("supabase", {"email": "", "is_anonymous": True, "email_confirmed_at": None}, ("anonymous",)),
    ("supabase", {"email_confirmed_at": None}, ("unverified",)),
    ("supabase", {"identities": [{"provider": "google", "id": "1"}]}, ("federated",)),
    ("supabase", {"identities": [{"provider": "sso:7f3a", "id": "1"}]}, ("federated",)),
    ("supabase", {"identities": [{"provider": "google"}, {"provider": "email"}]}, ()),
    ("supabase", {"identities": [{"provider": "google"}], "encrypted_password": "$2a$10$x"}, ()),
]


@pytest.mark.parametrize(("provider", "raw", "traits"), CASES)
def test_what_a_policy_may_hold_a_user_back_for(
    provider: str, raw: Record, traits: tuple[Trait, ...]
) -> None:
    user = mapped(provider, raw)
    assert user.traits == traits
    assert user.metadata.get("source_status") == (user.status if user.status != "active" else None)


def test_every_provider_tells_banned_federated_and_unverified_users_apart() -> None:
    told = {(provider, trait) for provider, _, traits in CASES for trait in traits}
    unverified: dict[str, Record] = {
        "better_auth": {"emailVerified": False},
        "clerk": {"email_addresses": [{"id": "idn_1", "email_address": "a@example.com"}]},
        "descope": {"verifiedEmail": False},
        "firebase": {"emailVerified": False},
        "stytch": {"emails": [{"email": "a@example.com"}]},
    }
    told |= {(name, trait) for name, raw in unverified.items() for trait in mapped(name, raw).traits}
    wanted = ("banned", "federated", "unverified")
    assert told >= {(provider, trait) for provider in SERVICES for trait in wanted}


KEYS: dict[str, Record] = {
    "auth0": {"app_metadata": {"plan": "team", "k": 1}},
    "better_auth": {"plan": "team"},
    "clerk": {"public_metadata": {"plan": "team", "k": 1}},
    "cognito": {"Attributes": attributes(**{"custom:plan": "team", "custom:k": "1"})},
    "descope": {"customAttributes": {"plan": "team", "k": 1}},
    "firebase": {"customAttributes": '{"plan": "team", "k": 1}'},
    "stytch": {"trusted_metadata": {"plan": "team", "k": 1}},
    "supabase": {"raw_app_meta_data": {"plan": "team", "k": 1}},
}


@pytest.mark.parametrize("provider", SERVICES)
def test_metadata_goes_along_by_name_alone_at_every_provider(provider: str) -> None:
    assert mapped(provider, KEYS[provider], metadata=("plan",)).metadata["plan"] == "team"
    assert not mapped(provider, KEYS[provider]).metadata.keys() & {"plan", "k"}


NAMES: dict[str, Record] = {
    "auth0": {"name": "Ana Maria Diaz"},
    "better_auth": {"name": "Ana Maria Diaz"},
    "cognito": {"Attributes": attributes(name="Ana Maria Diaz")},
    "descope": {"name": "Ana Maria Diaz"},
    "firebase": {"displayName": "Ana Maria Diaz"},
    "stytch": member(name="Ana Maria Diaz"),
    "supabase": {"raw_user_meta_data": {"full_name": "Ana Maria Diaz"}},
}
"""Clerk, and Stytch for consumers, have first and last names of their own."""


@pytest.mark.parametrize("provider", NAMES)
def test_a_single_name_is_divided_only_where_it_was_asked_for(provider: str) -> None:
    whole = mapped(provider, NAMES[provider])
    assert (whole.first_name, whole.last_name, whole.name) == (None, None, "Ana Maria Diaz")
    parts = mapped(provider, NAMES[provider], split_names=True)
    assert (parts.first_name, parts.last_name, parts.name) == ("Ana Maria", "Diaz", None)


def test_what_the_export_joins_to_a_user_is_no_metadata() -> None:
    raw = {
        "accounts": [{"providerId": "credential", "password": SECRET}],
        "twoFactor": {"secret": "ab12", "verified": True},
    }
    assert mapped("better_auth", raw, metadata=("accounts", "twoFactor", "plan")).metadata == {
        "provider": "better_auth"
    }


FIELDS = sorted(
    {key for record in (*BASES.values(), *(raw for _, raw, _ in CASES), *KEYS.values()) for key in record}
    | {"identities", "accounts", "providerUserInfo", "passwordHash", "providers", "user_metadata", "name"}
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(SECRET),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["provider", "providerId", "id", "email", "password", "name", "status", "member_id"]
            )
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("provider", SERVICES)
@settings(max_examples=120, deadline=None)
@given(raw=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6), split_names=st.booleans())
def test_whatever_a_record_holds_it_is_a_user_or_has_no_usable_shape(
    provider: str, raw: Record, split_names: bool
) -> None:
    keys = ("plan", "accounts", "password", "passwordHash")
    try:
        user = mapped(provider, raw, split_names=split_names, metadata=keys)
    except ValueError:
        return
    json.dumps(user.request()).encode()
    if user.federated:
        assert user.password.state == "absent"
    if split_names:
        assert user.name is None
    assert set(user.traits) <= {user.status, "federated", "unverified"}
