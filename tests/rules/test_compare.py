"""What of a resource is compared, and what each side may leave open."""

from cockpit.rules.compare import changes, differences

OURS = {
    "name": "Acme",
    "external_id": "org_1",
    "domain_data": [{"domain": "acme.example", "state": "verified"}],
    "metadata": {"plan": "pro"},
}
THEIRS = {
    "id": "org_x",
    "name": "Acme",
    "domains": [{"id": "d1", "domain": "acme.example", "state": "verified"}],
    "metadata": {"plan": "pro"},
}


def test_an_organization_that_arrived_does_not_differ() -> None:
    assert differences("organization", OURS, THEIRS) == {}


def test_a_domain_that_lost_its_verification_differs() -> None:
    pending = {**THEIRS, "domains": [{"domain": "acme.example", "state": "pending"}]}
    assert differences("organization", OURS, pending) == {
        "domains": [["acme.example"], ["acme.example (not verified)"]]
    }


def test_name_and_metadata_differ() -> None:
    found = differences("organization", OURS, {**THEIRS, "name": "Acme Ltd", "metadata": {}})
    assert found == {"name": ["Acme", "Acme Ltd"], "metadata": [{"plan": "pro"}, {}]}


def test_roles_of_a_membership_are_a_set() -> None:
    theirs = {"roles": [{"slug": "member"}, {"slug": "admin"}]}
    assert differences("membership", {"role_slugs": ["admin", "member"]}, theirs) == {}
    assert differences("membership", {"role_slug": "admin"}, {"role": {"slug": "member"}}) == {
        "roles": [["admin"], ["member"]]
    }


def test_what_our_request_leaves_to_the_target_does_not_differ() -> None:
    assert differences("membership", {}, {"role": {"slug": "member"}}) == {}
    assert differences("role", {"name": "Admin"}, {"name": "admin", "permissions": ["all"]}) == {}
    assert differences("factor", {"totp_issuer": "Acme"}, {"type": "totp"}) == {}


def test_a_role_is_what_it_permits() -> None:
    ours = {"name": "Auditor", "permissions": ["b", "a"]}
    assert differences("role", ours, {"name": "Other", "permissions": ["a", "b"]}) == {}
    assert differences("role", ours, {"permissions": []}) == {"permissions": [["a", "b"], []]}


def test_changes_of_one_side_name_fields_that_came_and_went() -> None:
    assert changes("membership", {}, {"role_slug": "admin"}) == {"roles": [None, ["admin"]]}
    assert changes("organization", OURS, OURS) == {}
