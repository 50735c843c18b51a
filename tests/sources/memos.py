"""A memory for sources under test, and how they are opened."""

from contextlib import aclosing
from pathlib import Path
from typing import Any

from cockpit.clock import Clock
from cockpit.settings import ImportSettings, MappingSettings, PasswordSettings, Settings, TargetSettings
from cockpit.sources import base
from cockpit.sources.base import Source
from cockpit.terms import Kind, Page


class FakeMemo:
    """A Memo in memory; `history` has every write in its order."""

    def __init__(self) -> None:
        self.facts: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.history: list[tuple[str, str | None]] = []

    def get(self, key: str) -> str | None:
        return self.facts.get(key)

    async def put(self, key: str, value: str | None, *, secret: bool = False) -> None:
        self.history.append((key, value))
        if secret:
            self.secrets.add(key)
        if value is None:
            self.facts.pop(key, None)
        else:
            self.facts[key] = value


def settings_with(table: dict[str, Any]) -> Settings:
    """Settings whose [source] is this table."""
    return Settings(
        source=table,
        target=TargetSettings.model_construct(),
        imports=ImportSettings(),
        passwords=PasswordSettings(),
        mapping=MappingSettings(),
        state=Path("cockpit.db"),
    )


async def opened(
    name: str, table: dict[str, Any], memo: FakeMemo, clock: Clock, kind: Kind = "user"
) -> Source:
    """A provider's source of a kind."""
    return await base.find(name).openers[kind](settings_with(table), memo, clock)


async def read(
    name: str,
    table: dict[str, Any],
    memo: FakeMemo,
    clock: Clock,
    *,
    chain: str = "",
    cursor: str | None = None,
    most: int | None = None,
    kind: Kind = "user",
) -> list[Page]:
    """Pages of a chain, `most` of them at most; then everything is closed, as at a crash or a stop."""
    source = await opened(name, table, memo, clock, kind)
    found: list[Page] = []
    try:
        async with aclosing(source.pages(chain, cursor)) as pages:
            async for page in pages:
                found.append(page)
                if len(found) == most:
                    break
    finally:
        await source.close()
    return found


def ids(pages: list[Page]) -> list[str]:
    """The ids of all items, in order."""
    return [item.id for page in pages for item in page.items]
