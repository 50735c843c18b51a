"""Each end alone, without a proxy: the application's own login and WorkOS's, at real IdPs, by a browser."""

from collections.abc import Iterator

import pytest

from tests.peers.sso import names
from tests.peers.sso.browser import Person
from tests.peers.sso.stage import Stage

pytestmark = [pytest.mark.peer, pytest.mark.xdist_group("sso")]
TENANTS = pytest.mark.parametrize("tenant", [names.SAML_TENANT, names.OIDC_TENANT])


@pytest.fixture(scope="module")
def to_legacy(sso: Stage) -> Iterator[Person]:
    with sso.browser("legacy") as person:
        yield person


@pytest.fixture(scope="module")
def to_workos(sso: Stage) -> Iterator[Person]:
    with sso.browser("workos") as person:
        yield person


@TENANTS
def test_the_application_signs_in(to_legacy: Person, tenant: str) -> None:
    to_legacy.begin(f"https://{names.APP}/login/{tenant}")
    to_legacy.sign_in(tenant)
    assert to_legacy.says() == f"logged in by legacy as {names.PEOPLE[tenant]}"


@TENANTS
def test_workos_signs_in_and_tells_of_it(sso: Stage, to_workos: Person, tenant: str) -> None:
    before = len(sso.workos.story(tenant))
    to_workos.begin(sso.workos.login(tenant))
    to_workos.sign_in(tenant)
    assert to_workos.says() == f"logged in by WorkOS as {names.PEOPLE[tenant]}"
    started, succeeded = sso.workos.story(tenant)[before:]
    assert (started["status"], succeeded["status"]) == ("started", "succeeded")
    assert started["sso"] == succeeded["sso"]
    assert succeeded["email"] == names.PEOPLE[tenant]
    assert "HeadlessChrome" in succeeded["user_agent"]
    assert succeeded["sso"]["session_id"] in sso.workos.sessions(succeeded["user_id"])


@TENANTS
def test_what_began_at_workos_is_refused_by_the_application(
    sso: Stage, to_legacy: Person, tenant: str
) -> None:
    to_legacy.begin(sso.workos.login(tenant))
    to_legacy.sign_in(tenant)
    assert to_legacy.says() == "legacy refused: the login did not begin here"


@pytest.mark.parametrize(
    ("tenant", "code"),
    [(names.SAML_TENANT, "saml_in_response_to_mismatch"), (names.OIDC_TENANT, "oauth_failed")],
)
def test_what_began_at_the_application_is_refused_by_workos(
    sso: Stage, to_workos: Person, tenant: str, code: str
) -> None:
    before = len(sso.workos.story(tenant))
    to_workos.begin(f"https://{names.APP}/login/{tenant}")
    to_workos.sign_in(tenant)
    assert to_workos.says() == f"legacy refused: WorkOS said {code}"
    (failed,) = sso.workos.story(tenant)[before:]
    assert (failed["status"], failed["error"]["code"]) == ("failed", code)


def test_a_login_that_begins_at_the_idp(sso: Stage, to_legacy: Person, to_workos: Person) -> None:
    def outcome(person: Person) -> str:
        person.begin(names.AT_THE_IDP)
        person.sign_in(names.SAML_TENANT)
        return person.says()

    assert outcome(to_legacy) == f"logged in by legacy as {names.ANA}"
    assert outcome(to_workos) == "legacy refused: WorkOS said idp_initiated_sso_disabled"
    sso.workos.allow_idp_initiated(names.SAML_TENANT, True)
    assert outcome(to_workos) == f"logged in by WorkOS as {names.ANA}"
    sso.workos.allow_idp_initiated(names.SAML_TENANT, False)


def test_an_idp_that_lets_its_form_go_to_the_application_alone_stops_a_redirect_to_workos(
    sso: Stage, to_legacy: Person, to_workos: Person
) -> None:
    """Chromium holds redirects of a form against `form-action`, too: a 307 does not do for such an IdP."""
    to_legacy.begin(names.AT_THE_IDP + names.STRICT)
    to_legacy.sign_in(names.SAML_TENANT)
    assert to_legacy.says() == f"logged in by legacy as {names.ANA}"
    before = sso.workos.seen()
    to_workos.begin(names.AT_THE_IDP + names.STRICT)
    to_workos.sign_in(names.SAML_TENANT)
    assert to_workos.is_stopped_by_policy()
    assert to_workos.is_at(names.SAML_IDP)
    assert sso.workos.seen() == before


def test_nothing_reached_both_ends(sso: Stage, to_legacy: Person, to_workos: Person) -> None:
    for person, begin in (
        (to_legacy, f"https://{names.APP}/login/{names.SAML_TENANT}"),
        (to_workos, sso.workos.login(names.SAML_TENANT)),
    ):
        person.begin(begin)
        person.sign_in(names.SAML_TENANT)
        assert names.ANA in person.says()
    assert sso.seen_by_legacy()
    assert sso.workos.seen()
    assert not sso.seen_by_legacy() & sso.workos.seen()
