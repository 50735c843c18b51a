"""The companies of a source, who is in them and with which app people sign in: the same for the same seed."""

from collections import Counter
from itertools import pairwise

import pytest

from cockpit.sandbox.auth0.records import Auth0Shape
from cockpit.sandbox.companies import MEMBERSHIPS, ORGANIZATION_IDS, Companies, Domain
from cockpit.sandbox.factors import Factors, Totp, base32, raw
from cockpit.sandbox.population import Population
from cockpit.sandbox.roles import BY_SLUG

USERS, ORGANIZATIONS = 2000, 40


def make(
    count: int = ORGANIZATIONS,
    seed: int = 1,
    memberships: tuple[int, ...] = MEMBERSHIPS,
    bad: float = 0,
    users: int = USERS,
) -> Companies:
    population = Population.make(Auth0Shape(), users, seed, bad)
    return Companies(population, seed, count, ORGANIZATION_IDS, memberships)


def test_a_seed_decides_everything() -> None:
    assert list(make().all()) == list(make().all()) != list(make(seed=2).all())
    assert list(make().everybody()) == list(make().everybody()) != list(make(seed=2).everybody())


def test_an_id_is_unique_and_leads_back_to_its_company() -> None:
    companies = make()
    ids = [company.id for company in companies.all()]
    assert len(set(ids)) == ORGANIZATIONS
    assert [companies.find(ident) for ident in ids] == list(range(ORGANIZATIONS))
    for ident in ("", "org_", "org_zz", ids[0] + "0", ids[0][:-1] + "1"):
        assert companies.find(ident) is None


def test_companies_are_founded_one_after_the_other_with_domains_of_their_own() -> None:
    companies = list(make(1000).all())
    assert all(a.created_at < b.created_at for a, b in pairwise(companies))
    assert len({company.slug for company in companies}) == 1000
    domains = [domain for company in companies for domain in company.domains]
    assert len({domain.name for domain in domains}) == len(domains)
    assert {domain.verified for domain in domains} == {True, False}
    assert {len(company.domains) for company in companies} == {0, 1, 2, 3}


def test_most_are_in_one_company_a_fifth_in_several_and_some_in_none() -> None:
    companies = make()
    counts = Counter(len(companies.of(person)) for person in range(USERS))
    assert set(counts) == {0, 1, 2, 3}
    assert 0.15 < (counts[2] + counts[3]) / USERS < 0.25
    assert counts[1] / USERS > 0.6
    members = list(companies.everybody())
    assert len({(member.company, member.person) for member in members}) == len(members)
    assert {role for member in members for role in member.roles} == BY_SLUG.keys()
    assert {len(member.roles) for member in members} == {1, 2}


@pytest.mark.parametrize("count", [1, 2, 3, 7, ORGANIZATIONS, 3 * USERS])
def test_both_sides_say_the_same(count: int) -> None:
    companies = make(count, users=200, bad=0.1)
    by_person = {member for person in range(200) for member in companies.of(person)}
    by_company = [member for number in range(count) for member in companies.members(number)]
    assert set(by_company) == by_person
    assert len(by_company) == len(by_person)


def test_without_companies_nobody_is_in_one() -> None:
    assert list(make(0).everybody()) == []
    assert list(make(0).all()) == []
    assert list(make(memberships=()).everybody()) == []


def test_who_is_bad_is_in_one_company() -> None:
    companies = make(bad=0.05)
    population = companies._population
    assert {len(companies.of(person)) for person in population.reasons} == {1}


def test_who_came_later_is_in_as_few_as_anybody() -> None:
    for memberships in (MEMBERSHIPS, (1, 2)):
        companies = make(memberships=memberships)
        companies._population.add({"user_id": "auth0|new"})
        assert len(companies.of(USERS)) == min(memberships)
        assert (USERS in {one.person for one in companies.members(0)}) == bool(min(memberships))


def test_memberships_come_change_and_go() -> None:
    companies = make()
    outsider = next(person for person in range(USERS) if not companies.of(person))
    before, state = companies.members(5), companies.state
    put = companies.put(5, outsider, ("admin", "member"), 7)
    assert (put.roles, put.created_at) == (("member", "admin"), 7)
    assert companies.of(outsider) == [put] and put in companies.members(5)
    assert companies.put(5, outsider, ("billing",), 8).created_at == 7
    companies.remove(5, outsider)
    assert companies.of(outsider) == [] and companies.members(5) == before
    gone = before[0]
    companies.remove(5, gone.person)
    assert gone not in companies.of(gone.person) and gone not in companies.members(5)
    assert companies.state != state


def test_who_left_the_source_left_their_companies() -> None:
    companies = make()
    gone = companies.members(5)[0]
    companies._population.delete(gone.person)
    assert gone not in companies.members(5) and gone not in companies.everybody()


def test_a_company_is_renamed() -> None:
    companies = make()
    before = companies.company(3)
    after = companies.correct(3, {"name": "Renamed", "domains": (Domain("new.example", True),)})
    assert after == companies.company(3) == before._replace(name="Renamed", domains=after.domains)


def test_authenticator_apps() -> None:
    population = make()._population
    factors = Factors(population, 1)
    everybody = [factors.totp(person) for person in range(USERS)]
    assert everybody == [Factors(population, 1).totp(person) for person in range(USERS)]
    apps = [app for app in everybody if app]
    assert 0.03 < sum(app.verified for app in apps) / USERS < 0.08
    assert any(not app.verified for app in apps)
    assert {len(app.secret) for app in apps} == {32, 52}
    assert all(base32(raw(app.secret)) == app.secret and raw(app.secret).isalnum() for app in apps)
    person = next(person for person in range(USERS) if factors.totp(person))
    factors.put(person, None)
    assert factors.totp(person) is None
    factors.put(person, Totp("JBSWY3DPEHPK3PXP", True))
    assert factors.totp(person) == ("JBSWY3DPEHPK3PXP", True)
    population.add({"user_id": "auth0|new"})
    assert factors.totp(USERS) is None
