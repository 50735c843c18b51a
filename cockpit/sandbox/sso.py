"""The SSO connections of a source: made from a seed and a number, good ones and every kind of bad one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from cockpit.sandbox import certificates
from cockpit.sandbox.certificates import KeyKind, Pair
from cockpit.sandbox.companies import Companies
from cockpit.sandbox.people import Dice

Protocol = Literal["saml", "oidc", "wsfed"]
Maker = Literal["okta", "entra", "generic"]
NameId = Literal["emailAddress", "transient", "persistent"]

EMAIL, PERSISTENT, TRANSIENT = "emailAddress", "persistent", "transient"
_FORMATS: dict[str, str] = {
    EMAIL: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    PERSISTENT: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    TRANSIENT: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
}
LOCAL = "/_sandbox/idp"
"""Where the sandbox serves what customers' IdPs publish."""
_SALT = 11
"""Sets the dice of connections apart from all others."""
_EXPIRES_IN = timedelta(days=20)
_LATER = certificates.moment(2040)


class Case(Enum):
    """What is remarkable in a connection. What a provider has no field for, its records don't show."""

    CLEAN_SAML = "SAML, nothing remarkable"
    CLEAN_OIDC = "OIDC, nothing remarkable"
    TWO_CERTIFICATES = "the IdP is about to change its certificate: there are two"
    SIGNED_BY_SHARED_KEY = "requests are signed by a key of the whole tenant"
    SIGNED_BY_OWN_KEY = "requests are signed by the connection's own key, which is there"
    ENCRYPTED_FOR_SHARED_KEY = "assertions are encrypted for a key of the whole tenant"
    ENCRYPTED_FOR_OWN_KEY = "assertions are encrypted for the connection's own key, which is there"
    KEY_WITHOUT_CERTIFICATE = "the key that decrypts is there, its certificate is not"
    TRANSIENT_NAME_ID = "the IdP calls people by another id each time"
    PERSISTENT_NAME_ID = "the IdP calls people by an opaque id"
    EXPIRED_CERTIFICATE = "the certificate has expired"
    EXPIRING_CERTIFICATE = "the certificate expires within a month"
    PRIVATE_KEY_PASTED = "a private key stands in the certificate's place"
    SHARED = "two organizations use it"
    WS_FED = "it speaks WS-Federation"
    IDP_INITIATED = "sign-ins begin at the IdP"
    NO_SECRET = "the client secret is not there"
    NO_DISCOVERY = "endpoints only, without a discovery document"
    HTTP_URL = "the IdP's address is http"
    FREE_MAIL_DOMAIN = "its domain is one where anybody has an address"
    SAME_ENTITY_ID = "its IdP has the entity id of another connection's"
    SAME_DOMAIN = "its domain is another connection's too"
    WEAK_KEY = "the certificate's key has 1,024 bits"
    NOT_A_CERTIFICATE = "what stands in the certificate's place is none"
    PRIVATE_KEY_JWT = "the client proves itself by a key"


_ENCRYPTED = {Case.ENCRYPTED_FOR_SHARED_KEY, Case.ENCRYPTED_FOR_OWN_KEY, Case.KEY_WITHOUT_CERTIFICATE}
_WITH_KEYS = {Case.SIGNED_BY_OWN_KEY, Case.ENCRYPTED_FOR_OWN_KEY, Case.KEY_WITHOUT_CERTIFICATE}
_NAME_IDS = {Case.TRANSIENT_NAME_ID: TRANSIENT, Case.PERSISTENT_NAME_ID: PERSISTENT}
_OIDC = {Case.CLEAN_OIDC, Case.NO_SECRET, Case.NO_DISCOVERY, Case.PRIVATE_KEY_JWT}
_FIRST = (Case.CLEAN_SAML, Case.CLEAN_SAML, Case.TWO_CERTIFICATES, Case.CLEAN_OIDC, Case.CLEAN_OIDC)
CASES = (*_FIRST, *(case for case in Case if case not in _FIRST))
"""In this order; those of more connections are clean, every fourth by OIDC. 24 have all up to SAME_DOMAIN."""


class Connection(NamedTuple):
    """What is true of a connection whatever the provider; created_at in milliseconds.

    `companies` are numbers. `signing` and `decryption` are the connection's own keys; where `signed` or
    `encrypted` is set without them, a key of the whole tenant is used.
    """

    number: int
    case: Case
    protocol: Protocol
    maker: Maker
    slug: str
    name: str
    token: int
    companies: tuple[int, ...]
    domains: tuple[str, ...]
    host: str
    scheme: Literal["https", "http"]
    entity_id: str
    certificates: tuple[str, ...]
    signed: bool
    signing: Pair | None
    encrypted: bool
    decryption: Pair | None
    name_id: str
    idp_initiated: bool
    client_id: str
    client_secret: str | None
    by_key: bool
    created_at: int

    @property
    def hex(self) -> str:
        """16 hexadecimal digits for ids, the last eight of them the number."""
        return f"{self.token:016x}"[:8] + f"{self.number:08x}"

    @property
    def sso_url(self) -> str:
        """Where the IdP takes requests."""
        return f"{self.scheme}://{self.host}/app/{self.slug}/sso/saml"

    @property
    def issuer(self) -> str:
        """The OpenID provider's."""
        return f"https://{self.host}/oauth2/{self.slug}"

    @property
    def metadata_url(self) -> str | None:
        """Where the IdP publishes its SAML metadata, if it does so."""
        return f"https://{self.host}/app/{self.slug}/sso/saml/metadata" if self.maker == "entra" else None

    @property
    def discovery_url(self) -> str | None:
        """The OpenID provider's document."""
        if self.case is Case.NO_DISCOVERY:
            return None
        return f"{self.issuer}/.well-known/openid-configuration"

    @property
    def metadata_xml(self) -> str:
        """What the SAML IdP says of itself."""
        keys = "".join(
            '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
            f"{certificates.bare(cert)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            for cert in self.certificates
        )
        wanted = "true" if self.signed else "false"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
            f'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{self.entity_id}">'
            f'<md:IDPSSODescriptor WantAuthnRequestsSigned="{wanted}" '
            'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f"{keys}<md:NameIDFormat>{self.name_id}</md:NameIDFormat>"
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
            f'Location="{self.sso_url}"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        )

    @property
    def discovery(self) -> dict[str, object]:
        """What the OpenID provider says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }


class Connections:
    """All connections of a source. Nothing is kept but what was asked for."""

    def __init__(self, companies: Companies, seed: int, count: int, now: float) -> None:
        self._companies, self._seed, self._count = companies, seed, count
        # A certificate that expires soon is the same one all day.
        self._today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._made = lru_cache(maxsize=None)(self._make)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Connection:
        return self._made(number)

    def all(self) -> Iterator[Connection]:
        """Every connection, oldest first."""
        return (self[number] for number in range(self._count))

    def of_company(self, company: int) -> list[Connection]:
        """Those that a company uses."""
        return [one for one in self.all() if company in one.companies]

    @cached_property
    def saml(self) -> Sequence[Connection]:
        """Those by SAML."""
        return [one for one in self.all() if one.protocol == "saml"]

    @cached_property
    def oidc(self) -> Sequence[Connection]:
        """Those by OpenID Connect."""
        return [one for one in self.all() if one.protocol == "oidc"]

    def by_metadata_url(self, url: str) -> Connection | None:
        """The SAML connection whose IdP publishes its metadata there, or at the sandbox under that path."""
        local = (f"{LOCAL}/{one.number}/metadata" for one in self.saml)
        pairs = zip(self.saml, local, strict=True)
        return next((one for one, path in pairs if url in (path, one.metadata_url)), None)

    def _make(self, number: int) -> Connection:
        dice = Dice(self._seed + _SALT, number)
        token = dice.bits()
        case = self._case(number)
        protocol: Protocol = "wsfed" if case is Case.WS_FED else "oidc" if case in _OIDC else "saml"
        makers: tuple[Maker, ...] = ("okta", "entra", "generic")
        maker = makers[number % 3]
        company = self._companies.company(number % len(self._companies)) if len(self._companies) else None
        slug = f"{company.slug if company else 'customer'}-{maker}-{number}"
        host = f"{maker}.{slug}.example"
        named = self[0].entity_id if case is Case.SAME_ENTITY_ID else _entity_id(maker, host, token)
        own = None
        if case in _WITH_KEYS:
            own = self._pair(
                f"{number} sp", "ec" if case is Case.SIGNED_BY_OWN_KEY else "rsa", "service provider"
            )
        return Connection(
            number=number,
            case=case,
            protocol=protocol,
            maker=maker,
            slug=slug,
            name=f"{company.name if company else 'Customer'} {protocol.upper()}",
            token=token,
            companies=self._users_of(number, case),
            domains=self._domains(number, case),
            host=host,
            scheme="http" if case is Case.HTTP_URL else "https",
            entity_id=named,
            certificates=self._certificates(number, case, host),
            signed=case in (Case.SIGNED_BY_SHARED_KEY, Case.SIGNED_BY_OWN_KEY),
            signing=own if case is Case.SIGNED_BY_OWN_KEY else None,
            encrypted=case in _ENCRYPTED,
            decryption=own if case in _ENCRYPTED else None,
            name_id=_FORMATS[_NAME_IDS.get(case, EMAIL)],
            idp_initiated=case is Case.IDP_INITIATED,
            client_id=f"client-{token:016x}",
            client_secret=None
            if case in (Case.NO_SECRET, Case.PRIVATE_KEY_JWT)
            else f"oidc-{dice.bits():016x}",
            by_key=case is Case.PRIVATE_KEY_JWT,
            created_at=(company.created_at if company else 1_600_000_000_000) + number,
        )

    def _case(self, number: int) -> Case:
        if number < len(CASES):
            return CASES[number]
        return Case.CLEAN_SAML if number % 4 else Case.CLEAN_OIDC

    def _users_of(self, number: int, case: Case) -> tuple[int, ...]:
        count = len(self._companies)
        if not count:
            return ()
        return tuple(sorted({number % count, *([(number + 1) % count] if case is Case.SHARED else [])}))

    def _domains(self, number: int, case: Case) -> tuple[str, ...]:
        if case is Case.FREE_MAIL_DOMAIN:
            return ("gmail.com",)
        if case is Case.SAME_DOMAIN:
            return self._domains(1, Case.CLEAN_SAML)
        if not len(self._companies):
            return (f"customer{number}.example",)
        company = self._companies.company(number % len(self._companies))
        return tuple(domain.name for domain in company.domains[:1]) or (f"{company.slug}.example",)

    def _certificates(self, number: int, case: Case, host: str) -> tuple[str, ...]:
        if case in _OIDC:
            return ()
        if case is Case.NOT_A_CERTIFICATE:
            return ("-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n",)
        kind: KeyKind = "weak" if case is Case.WEAK_KEY else "ec"
        ends = _LATER
        if case is Case.EXPIRED_CERTIFICATE:
            ends = certificates.moment(2023, 6)
        elif case is Case.EXPIRING_CERTIFICATE:
            ends = self._today + _EXPIRES_IN
        pair = self._pair(f"{number} idp", kind, host, ends)
        if case is Case.PRIVATE_KEY_PASTED:
            return (pair.key,)
        if case is Case.TWO_CERTIFICATES:
            return (pair.cert, self._pair(f"{number} idp next", "rsa", host, certificates.moment(2041)).cert)
        return (pair.cert,)

    def _pair(self, what: str, kind: KeyKind, name: str, ends: datetime = _LATER) -> Pair:
        return certificates.pair(f"{self._seed} {what}", kind, name, certificates.moment(2022), ends)


def _entity_id(maker: Maker, host: str, token: int) -> str:
    """As those IdPs write theirs."""
    if maker == "okta":
        return f"http://www.okta.com/exk{token:016x}"
    if maker == "entra":
        return f"https://sts.windows.net/{token:016x}-0000-4000-8000-000000000000/"
    return f"https://{host}/saml"
