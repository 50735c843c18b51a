"""What Supabase's users tell of besides: apps (TOTP), and organizations that an application keeps. Pure.

GoTrue knows no organizations. Where an application writes one into app_metadata, which users can't change,
the setting organization_key names its key there; its value is an id or a name, or a list of these.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.records import Factor, Membership, Organization
from cockpit.rules import totp
from cockpit.sources import _mapping
from cockpit.sources.base import Mappers, MappingContext, Raw

KEY = "supabase.organization_key"
"""What the export remembers of the setting."""
ENCRYPTED = "GoTrue has encrypted its secret, and only the database encryption key of the project opens it"
_FACTORS = {"totp": "totp", "phone": "sms", "webauthn": "passkey"}
"""auth.factor_type (supabase/auth, migrations), and what it is called here."""


def mappers(context: MappingContext) -> Mappers:
    """What is inside a user's record, from either door."""
    key = context.facts.get(KEY)

    def of_user(raw: Raw) -> Iterator[Organization | Membership | Factor]:
        for ident in _organizations(raw, key) if key else ():
            yield _mapping.organization(ident, ident, {"provider": "supabase"})
            yield Membership(user=str(raw.get("id")), organization=ident)
        yield from _factors(raw)

    return Mappers(of_user=of_user)


def lost(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of verified factors that can't move: the API shows no secret, the database one kind's."""
    kinds = [_kind(one) for one in _verified(raw) if "secret" not in one or _kind(one) != "totp"]
    return tuple(dict.fromkeys(_FACTORS.get(kind, "other") for kind in kinds))


def _factors(raw: Mapping[str, Any]) -> Iterator[Factor]:
    user, email = str(raw.get("id")), _mapping.text(raw.get("email"))
    for one in _verified(raw):
        if _kind(one) != "totp" or "secret" not in one:
            continue
        ident, secret = str(one.get("id")), str(one["secret"] or "")
        if secret.startswith("{"):
            yield Factor(source_id=ident, user=user, problem=ENCRYPTED, account=email)
        else:
            yield totp.factor(ident, user, secret, account=email)


def _verified(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in _mapping.dicts(raw.get("factors")) if one.get("status") == "verified"]


def _kind(factor: Mapping[str, Any]) -> str:
    """The database's column is called `type` in what the export makes of it."""
    return str(factor.get("type") or factor.get("factor_type"))


def _organizations(raw: Mapping[str, Any], key: str) -> list[str]:
    of_app = raw.get("raw_app_meta_data") or raw.get("app_metadata")
    value = of_app.get(key) if isinstance(of_app, dict) else None
    values = value if isinstance(value, list) else [value]
    named = (str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in values)
    return list(dict.fromkeys(filter(None, map(_mapping.text, named))))
