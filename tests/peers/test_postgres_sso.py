"""Supabase's SAML providers in a real PostgreSQL: the same through both doors, whatever columns there are."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cockpit.settings import Settings
from cockpit.sources.base import find
from cockpit.terms import Page
from tests.clocks import FakeClock
from tests.peers import postgres
from tests.sources.memos import FakeMemo, settings_with

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(postgres.missing() is not None, reason=postgres.missing() or ""),
]

SCHEMA = """
create schema auth;
create table auth.sso_providers(id uuid primary key, resource_id text, created_at timestamptz default now(),
    updated_at timestamptz);
create table auth.saml_providers(id uuid primary key default gen_random_uuid(), sso_provider_id uuid not null,
    entity_id text not null, metadata_xml text not null, metadata_url text, attribute_mapping jsonb,
    name_id_format text);
create table auth.sso_domains(id uuid primary key default gen_random_uuid(), sso_provider_id uuid not null,
    domain text not null);
insert into auth.sso_providers(id, resource_id)
    select md5(n::text)::uuid, 'acme-' || n from generate_series(1, 3) n;
insert into auth.saml_providers(sso_provider_id, entity_id, metadata_xml, attribute_mapping)
    select md5(n::text)::uuid, 'https://idp.example/' || n, '<md:EntityDescriptor/>',
        '{"keys": {"email": {"name": "mail"}}}' from generate_series(1, 3) n;
insert into auth.sso_domains(sso_provider_id, domain)
    select md5(n::text)::uuid, d || n || '.example' from generate_series(1, 2) n, unnest(array['b', 'a']) d;
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.postgres(Path(tmp_path_factory.mktemp("sso"))) as url:
        yield url


def table(url: str) -> Settings:
    return settings_with({"provider": "supabase", "project": "abcdefghijklmnopqrst"})


def read(url: str, monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    monkeypatch.setenv("SUPABASE_DB_URL", url)
    sso = find("supabase").connections
    assert sso is not None

    async def work() -> list[Page]:
        source = await sso.open(table(url), FakeMemo(), FakeClock())
        try:
            return [page async for page in source.pages("", None)]
        finally:
            await source.close()

    return asyncio.run(work())


def test_a_project_from_before_single_sign_on_has_none(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page,) = read(database, monkeypatch)
    assert (page.items, page.next_cursor) == ([], None)


def test_every_provider_comes_with_its_domains_and_maps(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
    (page,) = read(database, monkeypatch)
    sso = find("supabase").connections
    assert sso is not None
    to_connection = sso.map(table(database))
    found: dict[str, Any] = {
        one.name: one for one in (to_connection(json.loads(item.body)) for item in page.items)
    }
    assert found.keys() == {"acme-1", "acme-2", "acme-3"}
    assert found["acme-1"].domains == ("a1.example", "b1.example")
    assert found["acme-3"].domains == ()
    assert found["acme-2"].saml.idp_entity_id == "https://idp.example/2"
    assert found["acme-2"].saml.acs_url == "https://abcdefghijklmnopqrst.supabase.co/auth/v1/sso/saml/acs"
    assert found["acme-2"].attributes.email == "mail"
