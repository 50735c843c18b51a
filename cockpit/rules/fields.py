"""What of a record may be edited: the fields of its request, by names such as `metadata.plan`. Pure.

Fields are the request as a reviewer sees it, with two differences: the roles of a membership are always a
list, `role_slugs`; and of a password there is only `password_hash`, a mask that can be taken away.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cockpit.rules.mask import MASK
from cockpit.terms import Kind

if TYPE_CHECKING:
    from cockpit.records import User  # a face that only lists does without pydantic
    from cockpit.rules.tenancy import Resource

Fields = Mapping[str, Any]

DROPPED = "left out by a reviewer"
"""Why a password that could go along does not."""

EDITABLE: Mapping[Kind, Mapping[str, type]] = {
    "user": {
        "email": str,
        "email_verified": bool,
        "first_name": str,
        "last_name": str,
        "name": str,
        "external_id": str,
        "metadata": dict,
        "password_hash": type(None),
    },
    "organization": {"name": str, "external_id": str, "domain_data": list, "metadata": dict},
    "permission": {"name": str, "description": str},
    "role": {"name": str, "description": str, "permissions": list},
    "membership": {"role_slugs": list},
    "factor": {"totp_issuer": str, "totp_user": str},
}
"""The fields of each kind and what they hold. Slugs are named in [mapping.roles]: others refer to them."""

NEEDED = frozenset({"email", "email_verified", "external_id"})
"""What a request can't be without."""


class NotEditable(ValueError):
    """A field or a value that can't be; one line says why."""


def of_request(kind: Kind, request: Fields) -> dict[str, Any]:
    """The editable fields of a request as it is stored."""
    fields = {name: request[name] for name in EDITABLE[kind] if name in request}
    if kind == "membership":
        one = [request["role_slug"]] if "role_slug" in request else []
        fields["role_slugs"] = list(request.get("role_slugs") or one)
    return fields


def get(fields: Fields, field: str) -> Any:
    """The value of a field; None where there is none."""
    name, dot, key = field.partition(".")
    value = fields.get(name)
    return value.get(key) if dot and isinstance(value, Mapping) else None if dot else value


def put(fields: Fields, field: str, value: Any) -> dict[str, Any]:
    """A copy of the fields with this one set; None leaves it out."""
    name, dot, key = field.partition(".")
    if dot:
        inner = dict(fields.get(name) or {})
        if value is None:
            inner.pop(key, None)
        else:
            inner[key] = value
        value = inner or None
    changed = {**fields, name: value}
    if value is None and name != "password_hash":
        del changed[name]
    return changed


def overlaid(fields: Fields, overlay: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with an overlay over them."""
    found = dict(fields)
    for field, value in overlay.items():
        found = put(found, field, value)
    return found


def flat(fields: Fields) -> dict[str, Any]:
    """The fields one by one, metadata by its keys."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "metadata" and isinstance(value, Mapping):
            found |= {f"metadata.{key}": inner for key, inner in value.items()}
        else:
            found[name] = value
    return found


def differences(before: Fields, after: Fields) -> dict[str, tuple[Any, Any]]:
    """What changed: field -> (before, after); None stands for a field that is not there."""
    old, new = flat(before), flat(after)
    return {
        field: (old.get(field), new.get(field))
        for field in (*old, *(field for field in new if field not in old))
        if old.get(field) != new.get(field)
    }


def known(kind: Kind, field: str) -> None:
    """Raise NotEditable for a field that this kind does not have."""
    name, dot, key = field.partition(".")
    if name not in EDITABLE[kind] or (name == "metadata") != bool(dot) or (dot and not key):
        names = [f"{name}.KEY" if name == "metadata" else name for name in EDITABLE[kind]]
        raise NotEditable(f"a {kind} has no field {field!r} to edit; there are: {', '.join(names)}")


def read(kind: Kind, field: str, text: str) -> Any:
    """The value that a text stands for, by the field's type: true or false, a list as JSON or a, b.

    Raises NotEditable.
    """
    known(kind, field)
    expected = EDITABLE[kind][field.partition(".")[0]]
    if expected is bool:
        if text not in ("true", "false"):
            raise NotEditable(f"{field} is true or false, not {text!r}")
        return text == "true"
    if expected is list:
        return _list(kind, field, text)
    if expected is type(None):
        raise NotEditable(f"{field} can only be left out")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotEditable(f"the value of {field} is no text") from None
    return text


def checked(kind: Kind, field: str, value: Any) -> Any:
    """A value from a file, when the field can have it (None: left out). Raises NotEditable."""
    known(kind, field)
    name = field.partition(".")[0]
    if value is None:
        if name in NEEDED or (name == "name" and kind != "user"):
            raise NotEditable(f"{field} can't be left out")
        return None
    expected = str if name == "metadata" else EDITABLE[kind][name]
    if expected is list and isinstance(value, list):
        return _checked_list(field, value)
    if not isinstance(value, expected) or expected is type(None):
        raise NotEditable(f"{field}: {json.dumps(value)} is not what it can hold")
    return value


def _list(kind: Kind, field: str, text: str) -> list[Any]:
    if text.lstrip().startswith("["):
        try:
            return _checked_list(field, json.loads(text))
        except ValueError as error:
            raise NotEditable(f"{field}: {error}") from None
    names = [part.strip() for part in text.split(",") if part.strip()]
    if field == "domain_data":
        return [{"domain": name, "state": "pending"} for name in names]
    return names


def _checked_list(field: str, value: list[Any]) -> list[Any]:
    for item in value:
        if field == "domain_data":
            if not (
                isinstance(item, dict)
                and isinstance(item.get("domain"), str)
                and item.get("state") in ("verified", "pending")
                and len(item) == 2
            ):
                raise NotEditable(f'{field}: each is {{"domain": NAME, "state": "verified" or "pending"}}')
        elif not isinstance(item, str):
            raise NotEditable(f"{field}: each is a text")
    return value


def patched_user(user: "User", fields: Fields) -> "User":
    """The user with these fields in place of their own."""
    from cockpit.records import Password

    gone = "password_hash" in fields and fields["password_hash"] is None
    without = Password.unsupported(DROPPED).changed(user.password.changed_at)
    return user.model_copy(
        update={
            "source_id": fields.get("external_id", ""),
            "email": fields.get("email"),
            "email_verified": bool(fields.get("email_verified")),
            **{name: fields.get(name) for name in ("first_name", "last_name", "name")},
            "metadata": dict(fields.get("metadata") or {}),
            **({"password": without} if gone else {}),
        }
    )


def patched(record: "Resource", fields: Fields) -> "Resource":
    """The resource with these fields in place of its own."""
    from cockpit.records import Domain, Factor, Membership, Organization, Role

    match record:
        case Organization():
            domains = tuple(
                Domain(name=item["domain"], verified=item["state"] == "verified")
                for item in fields.get("domain_data") or ()
            )
            metadata = dict(fields.get("metadata") or {})
            update: dict[str, Any] = {
                "source_id": fields.get("external_id", ""),
                "name": fields.get("name", ""),
                "domains": domains,
                "metadata": metadata,
            }
        case Membership():
            update = {"roles": tuple(fields.get("role_slugs") or ())}
        case Factor():
            update = {"issuer": fields.get("totp_issuer"), "account": fields.get("totp_user")}
        case _:
            update = {"name": fields.get("name", ""), "description": fields.get("description")}
            if isinstance(record, Role):
                update["permissions"] = tuple(fields.get("permissions") or ())
    return record.model_copy(update=update)


def with_hash(fields: Fields, has_hash: bool) -> dict[str, Any]:
    """The fields of a user, with a mask where a hash goes along."""
    return {**fields, "password_hash": MASK} if has_hash else dict(fields)
