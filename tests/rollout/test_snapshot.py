"""Published routes: signed, or not used."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cockpit.rollout import snapshot
from cockpit.rollout.route import RouteTable
from cockpit.rollout.snapshot import SnapshotRefused
from tests.rollout.test_route import route

TABLE = RouteTable.of(7, [route("con_1"), route("con_2", "legacy")])
SECRET = snapshot.key("s" * 32)
PAIR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PRIVATE = snapshot.key("ed25519-private:" + base64.b64encode(bytes(range(32))).decode())
PUBLIC = snapshot.key("ed25519-public:" + base64.b64encode(PAIR.public_key().public_bytes_raw()).decode())


@pytest.mark.parametrize(("writer", "reader"), [(SECRET, SECRET), (PRIVATE, PUBLIC), (PRIVATE, PRIVATE)])
def test_what_is_published_is_read(writer: snapshot.Key, reader: snapshot.Key) -> None:
    found = snapshot.read(snapshot.write(TABLE, 5, writer), [snapshot.key("o" * 32), reader])
    assert (found.table.version, found.table.routes, found.issued_at) == (7, TABLE.routes, 5)


@pytest.mark.parametrize("key", [SECRET, PUBLIC])
def test_a_changed_or_foreign_snapshot_is_refused(key: snapshot.Key) -> None:
    signed = snapshot.write(TABLE, 5, SECRET if key is SECRET else PRIVATE)
    with pytest.raises(SnapshotRefused, match="no key of ours"):
        snapshot.read(signed.replace(b"con_1", b"con_9"), [key])
    with pytest.raises(SnapshotRefused, match="no key of ours"):
        snapshot.read(snapshot.write(TABLE, 5, snapshot.key("o" * 32)), [key])


def test_a_signature_of_one_kind_does_not_pass_for_another() -> None:
    envelope = json.loads(snapshot.write(TABLE, 5, SECRET))
    envelope["signature"]["algorithm"] = "none"
    with pytest.raises(SnapshotRefused):
        snapshot.read(json.dumps(envelope).encode(), [SECRET, PUBLIC])


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{}", b'{"snapshot": 1, "signature": {}}', b"\xff", b"null"]
)
def test_what_is_no_snapshot(document: bytes) -> None:
    with pytest.raises(SnapshotRefused, match="not a snapshot"):
        snapshot.read(document, [SECRET])


@pytest.mark.parametrize(
    "written", ["short", "ed25519-public:xx", "ed25519-private:AAAA", "ed25519-private:"]
)
def test_what_is_no_key(written: str) -> None:
    with pytest.raises(SnapshotRefused):
        snapshot.key(written)


def test_a_public_key_publishes_nothing() -> None:
    with pytest.raises(SnapshotRefused, match="private"):
        snapshot.write(TABLE, 5, PUBLIC)
