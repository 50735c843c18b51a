"""A package written by cockpit and loaded into a fresh state gives the same of everything."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from cockpit.package import cells
from cockpit.package.headers import TEMPLATES, Template
from cockpit.package.validate import validate
from cockpit.records import Domain, Factor, Membership, Organization, Password, Role, User
from tests.jobs.world import HASH
from tests.package.states import ACME, People, everything, fill, loaded, packed

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TEXT = st.builds("{}{}".format, st.sampled_from(["", "=", "+", "-", "@", "'", '"', ","]), ANY).map(str.strip)
NAME = st.none() | TEXT.filter(bool)
IDENT = st.from_regex(r"[A-Za-z0-9+@=-][A-Za-z0-9|_.:@+-]{0,12}", fullmatch=True).filter(
    lambda ident: not cells.is_formula(ident)  # such an id is left out, and said to be: test_write.py
)
EMAIL = st.from_regex(r"[a-z0-9+=-][a-z0-9.+_-]{0,8}[a-z0-9]@[a-z]{1,8}\.(com|org)", fullmatch=True)
SLUG = st.from_regex(r"[a-z][a-z0-9:_.]{0,10}[a-z]", fullmatch=True)
DOMAIN = st.from_regex(r"[a-z][a-z0-9]{0,8}\.(com|org)", fullmatch=True)
METADATA = st.dictionaries(ANY, ANY, max_size=3)
SECRET = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=32, max_size=32).map(SecretStr)
PASSWORD = st.sampled_from(
    [Password(), Password.carried("bcrypt", HASH), Password.unsupported("=md5, which does not go along")]
)


@st.composite
def peoples(draw: st.DrawFn) -> People:
    idents = draw(st.lists(st.tuples(IDENT, EMAIL), min_size=1, max_size=4, unique_by=(_first, _second)))
    users = [
        User(
            source_id=ident,
            email=email,
            email_verified=draw(st.booleans()),
            first_name=draw(NAME),
            last_name=draw(NAME),
            name=draw(NAME),
            metadata=draw(METADATA),
            password=draw(PASSWORD),
            connection=draw(NAME),
        )
        for ident, email in idents
    ]
    organizations = [
        Organization(
            source_id=ident,
            name=draw(TEXT.filter(bool)),
            domains=tuple(
                Domain(name=name, verified=draw(st.booleans()))
                for name in draw(st.lists(DOMAIN, max_size=2, unique=True))
            ),
            metadata=draw(METADATA),
        )
        for ident in draw(st.lists(IDENT, max_size=3, unique=True))
    ]
    roles = [
        Role(slug=slug, name=draw(TEXT.filter(bool)), permissions=tuple(draw(st.lists(SLUG, unique=True))))
        for slug in draw(st.lists(SLUG, max_size=3, unique=True))
    ]
    slugs = [role.slug for role in roles]
    places = [(user.source_id, one.source_id) for user in users for one in organizations]
    memberships = [
        Membership(
            user=user,
            organization=organization,
            roles=tuple(draw(st.lists(st.sampled_from(slugs), unique=True))) if slugs else (),
        )
        for user, organization in (draw(st.lists(st.sampled_from(places), unique=True)) if places else [])
    ]
    factors = [
        Factor(
            source_id=f"factor {user.source_id}",
            user=user.source_id,
            secret=draw(SECRET),
            issuer=draw(NAME),
            account=draw(NAME),
        )
        for user in draw(st.lists(st.sampled_from(users), unique_by=lambda user: user.source_id))
    ]
    return People(users, organizations, roles, memberships, factors)


def _first(pair: tuple[str, str]) -> str:
    return pair[0]


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


@pytest.mark.parametrize("template", TEMPLATES)
def test_everything_comes_back(tmp_path: Path, template: Template) -> None:
    fill(tmp_path / "cockpit.db", ACME)
    report = packed(tmp_path / "cockpit.db", tmp_path / "package", template=template)
    assert (report.users, report.hashes, report.secrets, report.left) == (3, 1, 1, {})
    assert list(validate(tmp_path / "package")) == []
    world = loaded(tmp_path / "again", tmp_path / "package")
    assert everything(world.state) == everything(tmp_path / "cockpit.db")


@settings(deadline=None, max_examples=40)
@given(peoples())
def test_whatever_is_in_the_cells(people: People) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "cockpit.db", people)
        report = packed(folder / "cockpit.db", folder / "package")
        assert report.left == {}
        assert [one for one in validate(folder / "package") if one.severity == "error"] == []
        world = loaded(folder / "again", folder / "package")
        assert everything(world.state) == everything(folder / "cockpit.db")
