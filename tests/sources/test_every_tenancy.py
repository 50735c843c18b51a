"""What every provider owes of its organizations, each against its stand-in: all of them, from any cursor."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.records import Factor, Membership, Organization
from cockpit.sandbox import standins
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import base
from cockpit.sources.base import MappingContext, Source, Tenancy
from cockpit.terms import KINDS, Kind
from tests.clocks import LeapingClock
from tests.sandbox.running import Running
from tests.sources.sides import Side, everybody, read, records

USERS, ORGANIZATIONS = 400, 130
WITHOUT = {"stytch"}
"""A consumer project has no organizations, though its provider's B2B projects have."""
PLAYED = [
    name
    for name in standins.names()
    if name not in WITHOUT and base.find(standins.provider(name)).tenancy is not None
]

SETTINGS = {
    "cognito": {"COGNITO_ORGANIZATIONS": "custom:tenant"},
    "supabase": {"SUPABASE_ORGANIZATION_KEY": "organization_id"},
}
"""What a provider without organizations of its own is told of the application's: only users name them."""
DOMAINLESS = {"better_auth", "cognito", "firebase", "supabase"}
PLANLESS = {"cognito", "firebase", "supabase"}
"""Those whose organizations have no domains, and those that keep nothing of the application's with them."""
OWN_ROLES = {"better_auth": {"owner", "admin", "member"}}
"""Roles that are in no list, since they are the provider's own."""
STOPS = dict.fromkeys(("stytch_b2b", "descope", "supabase", "better_auth"), (2, 2, 2))
"""How many requests are answered before an outage; there are few of a provider that answers much at once."""

ROLELESS = {"firebase", "supabase"}
"""Those whose roles are names in memberships, if anything."""
UNTOLD = {"better_auth", "firebase"}
"""The API of the one reads no organizations; the tenants of the other are not the model's companies."""

Raws = dict[str, Any]


@pytest.fixture(scope="module", params=PLAYED)
def side(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    size = ("--users", str(USERS), "--organizations", str(ORGANIZATIONS))
    with Running("--source", request.param, *size, "--limits", "off") as running:
        side = Side(request.param, running.base_url, tmp_path_factory.mktemp(request.param))
        side.environment |= SETTINGS.get(side.provider, {})
        side.control("POST", "config", {"tenant_attribute": side.provider in SETTINGS})
        yield side


def tenancy(side: Side) -> Tenancy:
    found = base.find(side.provider).tenancy
    assert found is not None
    return found


def context(side: Side) -> MappingContext:
    return MappingContext(MappingSettings(metadata=("plan",)), PasswordSettings(), side.memo.facts)


def exported(side: Side, kind: Kind) -> Raws:
    """Every raw record of a kind by its id; a person's records together, as the state keeps them."""
    found: Raws = {}
    for (ident, part), body in records(side.within(everybody, kind)).items():
        assert ident
        if part:
            found.setdefault(ident, {})[part] = json.loads(body)
        else:
            found[ident] = json.loads(body)
    return found


def mapped(side: Side, kind: Kind) -> list[Any]:
    mapper = getattr(tenancy(side).map(context(side)), kind)
    return [mapper(raw) for raw in exported(side, kind).values()]


def told(side: Side) -> list[Organization | Membership | Factor]:
    """What users' records tell of besides."""
    raws = exported(side, "user").values()  # which also remembers what the mapping depends on
    of_user = tenancy(side).map(context(side)).of_user
    return [one for raw in raws for one in of_user(raw)] if of_user else []


def memberships(side: Side) -> list[Membership]:
    if "membership" in tenancy(side).inside:
        return [one for one in told(side) if isinstance(one, Membership)]
    found: list[Membership] = mapped(side, "membership")
    return found


def organizations(side: Side) -> list[Organization]:
    """Those that are read by themselves, and those that users name."""
    found = [one for one in told(side) if isinstance(one, Organization)]
    if "organization" in side.kinds:
        found += mapped(side, "organization")
    return list({one.source_id: one for one in found}.values())


def wanted_memberships(side: Side) -> set[tuple[str, str]]:
    """As the stand-in says; Firebase's users are members for good, which their ids tell."""
    if side.provider == "firebase":
        return {(ident.partition("/")[0], ident) for ident in exported(side, "user") if "/" in ident}
    return {(one["organization"], one["user"]) for one in all_of(side, "memberships", "memberships")}


def wanted_organization(side: Side, one: Any) -> tuple[str, set[tuple[str, bool]]]:
    """Its name, or its id where only users name it, and its domains: unverified where nobody proved them."""
    domains = {(domain["name"], domain["verified"]) for domain in one["domains"]}
    if side.provider in DOMAINLESS:
        domains = set()
    elif side.provider == "descope":  # which shows the verified ones, by which users provision themselves
        domains = {(name, False) for name, verified in domains if verified}
    return one["id"] if side.provider in SETTINGS else one["name"], domains


def all_of(side: Side, path: str, key: str) -> list[Any]:
    """What the stand-in says there is."""
    found: list[Any] = []
    after: int | None = 0
    while after is not None:
        answer = side.control("GET", f"source/{path}?after={after}")
        found += answer[key]
        after = answer["after"]
    return found


def test_every_organization_is_read_with_its_name_domains_and_chosen_metadata(side: Side) -> None:
    wanted = {
        one["id"]: wanted_organization(side, one) for one in all_of(side, "organizations", "organizations")
    }
    if side.provider in SETTINGS:
        named = {organization for organization, _ in wanted_memberships(side)}
        wanted = {ident: told for ident, told in wanted.items() if ident in named}
    else:
        assert len(wanted) == ORGANIZATIONS
    found = organizations(side)
    assert {
        one.source_id: (one.name, {(domain.name, domain.verified) for domain in one.domains}) for one in found
    } == wanted
    assert all(one.metadata["provider"] == side.provider for one in found)
    assert all(one.metadata.get("plan") for one in found) or side.provider in PLANLESS


def test_every_membership_is_read_or_found_in_its_users_record(side: Side) -> None:
    to_user = base.find(side.provider).mapper(context(side))
    people = {ident: to_user(raw).source_id for ident, raw in exported(side, "user").items()}
    found = [(one.organization, one.user) for one in memberships(side)]
    if side.provider != "firebase":  # whose membership names the tenant, as the state does
        found = [(organization, people[user]) for organization, user in found]
    assert set(found) == wanted_memberships(side)
    assert len(found) == len(set(found)) > 0


def test_roles_that_members_have_are_defined_and_so_are_their_permissions(side: Side) -> None:
    if "role" not in side.kinds:
        assert side.name in ROLELESS
        return
    roles = mapped(side, "role")
    ours = {(role.slug, role.organization) for role in roles}
    ours |= {(name, None) for name in OWN_ROLES.get(side.provider, ())}
    members = memberships(side)
    assert any(membership.roles for membership in members)
    for membership in members:
        assert all({(role, None), (role, membership.organization)} & ours for role in membership.roles)
    assert all(role.name for role in roles)
    assert any(role.permissions for role in roles) or side.provider == "cognito"
    if "permission" in side.kinds:
        defined = {permission.slug for permission in mapped(side, "permission")}
        assert {name for role in roles for name in role.permissions} <= defined


def test_from_any_cursor_of_any_kind_the_rest_follows(side: Side) -> None:
    async def work(source: Source) -> None:
        for chain in await source.chains():
            pages = await read(source, chain)
            assert pages[-1].next_cursor is None
            for place in range(0, len(pages) - 1, 1 + len(pages) // 6):
                cursor = pages[place].next_cursor
                assert cursor is not None
                rest = await read(source, chain, cursor)
                assert records(rest).keys() | records(pages[: place + 1]).keys() == records(pages).keys()
                assert sum(len(page.items) for page in rest) <= sum(len(page.items) for page in pages)

    for kind in side.kinds:
        if kind != "user":
            side.within(work, kind)


def test_the_count_of_any_kind_agrees_where_there_is_one(side: Side) -> None:
    async def work(source: Source) -> tuple[int, int | None]:
        return len(records(await everybody(source))), await source.count()

    for kind in side.kinds:
        read_, counted = side.within(work, kind)
        assert counted in (None, read_), kind


def test_no_secret_is_in_what_a_user_tells_of_besides(side: Side) -> None:
    for one in told(side):
        assert "secret" not in json.dumps(one.model_dump(mode="json", exclude={"secret"}, exclude_none=True))


def test_stopped_anywhere_the_same_command_reads_the_rest_and_everything_hangs_together(
    side: Side, tmp_path: Path
) -> None:
    world = side.world(tmp_path)
    told: list[str] = []
    try:
        for answered in STOPS.get(side.name, (4, 9, 30)):
            side.control("POST", "config", {"refuse": 503, "refuse_after": answered})
            result = world.run_here("export", LeapingClock(), source=side.provider, kinds=list(KINDS)).result
            assert result is not None
            told.append(result["message"])
            assert result["exit"] == 1 and "the same command resumes" in result["message"], told
        side.control("POST", "config", {"refuse": 0})
        result = world.run_here("export", LeapingClock(), source=side.provider, kinds=list(KINDS)).result
        assert result is not None and result["exit"] == 0, result
    finally:
        side.control("POST", "config", {"refuse": 0})
    assert world.run_here("lint").result == {**(world.job("lint").result or {}), "exit": 0}
    wanted = {(one["organization"], one["user"]) for one in all_of(side, "memberships", "memberships")}
    found = world.ask(
        "select o.external_id, u.external_id from resources m join resources o on o.id = m.organization "
        "join users u on u.id = m.user where m.kind = 'membership'"
    )
    assert len(set(found)) == len(found)
    if side.name not in UNTOLD:
        assert set(found) == wanted
    twice = "select count(*) from pages group by export, chain, cursor having count(*) > 1"
    assert world.ask(twice) == []  # no run read what an earlier one had
    assert world.ask("select count(*) from operations where state not in ('ready', 'skipped')") == [0]
