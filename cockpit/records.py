"""What moves: users as cockpit understands them, whichever provider they come from."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from cockpit.terms import HashType, PasswordState


class Record(BaseModel):
    """Base of everything that moves: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Password(Record):
    """What is known of a user's password. `hash` is set exactly when `state` is `carried`."""

    state: PasswordState = "absent"
    type: HashType | None = None
    hash: SecretStr | None = None
    salt_position: Literal["prefix", "suffix"] | None = None
    reason: str | None = None

    @classmethod
    def unsupported(cls, reason: str) -> "Password":
        """There was a password and it can't go along, for this reason."""
        return cls(state="unsupported", reason=reason)

    @classmethod
    def carried(cls, kind: HashType, encoded: str) -> "Password":
        """The hash in the target's encoding."""
        return cls(state="carried", type=kind, hash=SecretStr(encoded))


class User(Record):
    """One person, as mapped from a provider's raw record.

    `source_id` is the provider's primary id and becomes the target's external_id. Metadata values are
    strings, as the target takes them. `warnings` names what the mapping had to cut or leave out.
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
    blocked: bool = False
    warnings: tuple[str, ...] = ()

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
