"""What is asked of Supabase's auth schema. One row is one JSON text, made by the database."""

from collections.abc import Sequence
from typing import Any

from cockpit.findings import Finding, fail, ok, warn
from cockpit.sources._rows import address
from cockpit.sources.base import SourceRefused

NOBODY = "00000000-0000-0000-0000-000000000000"

COLUMNS = (
    "select table_name, column_name, row_security_active(format('auth.%I', table_name)) "
    "from information_schema.columns "
    "where table_schema = 'auth' and table_name in ('users', 'identities', 'mfa_factors')"
)
"""(table, column, whether rows of the table are hidden) of all that may be read."""

COUNT = "select count(*) from auth.users"
LOOK = "select count(*), (extract(epoch from max(updated_at)) * 1000)::bigint from auth.users"
"""How many there are, and when one was changed last (ms)."""

WANTED = (
    *("id", "aud", "role", "email", "phone", "encrypted_password", "email_confirmed_at", "created_at"),
    *("updated_at", "last_sign_in_at", "banned_until", "deleted_at", "is_anonymous", "is_sso_user"),
    *("raw_user_meta_data", "raw_app_meta_data"),
)
"""Columns of auth.users, as far as a project's schema has them (supabase/auth, migrations)."""

_GRANT = "grant select on auth.users, auth.identities and auth.mfa_factors, or use the role postgres"

# In an order, so that the same user gives the same text each time.
_IDENTITIES = (
    "(select jsonb_agg(jsonb_build_object('provider', i.provider, 'id', i.{0}) order by i.provider, i.{0}) "
    "from auth.identities i where i.user_id = u.id)"
)
_FACTORS = (
    "(select jsonb_agg(jsonb_build_object('id', f.id, 'type', f.factor_type, 'status', f.status, "
    "'secret', f.secret) order by f.id) from auth.mfa_factors f where f.user_id = u.id)"
)


def users(columns: Sequence[tuple[Any, ...]], *, recent: bool = False) -> str:
    """The query for (the last id[, milliseconds since which users were created]), by what columns there are.

    Raises SourceRefused when there is no auth.users to see, or row level security would hide rows: the
    count would be as small as what is read, and the loss go unnoticed.
    """
    if hidden := sorted({table for table, _, secured in columns if secured}):
        raise SourceRefused(
            f"supabase: row level security hides rows of auth.{hidden[0]} from this role; use the role "
            "postgres, or one with bypassrls"
        )
    present = {(table, column) for table, column, _ in columns}
    own = [column for column in WANTED if ("users", column) in present]
    if "id" not in own:
        raise SourceRefused(
            "supabase: this role sees no auth.users; grant usage on schema auth and select on its tables"
        )
    fields = [f"'{column}', u.{column}" for column in own]
    if ("identities", "provider") in present:
        # Until 2023 the provider's id of a person was the row's own (supabase/auth, migrations).
        named = "provider_id" if ("identities", "provider_id") in present else "id"
        fields.append(f"'identities', {_IDENTITIES.format(named)}")
    if ("mfa_factors", "secret") in present:
        fields.append(f"'factors', {_FACTORS}")
    # created_at may be null; only who is looked for by it must have one.
    since = "and u.created_at >= to_timestamp(%s / 1000.0) " if recent else ""
    return (
        f"select u.id::text, jsonb_build_object({', '.join(fields)})::text from auth.users u "
        f"where u.id > %s::uuid {since}order by u.id limit 1000"
    )


def findings(columns: Sequence[tuple[Any, ...]]) -> list[Finding]:
    """What this role can't see and an export would lack without an error."""
    present = {(table, column) for table, column, _ in columns}
    found: list[Finding] = []
    if ("users", "encrypted_password") not in present:
        why = "everybody would have to set a new password"
        found.append(fail("hashes", "this role can't read auth.users.encrypted_password", why, _GRANT))
    for table, column, what in (
        ("identities", "provider", "who signs in by which provider"),
        ("mfa_factors", "secret", "second factors"),
    ):
        if (table, column) not in present:
            lacks = f"an export without it lacks {what}"
            found.append(warn("tables", f"this role can't read auth.{table}.{column}", lacks, _GRANT))
    return found or [ok("tables", "users, identities and mfa_factors can be read, hashes too")]


def project(url: str) -> str:
    """The project's reference in a database's URL: of the pooler's user, or of the direct host.

    A host of one's own is named itself. Raises SettingsError.
    """
    parts = address("supabase", url)
    user, host = parts.username or "", parts.hostname or "local"
    if user.startswith("postgres.") or (host.endswith(".pooler.supabase.com") and "." in user):
        return user.rpartition(".")[2]
    if host.startswith("db.") and host.endswith(".supabase.co"):
        return host.split(".")[1]
    return f"{host}{f':{parts.port}' if parts.port else ''}{parts.path}"
