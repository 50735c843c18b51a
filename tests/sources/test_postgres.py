"""PostgreSQL's address, and what is said where it can't be reached; what it answers is of tests/peers."""

import asyncio
import sys
from unittest import mock

import pytest

from cockpit.settings import SettingsError
from cockpit.sources._rows import PostgresRows, address
from cockpit.sources.base import SourceError

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@db.example.com:5432/app?sslmode=require",
        f"postgres://me:{SECRET}%40%2F%23@db.example.com/app",
        "postgresql:///app?host=/run/postgresql",
    ],
)
def test_an_address_that_can_be_used(url: str) -> None:
    assert address("supabase", url).path == "/app"


@pytest.mark.parametrize(
    "url",
    [
        f"host=db.example.com user=me password={SECRET}",
        f"mysql://me:{SECRET}@db.example.com/app",
        f"postgresql://me:{SECRET}/x@db.example.com/app",
        f"postgresql://me:{SECRET}#x@db.example.com/app",
        f"postgresql://me:12#{SECRET}@db.example.com/app",
        f"postgresql://me:12?{SECRET}@db.example.com/app",
        f"postgresql://me:{SECRET}@{SECRET}@db.example.com/app",
        f"postgresql://me:{SECRET}@db.example.com:port/app",
        f"postgresql://[{SECRET}",
        SECRET,
    ],
)
def test_one_that_leaves_doubt_where_the_password_ends_is_refused_unquoted(url: str) -> None:
    with pytest.raises(SettingsError, match="percent-encode") as caught:
        PostgresRows("supabase", url)
    assert SECRET not in str(caught.value)


def test_without_the_driver_the_extra_is_named() -> None:
    with (
        mock.patch.dict(sys.modules, {"psycopg": None}),
        pytest.raises(SettingsError, match=r"cockpit\[postgres\]"),
    ):
        PostgresRows("supabase", "postgresql://me@db.example.com/app")


@pytest.mark.parametrize("query", ["", "?sslmode=nonsense"])
def test_a_server_that_is_not_there_is_told_in_one_line_without_the_password(query: str) -> None:
    async def main() -> None:
        rows = PostgresRows("supabase", f"postgresql://me:{SECRET}@127.0.0.1:9/app{query}")
        try:
            await rows.fetch("select 1")
        finally:
            await rows.close()

    with pytest.raises(SourceError, match="the same command resumes") as caught:
        asyncio.run(main())
    assert SECRET not in str(caught.value) and "\n" not in str(caught.value)
