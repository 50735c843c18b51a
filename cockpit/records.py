"""What moves: users, organizations and what ties them, whichever provider they come from."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from cockpit.terms import AccountStatus, HashType, PasswordState, Trait


class Record(BaseModel):
    """Base of everything that moves: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Password(Record):
    """What is known of a user's password. `hash` is set exactly when `state` is `carried`.

    `changed_at` (ms) is when the user last changed it, where the source tells.
    """

    state: PasswordState = "absent"
    type: HashType | None = None
    hash: SecretStr | None = None
    salt_position: Literal["prefix", "suffix"] | None = None
    reason: str | None = None
    changed_at: int | None = None

    @classmethod
    def unsupported(cls, reason: str) -> "Password":
        """There was a password and it can't go along, for this reason."""
        return cls(state="unsupported", reason=reason)

    @classmethod
    def carried(cls, kind: HashType, encoded: str) -> "Password":
        """The hash in the target's encoding."""
        return cls(state="carried", type=kind, hash=SecretStr(encoded))

    def changed(self, at_ms: int | None) -> "Password":
        """The same, last changed at that time."""
        return self if at_ms is None else self.model_copy(update={"changed_at": at_ms})


class User(Record):
    """One person, as mapped from a provider's raw record.

    `source_id` is the provider's primary id and becomes the target's external_id. Metadata values are
    strings, as the target takes them. `federated`: no password of their own, and nothing but social or
    enterprise identities to sign in with. `lost_factors` names second factors that can't move ("sms",
    "passkey"), `warnings` what the mapping had to cut or leave out.
    """

    source_id: str
    email: str | None = None
    email_verified: bool = False
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    connection: str | None = None
    password: Password = Password()
    status: AccountStatus = "active"
    federated: bool = False
    lost_factors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def traits(self) -> tuple[Trait, ...]:
        """What a policy may hold this user back for."""
        found: list[Trait] = [] if self.status == "active" else [self.status]
        if self.federated:
            found.append("federated")
        if self.email and not self.email_verified:
            found.append("unverified")
        return tuple(found)

    def request(self) -> dict[str, Any]:
        """The body of POST /user_management/users without the password; None values are left out."""
        body: dict[str, Any] = {"email": (self.email or "").strip(), "email_verified": self.email_verified}
        for field in ("first_name", "last_name", "name"):
            if (value := getattr(self, field)) is not None:
                body[field] = value
        body["external_id"] = self.source_id
        if self.metadata:
            body["metadata"] = self.metadata
        return body


class Domain(Record):
    """A domain of an organization. A verified one lets people with such an e-mail in by SSO."""

    name: str
    verified: bool = False


class Organization(Record):
    """A customer, as mapped from a provider's raw record. `source_id` becomes the target's external_id."""

    source_id: str
    name: str
    domains: tuple[Domain, ...] = ()
    metadata: dict[str, str] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def request(self) -> dict[str, Any]:
        """The body of POST /organizations; what is empty is left out."""
        body: dict[str, Any] = {"name": self.name, "external_id": self.source_id}
        if self.domains:
            body["domain_data"] = [
                {"domain": domain.name, "state": "verified" if domain.verified else "pending"}
                for domain in self.domains
            ]
        if self.metadata:
            body["metadata"] = self.metadata
        return body


class Permission(Record):
    """A permission that roles grant. Its slug is its id."""

    slug: str
    name: str
    description: str | None = None

    def request(self) -> dict[str, Any]:
        """The body of POST /authorization/permissions."""
        return _without_none({"slug": self.slug, "name": self.name, "description": self.description})


class Role(Record):
    """A role of the environment, or of one organization (by its source id)."""

    slug: str
    name: str
    description: str | None = None
    permissions: tuple[str, ...] = ()
    organization: str | None = None

    @property
    def key(self) -> str:
        """What tells it from every other role: slugs are an organization's own."""
        return self.slug if self.organization is None else f"{self.organization}/{self.slug}"

    def request(self) -> dict[str, Any]:
        """The body of POST /authorization/roles; permissions are set by a request of their own."""
        return _without_none({"slug": self.slug, "name": self.name, "description": self.description})


class Membership(Record):
    """A user's place in an organization, both by their source ids, with the slugs of the roles there.

    `inactive`: it is not in force at the source (invited, deactivated), in the provider's word.
    """

    user: str
    organization: str
    roles: tuple[str, ...] = ()
    inactive: str | None = None

    @property
    def key(self) -> str:
        """What tells it from every other membership."""
        return f"{self.organization}/{self.user}"

    def request(self) -> dict[str, Any]:
        """The roles of POST /user_management/organization_memberships; the ids are known when it is sent."""
        if not self.roles:
            return {}
        return {"role_slug": self.roles[0]} if len(self.roles) == 1 else {"role_slugs": list(self.roles)}


class Factor(Record):
    """A user's authenticator app (TOTP). `secret` is Base32; without one `problem` says why it can't move."""

    source_id: str
    user: str
    secret: SecretStr | None = None
    problem: str | None = None
    issuer: str | None = None
    account: str | None = None

    def request(self) -> dict[str, Any]:
        """The body of POST /user_management/users/{id}/auth_factors without the secret."""
        named = {"type": "totp", "totp_issuer": self.issuer, "totp_user": self.account}
        return _without_none(named)


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in body.items() if value is not None}
