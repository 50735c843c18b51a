"""The whole of it: a login by legacy, a flip, a login by WorkOS, a kill, a login by legacy again.

Real IdPs, a real browser, cockpit's own commands and its proxy; flows under way end where they began.
"""

from collections.abc import Iterator

import pytest

from tests.peers.sso import names
from tests.peers.sso.browser import Person
from tests.peers.sso.project import Project
from tests.peers.sso.stage import Stage

pytestmark = [pytest.mark.peer, pytest.mark.xdist_group("sso")]
TENANTS = pytest.mark.parametrize("tenant", [names.SAML_TENANT, names.OIDC_TENANT])


@pytest.fixture(scope="module")
def project(sso: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project(tmp_path_factory.mktemp("project"), sso)
    made.set_up()
    with made.proxy():
        yield made


@pytest.fixture(scope="module")
def person(sso: Stage, project: Project) -> Iterator[Person]:
    with sso.browser("proxy") as visitor:
        yield visitor


@pytest.fixture
def back(project: Project, tenant: str) -> Iterator[None]:
    """The tenant's logins are at legacy afterwards, and may be flipped."""
    yield
    project.kill(tenant)
    project.release(tenant)


@pytest.fixture
def flipped(project: Project, tenant: str, back: None) -> None:
    """The tenant's logins are at WorkOS."""
    project.flip(tenant)


def _begin(person: Person, tenant: str) -> None:
    """A new login at the application, which leads to the IdP's page."""
    person.begin(f"https://{names.APP}/login/{tenant}")


def _by(side: str, tenant: str) -> str:
    return f"logged in by {side} as {names.PEOPLE[tenant]}"


@TENANTS
@pytest.mark.usefixtures("back")
def test_there_and_back(sso: Stage, project: Project, person: Person, tenant: str) -> None:
    before = len(sso.workos.story(tenant))
    _begin(person, tenant)
    person.sign_in(tenant)
    assert person.says() == _by("legacy", tenant)

    _begin(person, tenant)
    project.flip(tenant)
    person.sign_in(tenant)
    assert person.says() == _by("legacy", tenant)
    assert len(sso.workos.story(tenant)) == before

    _begin(person, tenant)
    person.sign_in(tenant)
    assert person.says() == _by("WorkOS", tenant)
    started, succeeded = sso.workos.story(tenant)[before:]
    assert (started["status"], succeeded["status"]) == ("started", "succeeded")
    assert succeeded["email"] == names.PEOPLE[tenant]
    assert succeeded["sso"]["session_id"] in sso.workos.sessions(succeeded["user_id"])
    project.watch()
    line = project.line(tenant)
    assert (line["column"], line["succeeded"], line["failed"]) == ("canary", 1, 0)

    _begin(person, tenant)
    project.kill(tenant)
    person.sign_in(tenant)
    assert person.says() == _by("WorkOS", tenant)

    _begin(person, tenant)
    person.sign_in(tenant)
    assert person.says() == _by("legacy", tenant)

    assert [one["status"] for one in sso.workos.story(tenant)[before:]] == ["started", "succeeded"] * 2
    assert sso.seen_by_legacy()
    assert not sso.seen_by_legacy() & sso.workos.seen()


@pytest.mark.parametrize("tenant", [names.SAML_TENANT])
@pytest.mark.usefixtures("flipped")
def test_a_login_that_begins_at_the_idp_goes_where_the_connection_is(
    sso: Stage, project: Project, person: Person, tenant: str
) -> None:
    def outcome() -> str:
        person.begin(names.AT_THE_IDP)
        person.sign_in(tenant)
        return person.says()

    assert outcome() == "legacy refused: WorkOS said idp_initiated_sso_disabled"
    sso.workos.allow_idp_initiated(tenant, True)
    assert outcome() == _by("WorkOS", tenant)
    sso.workos.allow_idp_initiated(tenant, False)
    project.kill(tenant)
    assert outcome() == _by("legacy", tenant)


@pytest.mark.parametrize("tenant", [names.OIDC_TENANT])
@pytest.mark.usefixtures("flipped")
def test_a_hard_kill_loses_the_login_under_way_and_no_other(
    project: Project, person: Person, tenant: str
) -> None:
    _begin(person, tenant)
    project.kill(tenant, hard=True)
    person.sign_in(tenant)
    assert person.says() == "legacy refused: the login did not begin here"
    _begin(person, tenant)
    person.sign_in(tenant)
    assert person.says() == _by("legacy", tenant)


@pytest.mark.parametrize("tenant", [names.SAML_TENANT])
@pytest.mark.usefixtures("flipped")
def test_a_lax_marker_would_break_a_login_by_saml(sso: Stage, project: Project, tenant: str) -> None:
    """The IdP's page posts from another site, and no Lax cookie goes along: nobody knows where it began."""
    with sso.browser("lax") as person:
        _begin(person, tenant)
        project.kill(tenant)
        person.sign_in(tenant)
        assert person.says() == "legacy refused: the login did not begin here"


@pytest.mark.parametrize("tenant", [names.SAML_TENANT])
@pytest.mark.usefixtures("flipped")
def test_a_login_survives_a_restart_of_the_proxy(project: Project, person: Person, tenant: str) -> None:
    _begin(person, tenant)
    project.restart_proxy()
    person.sign_in(tenant)
    assert person.says() == _by("WorkOS", tenant)


@pytest.mark.parametrize("tenant", [names.SAML_TENANT])
@pytest.mark.usefixtures("flipped")
def test_an_idp_that_lets_its_form_go_to_the_application_alone_needs_a_form_of_ours(
    sso: Stage, project: Project, person: Person, tenant: str
) -> None:
    sso.workos.allow_idp_initiated(tenant, True)
    person.begin(names.AT_THE_IDP + names.STRICT)
    person.sign_in(tenant)
    assert person.is_stopped_by_policy()
    project.deliver_by(tenant, "form")
    person.begin(names.AT_THE_IDP + names.STRICT)
    person.sign_in(tenant)
    assert person.says() == _by("WorkOS", tenant)
    project.deliver_by(tenant, "redirect")
    sso.workos.allow_idp_initiated(tenant, False)
