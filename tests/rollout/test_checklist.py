"""The checklist: the event with its session, the user's sessions, a person's eyes."""

from cockpit.rollout.checklist import Item, SignedIn, Webhook, items, shows

EVENT = SignedIn("event_1", 1_800_000_000_000, "session_1", "user_1", "ana@example.com")
SESSION = {"id": "session_1", "auth_method": "sso", "created_at": "2027-01-15T08:00:00.000Z"}


def listed(
    signed_in: SignedIn | None,
    session: str | None = None,
    asked: str | None = None,
    webhook: Webhook | None = None,
    ticked: str | None = None,
) -> dict[str, Item]:
    found = items(signed_in, session, asked, webhook, "https://dash.test/", ticked)
    return {item.what: item for item in found}


def test_a_session_is_known_by_its_id_else_by_its_moment() -> None:
    assert shows([SESSION], EVENT) == "session_1"
    renamed = SESSION | {"id": "session_9"}
    assert shows([renamed], EVENT) == "session_9"
    assert shows([renamed | {"auth_method": "password"}], EVENT) is None
    assert shows([renamed | {"created_at": "2027-01-15T09:00:00.000Z"}], EVENT) is None
    assert shows([renamed | {"created_at": None}], EVENT) is None


def test_everything_seen_is_everything_done() -> None:
    seen = Webhook(EVENT.at + 1_500)
    told = listed(EVENT, "session_1", webhook=seen, ticked="seen by ana")
    assert all(item.done for item in told.values())
    assert told["webhook"].found == "event_1 came after 1.5 s"


def test_what_is_missing_says_what_to_do() -> None:
    none = listed(None)
    assert [item.done for item in none.values()] == [False, None, None, False]
    assert none["event"].todo == "ask the customer for a test login"
    assert "cockpit rollout tick ID dashboard" in none["dashboard"].todo
    assert listed(EVENT._replace(session=None))["event"].done is False
    assert listed(EVENT)["session"].done is False
    silent = listed(EVENT, asked="WorkOS does not answer")["session"]
    assert (silent.done, silent.found) == (None, "WorkOS does not answer")


def test_a_webhook_is_known_only_where_a_tank_takes_them() -> None:
    untold = listed(EVENT)["webhook"]
    assert untold.done is None and "cockpit webhooks hold --source workos" in untold.todo
    assert listed(None, webhook=Webhook(None))["webhook"].done is None
    missing = listed(EVENT, webhook=Webhook(None))["webhook"]
    assert missing.done is False and "cockpit webhooks flow" in missing.todo
