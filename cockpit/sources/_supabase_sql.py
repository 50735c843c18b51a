"""What is asked of Supabase's auth schema. One row is one JSON text, made by the database."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from cockpit.sources.base import SourceRefused

NOBODY = "00000000-0000-0000-0000-000000000000"

COLUMNS = (
    "select table_name, column_name from information_schema.columns "
    "where table_schema = 'auth' and table_name in ('users', 'identities', 'mfa_factors')"
)
"""(table, column) of all that may be read."""

WANTED = (
    *("id", "aud", "role", "email", "phone", "encrypted_password", "email_confirmed_at", "created_at"),
    *("updated_at", "last_sign_in_at", "banned_until", "deleted_at", "is_anonymous", "is_sso_user"),
    *("raw_user_meta_data", "raw_app_meta_data"),
)
"""Columns of auth.users, as far as a project's schema has them (supabase/auth, migrations)."""

_IDENTITIES = (
    "(select jsonb_agg(jsonb_build_object('provider', i.provider, 'id', i.provider_id)) "
    "from auth.identities i where i.user_id = u.id)"
)
_FACTORS = (
    "(select jsonb_agg(jsonb_build_object('id', f.id, 'type', f.factor_type, 'status', f.status, "
    "'secret', f.secret)) from auth.mfa_factors f where f.user_id = u.id)"
)


def users(columns: Sequence[tuple[Any, ...]]) -> str:
    """The query for (the last id, milliseconds since which users were created), by what columns there are.

    Raises SourceRefused when there is no auth.users to see.
    """
    present = {(table, column) for table, column in columns}
    own = [column for column in WANTED if ("users", column) in present]
    if "id" not in own:
        raise SourceRefused(
            "supabase: this role sees no auth.users; grant usage on schema auth and select on its tables"
        )
    fields = [f"'{column}', u.{column}" for column in own]
    if ("identities", "provider_id") in present:
        fields.append(f"'identities', {_IDENTITIES}")
    if ("mfa_factors", "secret") in present:
        fields.append(f"'factors', {_FACTORS}")
    return (
        f"select u.id::text, jsonb_build_object({', '.join(fields)})::text from auth.users u "
        "where u.id > %s::uuid and u.created_at >= to_timestamp(%s / 1000.0) order by u.id limit 1000"
    )


def project(dsn: str) -> str:
    """The project's reference in a connection string: of the pooler's user, or of the direct host."""
    parts = urlsplit(dsn)
    user, host = parts.username or "", parts.hostname or "local"
    if user.startswith("postgres."):
        return user.removeprefix("postgres.")
    if host.startswith("db."):
        return host.removeprefix("db.").partition(".")[0]
    return f"{host}{f':{parts.port}' if parts.port else ''}{parts.path}"
