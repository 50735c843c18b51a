"""A CSV file as a source: everybody once, from any row on, and never half of another file."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.records import Membership, User
from cockpit.settings import MappingSettings, PasswordSettings, SettingsError
from cockpit.sources import base
from cockpit.sources._csv_mapping import CLEAR
from cockpit.sources.base import MappingContext, SourceError
from cockpit.terms import Page
from tests.jobs.world import HASH, World
from tests.sources.memos import FakeMemo, opened, read, settings_with

HEADER = (
    "external_id,email,email_verified,first_name,password_hash,password_hash_type,org_external_id,role_slugs"
)


def written(folder: Path, *rows: str, header: str = HEADER) -> dict[str, Any]:
    """A [source] table for a file of these rows."""
    path = folder / "users.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return {"file": str(path)}


def many(folder: Path, users: int = 2500) -> dict[str, Any]:
    return written(folder, *(f"u{n},user{n}@example.com,true,Ana,,,," for n in range(users)))


def pages(table: dict[str, Any], memo: FakeMemo | None = None, **at: Any) -> list[Page]:
    return asyncio.run(read("csv", table, memo or FakeMemo(), SystemClock(), chain="users.csv", **at))


def count(table: dict[str, Any], memo: FakeMemo) -> int | None:
    async def ask() -> int | None:
        source = await opened("csv", table, memo, SystemClock())
        try:
            return await source.count()
        finally:
            await source.close()

    return asyncio.run(ask())


def raws(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each person's record as the state has it."""
    found: dict[str, dict[str, Any]] = {}
    for page in pages(table):
        for item in page.items:
            if item.id:
                found.setdefault(item.id, {})[item.part] = json.loads(item.body)
    return found


def mapped(table: dict[str, Any], **policy: Any) -> list[User]:
    context = MappingContext(MappingSettings(**policy), PasswordSettings(), {})
    mapper = base.find("csv").mapper(context)
    return [mapper(raw) for raw in raws(table).values()]


def memberships(table: dict[str, Any]) -> list[Membership]:
    tenancy = base.find("csv").tenancy
    assert tenancy is not None
    told = tenancy.map(MappingContext(MappingSettings(), PasswordSettings(), {})).of_user
    assert told is not None
    return [one for raw in raws(table).values() for one in told(raw) if isinstance(one, Membership)]


def test_everybody_is_read_in_pages(tmp_path: Path) -> None:
    found = pages(many(tmp_path))
    assert [len(page.items) for page in found] == [1000, 1000, 500]
    assert [item.id for page in found for item in page.items] == [f"u{n}" for n in range(2500)]
    assert found[-1].next_cursor is None


def test_from_any_cursor_the_rest_follows(tmp_path: Path) -> None:
    table = many(tmp_path)
    everyone = pages(table)
    for number, page in enumerate(everyone[:-1], 1):
        assert pages(table, cursor=page.next_cursor) == everyone[number:]


def test_a_cursor_is_a_place_in_the_file_and_not_a_number_of_rows_to_skip(tmp_path: Path) -> None:
    table = many(tmp_path)
    (first,) = pages(table, most=1)
    assert first.next_cursor is not None
    offset = int(first.next_cursor.split(" ")[0])
    assert (tmp_path / "users.csv").read_bytes()[offset:].startswith(b"u1000,")


@pytest.mark.parametrize("change", ["longer", "another time", "another head"])
def test_a_file_that_changed_since_is_refused(tmp_path: Path, change: str) -> None:
    table = many(tmp_path)
    (first,) = pages(table, most=1)
    path = tmp_path / "users.csv"
    before = path.stat()
    if change == "longer":
        with path.open("a") as file:
            file.write("new,new@example.com,,,,,,\n")
    elif change == "another head":
        path.write_text(path.read_text().replace("Ana", "Bob"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    else:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    with pytest.raises(SourceError, match=r"not the file any more that was read as far as line 1002; put"):
        pages(table, cursor=first.next_cursor)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    table = many(tmp_path)

    async def work() -> None:
        source = await opened("csv", table, FakeMemo(), SystemClock())
        reading = source.pages("users.csv", None)
        await anext(reading)
        os.utime(tmp_path / "users.csv", ns=(1, 1))
        with pytest.raises(SourceError, match="changed while it was read"):
            await anext(reading)
        await reading.aclose()

    asyncio.run(work())


def test_the_count_is_that_of_different_rows_and_is_made_once(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "u1,a@example.com,,,,,acme,",
        "u1,a@example.com,,,,,globex,",
        "u1,a@example.com,,,,,acme,admin",
        ",,,Nobody,,,,",
        "u2,b@example.com,,,,,,",
    )
    memo = FakeMemo()
    assert count(table, memo) == 4
    assert count(table, memo) == 4
    assert len(memo.history) == 1
    with (tmp_path / "users.csv").open("a") as file:
        file.write("u3,c@example.com,,,,,,\n")
    assert count(table, memo) == 5


def test_an_export_of_it_is_complete_and_its_sums_add_up(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "u1,a@example.com,,,,,acme,",
        "u1,a@example.com,,,,,globex,",
        "u1,a@example.com,,,,,acme,admin",
        ",,,Nobody,,,,",
        "u2,b@example.com,,,,,,,too many",
        "u3,c@example.com,,,,,,",
    )
    world = World(tmp_path, "http://127.0.0.1:9")
    result = world.run_here("export", source="csv", kinds=["organization", "user"], told=table).result
    assert result is not None and result["exit"] == 0, result
    assert world.ask("select kind, read, merged, held, outcome, missing from exports") == [
        ("organization", 3, 1, 0, "complete", 0),
        ("user", 6, 2, 2, "complete", 0),
    ]
    assert world.counts() == {"ready": 2}
    assert world.ask("select source_id from resources order by 1") == ["acme", "globex"]
    held = [json.loads(body) for body in world.ask("select body from held order by id")]
    assert [(one["line"], one["problem"]) for one in held] == [
        (5, "neither external_id nor email"),
        (6, "it has more cells than there are columns"),
    ]


def test_a_file_without_organizations_is_read_once(tmp_path: Path) -> None:
    world = World(tmp_path, "http://127.0.0.1:9")
    told = written(tmp_path, "a@example.com", header="email")
    result = world.run_here("export", source="csv", told=told).result
    assert result is not None and result["message"].startswith("0 organizations exported; 1 users exported")
    assert world.ask("select outcome from exports") == ["complete", "complete"]
    assert world.ask("select count(*) from pages") == [1]


def test_rows_of_one_user_are_one_user_in_several_organizations(tmp_path: Path) -> None:
    table = written(
        tmp_path, "u1,a@example.com,,Ana,,,acme,admin", 'u1,a@example.com,,Ana,,,globex,"admin,member"'
    )
    (user,) = mapped(table)
    assert (user.source_id, user.first_name, user.warnings) == ("u1", "Ana", ())
    assert [(one.user, one.organization, one.roles) for one in memberships(table)] == [
        ("u1", "acme", ("admin",)),
        ("u1", "globex", ("admin", "member")),
    ]


def test_rows_of_one_user_that_differ_are_told(tmp_path: Path) -> None:
    (user,) = mapped(written(tmp_path, "u1,a@example.com,,Ana,,,acme,", "u1,a@example.com,,Bo,,,globex,"))
    assert user.first_name == "Ana"
    assert user.warnings == ("first_name: the rows of this user differ; the first one's is taken",)


def test_without_an_id_the_e_mail_is_the_id(tmp_path: Path) -> None:
    (user,) = mapped(written(tmp_path, " Ana@Example.com ", header="email"))
    assert (user.source_id, user.email) == ("ana@example.com", "Ana@Example.com")


def test_the_user_id_of_a_template_is_the_id(tmp_path: Path) -> None:
    header = "user_id,email,email_verified,first_name,last_name,name,password_hash"
    (user,) = mapped(written(tmp_path, f"u1,a@example.com,yes,,,Ana Diaz,{HASH}", header=header))
    assert (user.source_id, user.name, user.email_verified) == ("u1", "Ana Diaz", True)
    assert user.password.type == "bcrypt"


def test_columns_have_the_names_that_the_settings_give_them(tmp_path: Path) -> None:
    table = written(tmp_path, "7,ana@example.com,pro", header="Nr,E-Mail,plan")
    table["columns"] = {"external_id": "Nr", "email": "E-Mail"}
    (user,) = mapped(table, metadata=("plan",))
    assert user.request() == {
        "email": "ana@example.com",
        "email_verified": False,
        "external_id": "7",
        "metadata": {"plan": "pro"},
    }


@pytest.mark.parametrize(
    ("stored", "kind", "state", "told"),
    [
        (HASH, "bcrypt", "carried", "bcrypt"),
        (HASH, "", "carried", "bcrypt"),
        (HASH, "okta-bcrypt", "carried", "bcrypt"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "md5", "unsupported", "md5, which the target does not take"),
        ("pbkdf2_sha256$600000$salt$" + "A" * 43, "django", "carried", "pbkdf2"),
        ("", "", "absent", None),
    ],
)
def test_hashes_are_judged(tmp_path: Path, stored: str, kind: str, state: str, told: str | None) -> None:
    (user,) = mapped(written(tmp_path, f"u1,a@example.com,,,{stored},{kind},,"))
    assert user.password.state == state
    assert (user.password.type or user.password.reason) == told


def test_a_password_in_clear_text_is_neither_kept_nor_sent(tmp_path: Path) -> None:
    table = written(tmp_path, "u1,a@example.com,Sw0rdf1sh", header="external_id,email,password")
    (user,) = mapped(table)
    assert (user.password.state, user.password.reason) == ("unsupported", CLEAR)
    assert "Sw0rdf1sh" not in json.dumps(raws(table))


def test_what_a_cell_should_not_hold_is_told(tmp_path: Path) -> None:
    header = "external_id,email,email_verified,metadata,org_id"
    (user,) = mapped(written(tmp_path, "u1,a@example.com,maybe,{,org_01", header=header))
    assert user.email_verified is False
    assert [warning.partition(":")[0] for warning in user.warnings] == [
        *("metadata", "org_id", "email_verified")
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "no file is named; set"),
        ({"file": "nowhere.csv"}, "No such file"),
        ({"file": "users.csv", "dir": "x"}, "no such setting"),
        ({"file": "users.csv", "columns": {"mail": "E-Mail"}}, "nothing of that name is read"),
        ({"file": "users.csv"}, "no column email or external_id; name them in"),
        ({"file": "empty.csv"}, "no header"),
    ],
)
def test_settings_that_can_t_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: dict[str, Any], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("users.csv").write_text("mail\n")
    Path("empty.csv").write_text("")
    with pytest.raises(SettingsError, match=said):
        asyncio.run(opened("csv", table, FakeMemo(), SystemClock()))


def test_a_file_that_is_no_csv_stops_the_export_before_anything_is_read(tmp_path: Path) -> None:
    table = written(tmp_path, "u1,a@example.com,,,,,,", 'u2,"b@example.com,,,,,,')
    world = World(tmp_path, "http://127.0.0.1:9")
    result = world.run_here("export", source="csv", told=table).result
    assert result is not None and result["exit"] == 1
    assert "users.csv: line 3" in result["message"]
    assert world.ask("select count(*) from raw") == [0]


def test_a_kill_in_the_middle_costs_no_row_and_no_page(tmp_path: Path) -> None:
    table = many(tmp_path, 40_000)
    world = World(tmp_path, "http://127.0.0.1:9")
    process = world.start("export", source="csv", told=table, kinds=["user"])
    world.wait_for("a few pages", "export", lambda job: job.done >= 2000)
    process.kill()
    process.communicate()
    before = world.ask("select count(*) from pages")[0]
    assert 0 < before < 41
    result = world.run("export", source="csv", told=table, kinds=["user"]).result
    assert result is not None and result["exit"] == 0, result
    assert world.ask("select count(*) from pages") == [41]  # each once; the last one is empty
    assert world.ask("select read, merged, held, outcome from exports") == [(40_000, 0, 0, "complete")]
    assert world.counts() == {"ready": 40_000}


def test_the_state_remembers_where_the_file_is(tmp_path: Path) -> None:
    table = many(tmp_path, 3)
    settings = base.pointed(settings_with({}), {}, base.find("csv").identity(settings_with(table)))
    assert settings.source == table
    assert base.pointed(settings_with({}), {}, "auth0:acme.example").source == {}
    assert base.pointed(settings_with({"file": "a"}), {}, "csv:/b").source == {"file": "a"}
    assert base.pointed(settings_with({"file": "a"}), {"file": "c"}, "csv:/b").source == {"file": "c"}
