"""A migration package of another tool as a source: by the names of columns, whatever else is there."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.settings import SettingsError
from cockpit.sources import base
from cockpit.sources.base import SourceError, checkup
from tests.jobs.world import HASH, World
from tests.package.states import SECRET, everything
from tests.sources.memos import FakeMemo, opened, read, settings_with

FILES = {
    "users.csv": f"""\
email,password_hash,password_hash_type,first_name,email_verified,external_id,org_external_id,org_name,role_slugs,extra
ana@example.com,{HASH},bcrypt,Ana,true,u1,o1,Acme,admin,x
ana@example.com,{HASH},bcrypt,Ana,true,u1,o2,Globex,,x
bo@example.com,,,Bo,no,u2,o3,Hooli,,x
Cy@example.com,,,'=Cy,,,,,,
""",
    "organizations.csv": """\
domains,org_name,org_external_id,metadata,org_id
"acme.com,Acme.org",Acme,o1,"{""tier"":1}",
globex.com;globex.org,Globex,o2,,
""",
    "organization_memberships.csv": """\
email,external_id,user_id,org_id,org_external_id,org_name,role_slugs,metadata
ana@example.com,u1,,,o1,Acme,"admin,editor",
cy@example.com,,,,o1,Acme,,
bo@example.com,u2,,,o4,Initech,,
""",
    "user_role_assignments.csv": """\
email,user_id,external_id,role_slug,org_id,org_external_id
ana@example.com,,u1,auditor,,o2
""",
    "role_definitions.csv": """\
role_slug,role_name,role_type,permissions,org_id,org_external_id
admin,Admin,environment,"[""users:read"", ""users:write""]",,
auditor,Auditor,organization,reports:read,,o2
""",
    "totp_secrets.csv": f"""\
email,totp_secret,totp_issuer,totp_user
ANA@example.com,{SECRET},Acme,ana
""",
}
KINDS = ["organization", "role", "user"]


def package(folder: Path, manifest: dict[str, Any] | None = None, **changed: str | None) -> Path:
    """A folder of these files, as the other tool writes them; `changed` by their names without ending."""
    path = folder / "package"
    path.mkdir()
    (path / "manifest.json").write_text(
        json.dumps({"schemaVersion": 1, "provider": "auth0"} | (manifest or {}))
    )
    for name, content in FILES.items():
        text = changed.get(name.removesuffix(".csv"), content)
        if text is not None:
            (path / name).write_text(text)
    return path


def exported(folder: Path, path: Path) -> World:
    world = World(folder, "http://127.0.0.1:9")
    result = world.run_here("export", source="package", kinds=KINDS, told={"dir": str(path)}).result
    assert result is not None and result["exit"] == 0, result
    world.run_here("lint")
    return world


def test_every_file_that_tells_of_people_is_put_together(tmp_path: Path) -> None:
    world = exported(tmp_path, package(tmp_path))
    found = everything(world.state)
    assert {ident: user[0]["email"] for ident, user in found["users"].items()} == {
        "u1": "ana@example.com",
        "u2": "bo@example.com",
        "cy@example.com": "Cy@example.com",
    }
    assert [
        (user, organization, request) for _, user, organization, _, request, _ in found["membership"]
    ] == [
        ("cy@example.com", "o1", {}),
        ("u1", "o1", {"role_slugs": ["admin", "editor"]}),
        ("u1", "o2", {"role_slug": "auditor"}),
        ("u2", "o3", {}),
        ("u2", "o4", {}),
    ]
    assert [(user, secret) for _, user, *_, secret in found["factor"]] == [("u1", SECRET)]
    assert world.ask("select distinct outcome, missing from exports") == [("complete", 0)]
    assert world.ask("select kind, held from exports where held > 0") == []


def test_organizations_that_only_people_name_are_there_too(tmp_path: Path) -> None:
    found = everything(exported(tmp_path, package(tmp_path)).state)
    assert {row[0]: (row[3], row[4].get("metadata")) for row in found["organization"]} == {
        "o1": ("Acme", {"tier": "1"}),
        "o2": ("Globex", None),
        "o3": ("Hooli", None),
        "o4": ("Initech", None),
    }
    domains = {row[0]: row[4].get("domain_data") for row in found["organization"]}
    assert domains["o1"] == [
        {"domain": "acme.com", "state": "pending"},
        {"domain": "acme.org", "state": "pending"},
    ]


def test_roles_of_the_environment_and_of_an_organization(tmp_path: Path) -> None:
    found = everything(exported(tmp_path, package(tmp_path)).state)
    assert [(row[0], row[2], row[4]["permissions"]) for row in found["role"]] == [
        ("admin", None, ["users:read", "users:write"]),
        ("auditor", "o2", ["reports:read"]),
        ("editor", None, []),  # named by a membership alone
    ]


@pytest.mark.parametrize(("guard", "name"), [("'", "=Cy"), (None, "'=Cy")])
def test_marks_before_formulas_come_off_where_they_were_put_on(
    tmp_path: Path, guard: str | None, name: str
) -> None:
    path = package(tmp_path, {"metadata": {"formulaGuard": guard}})
    users = everything(exported(tmp_path, path).state)["users"]
    assert users["cy@example.com"][0]["first_name"] == name


def test_an_e_mail_of_two_users_gives_nobody_its_secret(tmp_path: Path) -> None:
    users = FILES["users.csv"] + "ana@example.com,,,Ann,,u9,,,,\n"
    found = everything(exported(tmp_path, package(tmp_path, users=users)).state)
    assert found["factor"] == []
    assert {"u1", "u9"} <= set(found["users"])


def test_who_is_in_no_row_of_users_is_blocked_and_named(tmp_path: Path) -> None:
    memberships = FILES["organization_memberships.csv"] + ",ghost,,,o1,Acme,,\n"
    world = exported(tmp_path, package(tmp_path, organization_memberships=memberships))
    assert world.counts() == {"ready": 3, "failed": 1}
    assert world.ask("select r.source_id from raw r join errors e on e.subject = r.id") == ["ghost"]


def test_files_that_are_not_there_are_done_without(tmp_path: Path) -> None:
    others = {name.removesuffix(".csv"): None for name in FILES if name != "users.csv"}
    world = exported(tmp_path, package(tmp_path, **others))
    assert world.counts() == {"ready": 3}
    assert world.ask("select kind, outcome from exports") == [(kind, "complete") for kind in KINDS]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda path: (path / "manifest.json").unlink(),
            "No such file or directory; a migration package has",
        ),
        (lambda path: (path / "manifest.json").write_text("{"), "manifest.json is not JSON"),
        (
            lambda path: (path / "manifest.json").write_text('{"schemaVersion": 2}'),
            "schemaVersion other than 1",
        ),
        (lambda path: (path / "users.csv").unlink(), "users.csv: No such file"),
        (lambda path: (path / "users.csv").write_text(""), "users.csv: it has no header"),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, spoil: Any, said: str) -> None:
    path = package(tmp_path)
    spoil(path)
    with pytest.raises(SettingsError, match=re.escape(said)):
        asyncio.run(opened("package", {"dir": str(path)}, FakeMemo(), SystemClock()))


def test_from_any_cursor_the_rest_follows(tmp_path: Path) -> None:
    users = "email,external_id\n" + "".join(f"user{n}@example.com,u{n}\n" for n in range(2100))
    table = {"dir": str(package(tmp_path, users=users))}

    def pages(cursor: str | None = None) -> list[Any]:
        work = read("package", table, FakeMemo(), SystemClock(), chain="users.csv", cursor=cursor)
        return asyncio.run(work)

    everyone = pages()
    assert [len(page.items) for page in everyone] == [1000, 1000, 100]
    assert pages(everyone[0].next_cursor) == everyone[1:]
    (tmp_path / "package" / "users.csv").write_text(users + "new@example.com,new\n")
    with pytest.raises(SourceError, match="not the file any more"):
        pages(everyone[0].next_cursor)


def test_a_check_tells_the_manifest_s_numbers_and_what_is_wrong_with_headers(tmp_path: Path) -> None:
    path = package(tmp_path, {"entitiesExported": {"users": 4, "organizations": 2}, "metadata": {}})

    async def check() -> base.Checkup:
        return await checkup(await opened("package", {"dir": str(path)}, FakeMemo(), SystemClock()))

    told = asyncio.run(check())
    assert (told.users, told.organizations) == (4, 2)
    assert any("users.csv: not the contract's header: without password" in one.what for one in told.findings)
    assert {one.level for one in told.findings} == {"warn"}


def test_the_identity_is_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = package(tmp_path)
    monkeypatch.chdir(path)
    assert base.find("package").identity(settings_with({"dir": "../package"})) == f"package:{path}"
    with pytest.raises(SettingsError, match="a migration package has one"):
        base.find("package").identity(settings_with({"dir": ".."}))
