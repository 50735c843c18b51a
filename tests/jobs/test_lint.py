"""What two users of one target must not share: an e-mail, or the id that the application knows them by."""

import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.jobs import memo
from cockpit.sources._clerk_mapping import POLICY
from cockpit.state import exports, meta
from cockpit.state.database import open_state, transaction
from cockpit.terms import Page, RawItem
from tests.jobs.world import World

Record = dict[str, Any]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, "http://127.0.0.1:9")


def export(world: World, source: str, records: dict[str, Record], **facts: str) -> None:
    """An export of these records, by their key in the state."""
    connection = open_state(world.state, create=True)
    with transaction(connection):
        meta.bind_source(connection, source)
        for key, value in facts.items():
            meta.put(connection, memo.PREFIX + key, value)
        number = exports.begin(connection, 1).id
        items = [RawItem(key, json.dumps(record)) for key, record in records.items()]
        exports.commit_page(connection, number, Page("", "0", None, items), 100, 2)
        exports.complete(connection, number, "complete", 0, 3)
    connection.close()


def linted(world: World) -> dict[str, str]:
    """Who is blocked now: key in the state -> the cause's fingerprint."""
    world.run_here("lint")
    query = (
        "select r.source_id, e.fingerprint from errors e join raw r on r.id = e.subject "
        "join operations o on o.id = e.operation where e.resolution = 'open' and o.state = 'failed'"
    )
    return dict(world.ask(query))


def of_tenant(ident: str, email: str, tenant: str, **fields: Any) -> Record:
    return {"localId": ident, "email": email, "tenantId": tenant} | fields


def of_clerk(ident: str, own: str, email: str) -> Record:
    """A user of an instance whose application gave its users ids of its own."""
    address = {"id": "idn_1", "email_address": email, "verification": {"status": "verified"}}
    return {
        "id": ident, "external_id": own, "primary_email_address_id": "idn_1", "email_addresses": [address],
    }  # fmt: skip


def test_of_two_tenants_that_share_a_local_id_one_user_goes_along(world: World) -> None:
    records = {
        "acme/u1": of_tenant("u1", "ana@example.com", "acme"),
        "globex/u1": of_tenant("u1", "bo@example.com", "globex", emailVerified=True),
        "globex/u2": of_tenant("u2", "cy@example.com", "globex"),
    }
    export(world, "firebase:demo", records)
    assert linted(world) == {"acme/u1": "lint:external_id_duplicate"}
    assert world.counts() == {"failed": 1, "ready": 2}
    ((message, klass),) = world.ask("select message, class from errors")
    assert klass == "conflict"
    assert message == "the same id as bo@example.com"
    assert linted(world) == {"acme/u1": "lint:external_id_duplicate"}


@pytest.mark.parametrize("other", ["user_1", "user_2"])
def test_where_one_is_given_an_id_of_their_own_both_go_along(world: World, other: str) -> None:
    records = {
        "user_1": of_clerk("user_1", "app-1", "ana@example.com"),
        "user_2": of_clerk("user_2", "app-1", "bo@example.com"),
    }
    export(world, "clerk:live", records, **{POLICY: "app"})
    assert linted(world) == {"user_2": "lint:external_id_duplicate"}
    export(world, "clerk:live", records | {other: records[other] | {"external_id": "app-2"}})
    assert linted(world) == {}
    assert world.counts() == {"ready": 2}
    assert world.ask("select count(*) from findings where rule = 'external_id_duplicate'") == [0]


@pytest.mark.parametrize("cured", ["email", "id"])
def test_who_shares_both_is_blocked_until_neither_is_shared(world: World, cured: str) -> None:
    first = of_clerk("user_1", "app-1", "ana@example.com")
    export(world, "clerk:live", {"user_1": first, "user_2": of_clerk("user_2", "app-1", "ANA@example.com")},
           **{POLICY: "app"})  # fmt: skip
    assert linted(world) == {"user_2": "lint:email_duplicate"}
    half = ("app-1", "bo@example.com") if cured == "email" else ("app-2", "ana@example.com")
    export(world, "clerk:live", {"user_2": of_clerk("user_2", *half)})
    left = "external_id_duplicate" if cured == "email" else "email_duplicate"
    assert linted(world) == {"user_2": f"lint:{left}"}
    export(world, "clerk:live", {"user_2": of_clerk("user_2", "app-2", "bo@example.com")})
    assert linted(world) == {}
    assert world.counts() == {"ready": 2}


def test_users_without_an_id_share_none(world: World) -> None:
    export(world, "clerk:live", {"user_1": {"odd": 1}, "user_2": {"odd": 2}})
    assert set(linted(world).values()) == {"lint:unmappable"}
