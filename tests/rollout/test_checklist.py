"""The checklist: the event with its session, the user's sessions, a person's eyes."""

from cockpit.rollout.checklist import Item, SignedIn, items, shows

EVENT = SignedIn("event_1", 1_800_000_000_000, "session_1", "user_1", "ana@example.com")
SESSION = {"id": "session_1", "auth_method": "sso", "created_at": "2027-01-15T08:00:00.000Z"}


def listed(
    signed_in: SignedIn | None,
    session: str | None = None,
    asked: str | None = None,
    ticked: str | None = None,
) -> dict[str, Item]:
    return {item.what: item for item in items(signed_in, session, asked, "https://dash.test/", ticked)}


def test_a_session_is_known_by_its_id_else_by_its_moment() -> None:
    assert shows([SESSION], EVENT) == "session_1"
    renamed = SESSION | {"id": "session_9"}
    assert shows([renamed], EVENT) == "session_9"
    assert shows([renamed | {"auth_method": "password"}], EVENT) is None
    assert shows([renamed | {"created_at": "2027-01-15T09:00:00.000Z"}], EVENT) is None
    assert shows([renamed | {"created_at": None}], EVENT) is None


def test_everything_seen_is_everything_done() -> None:
    assert all(item.done for item in listed(EVENT, "session_1", ticked="seen by ana").values())


def test_what_is_missing_says_what_to_do() -> None:
    none = listed(None)
    assert [item.done for item in none.values()] == [False, None, False]
    assert none["event"].todo == "ask the customer for a test login"
    assert "cockpit rollout tick ID dashboard" in none["dashboard"].todo
    assert listed(EVENT._replace(session=None))["event"].done is False
    assert listed(EVENT)["session"].done is False
    silent = listed(EVENT, asked="WorkOS does not answer")["session"]
    assert (silent.done, silent.found) == (None, "WorkOS does not answer")
