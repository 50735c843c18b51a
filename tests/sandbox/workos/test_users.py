"""/user_management/users keeps every published rule."""

from typing import Any

import pytest

from tests.sandbox.inside import BARE, BCRYPT, Answer, Sandbox, inside

USERS = "/user_management/users"


def test_an_email_is_trimmed_and_lowered_and_unique() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await sandbox.create(email="  Ana@Example.COM ", name="Ana", external_id="auth0|1")
        assert created.status == 201
        assert created.body["email"] == "ana@example.com"
        assert created.body["id"].startswith("user_01")
        assert created.body["created_at"].endswith("Z")
        assert created.headers["X-Request-ID"]
        again = await sandbox.create(email="ANA@example.com")
        assert again.status == 400
        assert again.code == "user_creation_error"
        assert again.body["errors"][0]["code"] == "email_not_available"
        assert sandbox.world.refused["email_not_available"] == 1

    inside(BARE, test)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_request_parameters"),
        ({"email": 7}, 422, "invalid_request_parameters"),
        ({"email": None}, 422, "invalid_request_parameters"),
        ({"email": "a@b.example", "email_verified": "yes"}, 422, "invalid_request_parameters"),
        ({"email": "a@b.example", "external_id": "x" * 129}, 422, "invalid_request_parameters"),
        ({"email": "a@b.example", "external_id": "ü"}, 422, "invalid_request_parameters"),
        ({"email": "a@b.example", "external_id": ""}, 422, "invalid_request_parameters"),
        ({"email": "a@@b.example"}, 400, "user_creation_error"),
        ({"email": "no-at-sign"}, 400, "user_creation_error"),
        ({"email": "a" * 4096 + "@b.example"}, 400, "user_creation_error"),
        ({"email": "a@gone.invalid-mx.example"}, 400, "email_domain_not_deliverable"),
        ({"email": "a@b.example", "metadata": {f"k{n}": "v" for n in range(51)}}, 400, "invalid_metadata"),
        ({"email": "a@b.example", "metadata": {"k" * 41: "v"}}, 400, "invalid_metadata"),
        ({"email": "a@b.example", "metadata": {"k": "v" * 601}}, 400, "invalid_metadata"),
        ({"email": "a@b.example", "metadata": {"k": "café"}}, 400, "invalid_metadata"),
        ({"email": "a@b.example", "metadata": {"k": 1}}, 400, "invalid_metadata"),
        ({"email": "a@b.example", "password": "short"}, 400, "password_strength_error"),
        (
            {"email": "a@b.example", "password": "long enough", "password_hash": BCRYPT},
            400,
            "password_and_password_hash_provided",
        ),
        (
            {"email": "a@b.example", "password": "long enough", "password_hash_type": "bcrypt"},
            400,
            "password_and_password_hash_type_provided",
        ),
        (
            {"email": "a@b.example", "password_salt_position": "prefix"},
            400,
            "password_salt_position_requires_password_hash",
        ),
        (
            {"email": "a@b.example", "password_hash": "x", "password_hash_type": "bcrypt"},
            400,
            "invalid_password_hash",
        ),
        (
            {"email": "a@b.example", "password_hash": "x", "password_hash_type": "md5"},
            422,
            "invalid_request_parameters",
        ),
        ({"email": "a@b.example", "password_hash_type": "bcrypt"}, 422, "invalid_request_parameters"),
    ],
)
def test_a_creation_is_refused(body: dict[str, Any], status: int, code: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        answer = await sandbox.create(**body)
        assert (answer.status, answer.code) == (status, code)
        assert len(sandbox.world.users) == 0

    inside(BARE, test)


def test_a_body_that_is_no_object_is_unprocessable() -> None:
    async def test(sandbox: Sandbox) -> None:
        for body in (b"[]", b"{", b""):
            assert (await sandbox.call("POST", USERS, data=body)).status == 422

    inside(BARE, test)


def test_the_largest_allowed_values_are_taken() -> None:
    async def test(sandbox: Sandbox) -> None:
        metadata = {f"{n:040d}": "v" * 600 for n in range(50)}
        created = await sandbox.create(email="a@b.example", external_id="x" * 128, metadata=metadata)
        assert created.status == 201
        assert created.body["metadata"] == metadata

    inside(BARE, test)


def test_an_external_id_is_unique_and_finds_its_user() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await sandbox.create(email="a@b.example", external_id="samlp|a/b|x@y.example")
        assert (await sandbox.create(email="c@b.example", external_id="samlp|a/b|x@y.example")).code == (
            "external_id_already_used"
        )
        path = f"{USERS}/external_id/samlp%7Ca%2Fb%7Cx%40y.example"
        assert (await sandbox.call("GET", path)).body == created.body
        absent = await sandbox.call("GET", f"{USERS}/external_id/nobody")
        assert (absent.status, absent.code) == (404, "entity_not_found")

    inside(BARE, test)


def test_an_update_is_partial_and_merges_metadata() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await sandbox.create(email="a@b.example", name="A", metadata={"x": "1", "y": "2"})

        async def put(**body: Any) -> Answer:
            return await sandbox.call("PUT", f"{USERS}/{created.body['id']}", json=body)

        assert (await put(metadata={"x": None, "z": "3"})).body["metadata"] == {"y": "2", "z": "3"}
        assert (await put(name="B")).body["metadata"] == {"y": "2", "z": "3"}
        assert (await put(metadata={})).body["metadata"] == {}
        assert (await put(metadata={"k": "v" * 601})).code == "invalid_metadata"
        moved = await put(
            email="New@b.example", external_id="n1", password_hash=BCRYPT, password_hash_type="bcrypt"
        )
        assert (moved.body["email"], moved.body["name"], moved.body["external_id"]) == (
            "new@b.example",
            "B",
            "n1",
        )
        assert (await sandbox.create(email="a@b.example", external_id="o1")).status == 201
        assert (await put(email="a@b.example")).code == "email_not_available"
        assert (await put(external_id="o1")).code == "external_id_already_used"
        assert (await put(email="new@b.example", external_id="n1")).status == 200

    inside(BARE, test)


def test_a_deleted_user_is_gone_and_frees_its_names() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await sandbox.create(email="a@b.example", external_id="1")
        path = f"{USERS}/{created.body['id']}"
        assert (await sandbox.call("DELETE", path)).status == 204
        assert (await sandbox.call("GET", path)).status == 404
        assert (await sandbox.call("DELETE", path)).status == 404
        assert (await sandbox.create(email="a@b.example", external_id="1")).status == 201

    inside(BARE, test)


async def _ids(sandbox: Sandbox, count: int) -> list[str]:
    return [str((await sandbox.create(email=f"u{n}@b.example")).body["id"]) for n in range(count)]


async def _walk(sandbox: Sandbox, query: str, cursor: str) -> list[str]:
    found, place = list[str](), ""
    while True:
        page = (await sandbox.call("GET", f"{USERS}?{query}{place}")).body
        found += [user["id"] for user in page["data"]]
        if page["list_metadata"][cursor] is None:
            return found
        place = f"&{cursor}={page['list_metadata'][cursor]}"


def test_a_list_is_walked_in_every_order_without_gap_or_double() -> None:
    async def test(sandbox: Sandbox) -> None:
        ids = await _ids(sandbox, 7)
        assert await _walk(sandbox, "limit=3&order=asc", "after") == ids
        assert await _walk(sandbox, "limit=3&order=desc", "after") == ids[::-1]
        assert await _walk(sandbox, "limit=3", "after") == ids[::-1]
        assert await _walk(sandbox, "limit=3&order=normal", "before") == ids[::-1]

    inside(BARE, test)


def test_the_way_back_shows_the_page_before() -> None:
    async def test(sandbox: Sandbox) -> None:
        ids = await _ids(sandbox, 7)
        page = (await sandbox.call("GET", f"{USERS}?limit=2&order=asc&before={ids[4]}")).body
        assert [user["id"] for user in page["data"]] == ids[2:4]
        assert page["list_metadata"] == {"before": ids[2], "after": ids[3]}
        page = (await sandbox.call("GET", f"{USERS}?limit=2&before={ids[2]}")).body
        assert [user["id"] for user in page["data"]] == [ids[4], ids[3]]

    inside(BARE, test)


def test_a_cursor_outlives_its_user() -> None:
    async def test(sandbox: Sandbox) -> None:
        ids = await _ids(sandbox, 3)
        await sandbox.call("DELETE", f"{USERS}/{ids[1]}")
        page = (await sandbox.call("GET", f"{USERS}?order=asc&after={ids[1]}")).body
        assert [user["id"] for user in page["data"]] == [ids[2]]

    inside(BARE, test)


def test_a_list_is_filtered_by_email_and_ten_long_by_default() -> None:
    async def test(sandbox: Sandbox) -> None:
        ids = await _ids(sandbox, 12)
        assert len((await sandbox.call("GET", USERS)).body["data"]) == 10
        page = (await sandbox.call("GET", f"{USERS}?email=%20U3%40B.example")).body
        assert [user["id"] for user in page["data"]] == [ids[3]]
        assert (await sandbox.call("GET", f"{USERS}?organization_id=org_1")).body["data"] == []
        for query in ("limit=0", "limit=101", "limit=x", "order=up"):
            assert (await sandbox.call("GET", f"{USERS}?{query}")).status == 422

    inside(BARE, test)
