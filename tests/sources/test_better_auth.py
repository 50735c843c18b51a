"""Better Auth: its settings, its tables under other names, and its own form of a hash."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.settings import SettingsError
from cockpit.sources import _better_auth_mapping, better_auth
from tests.sources.memos import FakeMemo, ids, read, settings_with


def test_a_connection_string_that_is_no_url_is_refused_without_a_word_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "host=localhost password=s3cr3t dbname=app")
    with pytest.raises(SettingsError) as refused:
        better_auth.identity(settings_with({"provider": "better_auth"}))
    assert "s3cr3t" not in str(refused.value)


def test_the_identity_has_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:s3cr3t@db.example:5433/auth")
    named = better_auth.identity(settings_with({"provider": "better_auth"}))
    assert named == "better_auth:db.example:5433/auth"


def test_tables_are_found_by_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "app.db"
    connection = sqlite3.connect(file)
    connection.executescript(
        "create table users(id text primary key, email text, email_verified integer, created_at text);"
        "create table accounts(id text, user_id text, provider_id text, account_id text, password text);"
        "insert into users values('u1', 'ana@example.com', 1, '2024-01-01T00:00:00Z');"
        "insert into accounts values('a', 'u1', 'credential', 'u1', 'x');"
    )
    connection.commit()
    connection.close()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:{file}")
    pages = asyncio.run(read("better_auth", {"provider": "better_auth"}, FakeMemo(), SystemClock()))
    assert ids(pages) == ["u1"]
    assert '"emailVerified":1' in pages[0].items[0].body


def test_the_salt_is_the_text_and_not_the_bytes_that_it_stands_for() -> None:
    password = _better_auth_mapping.own("a0" * 16 + ":" + "00" * 64)
    assert password is not None and password.hash is not None
    assert "$YTBhMGEw" in password.hash.get_secret_value()
    assert _better_auth_mapping.own("a0:00") is None
