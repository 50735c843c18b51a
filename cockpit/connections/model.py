"""An SSO connection as its provider describes it, whichever that is. Pure."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from cockpit.records import Record

Protocol = Literal["saml", "oidc", "other"]
"""other: neither (WS-Federation, an AD or LDAP connector); `Connection.kind` has its own word."""

CertificateUse = Literal["signing", "encryption"]

PRIVATE_KEY = "a private key was here"
"""What stands in a certificate's place where somebody pasted a private key; the key itself is not kept."""


class Certificate(Record):
    """An X.509 certificate: PEM, or its Base64 alone, as the provider has it.

    `use` as in the metadata it came from (KeyDescriptor/@use), None where that does not say.
    """

    pem: str
    use: CertificateUse | None = None

    @field_validator("pem")
    @classmethod
    def _without_private_key(cls, pem: str) -> str:
        return PRIVATE_KEY if "PRIVATE KEY" in pem else pem


class KeyPair(Record):
    """A private key (PEM) and its certificate; either may be missing where the provider keeps it back."""

    key: SecretStr | None = None
    certificate: str | None = None

    @property
    def complete(self) -> bool:
        """Whether WorkOS could take it: its sp_signing_key_pair and sp_encryption_key_pairs need both."""
        return self.key is not None and self.certificate is not None


class Saml(Record):
    """The SAML side of a connection. None always means: the source does not say.

    `idp_*`, `certificates` and `metadata_*` describe the customer's IdP, `sp_entity_id` and `acs_url` the
    service provider that it knows today. `signs_requests`: the provider signs AuthnRequests; `signing` is the
    connection's own pair, None where a key of the whole tenant does it. `wants_signed_requests`: the IdP's
    metadata asks for it. `encrypts_assertions` and `decryption`: the same of assertions.
    `bindings`: the URNs, or the last words of them ("HTTP-POST", "HTTP-Artifact"), responses may come by.
    """

    idp_entity_id: str | None = None
    idp_sso_url: str | None = None
    certificates: tuple[Certificate, ...] = ()
    metadata_url: str | None = None
    metadata_xml: str | None = None
    sp_entity_id: str | None = None
    acs_url: str | None = None
    name_id_format: str | None = None
    signs_requests: bool | None = None
    wants_signed_requests: bool | None = None
    signing: KeyPair | None = None
    encrypts_assertions: bool | None = None
    decryption: tuple[KeyPair, ...] = ()
    name_id_decryption_key: SecretStr | None = None
    idp_initiated: bool | None = None
    bindings: tuple[str, ...] = ()


class Oidc(Record):
    """The OpenID Connect side of a connection. None always means: the source does not say.

    `redirect_uri` is the callback that the IdP knows today. `token_auth_method` as in OpenID Connect
    Discovery (client_secret_post, private_key_jwt, none ...), `response_mode` as in its front channel
    (query, form_post). `jwt_signing`: the pair that signs client assertions.
    """

    client_id: str | None = None
    client_secret: SecretStr | None = None
    discovery_endpoint: str | None = None
    issuer: str | None = None
    redirect_uri: str | None = None
    pkce: bool | None = None
    token_auth_method: str | None = None
    response_mode: str | None = None
    response_type: str | None = None
    scopes: tuple[str, ...] = ()
    jwt_signing: KeyPair | None = None


class Attributes(Record):
    """Which claim or SAML attribute feeds which field; `custom`: the application's own fields by name."""

    idp_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    groups: str | None = None
    custom: dict[str, str] = Field(default_factory=dict)


class Connection(Record):
    """One SSO connection of one provider.

    `source_id` is the provider's primary id and becomes the external id at the target. `kind` is the
    provider's own word for what it is (samlp, waad, adfs). `organizations` are source ids of all that use it;
    `organization_name` and `organization_target` (the WorkOS id) where the record itself names them.
    `idp` guesses the IdP's make (okta, entra ...). `facts` are settings that have no field here, named as
    at the source and never secret; they go along as notes. `warnings` ("field: what"): what was left out.
    """

    provider: str
    source_id: str
    name: str
    protocol: Protocol
    kind: str = ""
    enabled: bool = True
    organizations: tuple[str, ...] = ()
    organization_name: str | None = None
    organization_target: str | None = None
    domains: tuple[str, ...] = ()
    saml: Saml | None = None
    oidc: Oidc | None = None
    attributes: Attributes = Attributes()
    idp: str | None = None
    facts: dict[str, str] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
