"""Accounts for the Firebase emulator, with hashes that were really computed, and how they get there."""

import base64
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from cockpit.sandbox.passwords import FirebaseHash, firebase_hash, signer_key
from tests.peers.journey import Source
from tests.peers.servers import Server

Account = dict[str, Any]

CHUNK = 1000
SECRETS = 4
"""Passwords that everybody shares; a hash takes 60 ms to compute."""

SETTINGS = """
[source]
provider = "firebase"
project = "{project}"
[source.tenants]
{tenants}
"""


@dataclass(frozen=True)
class Realm:
    """Accounts under one signer key: a project's own (no tenant) or those of a tenant."""

    numbers: range
    tenant: str = ""

    @property
    def signer_key(self) -> str:
        """Base64, as the console shows it."""
        return base64.b64encode(signer_key(1, self.tenant)).decode()

    def hash_of(self, number: int) -> FirebaseHash | None:
        """The password of that account with its hash; every fifth signs in with Google only."""
        if number % 5 == 4 or not has_email(number):
            return None
        return firebase_hash(number % SECRETS, signer_key(1, self.tenant))

    def account(self, number: int) -> Account:
        """The account as accounts:batchCreate takes it."""
        made: Account = {
            "localId": f"{number:06}{'firebase' * 3}"[:28],
            "displayName": f"Ana Díaz-Müller 日本 {number}",
            "emailVerified": number % 3 == 0,
            "disabled": number % 40 == 3,
            "createdAt": str(1_600_000_000_000 + number),
        }
        if has_email(number):
            made["email"] = f"user{number}@example.com"
        else:
            made["phoneNumber"] = f"+1555{number:07}"
        if number % 5 == 4:
            made["providerUserInfo"] = [{"providerId": "google.com", "rawId": str(10**20 + number)}]
        elif (stored := self.hash_of(number)) is not None:
            made["passwordHash"], made["salt"] = stored.digest, stored.salt
        return made

    def accounts(self) -> Iterator[Account]:
        """All of them."""
        return map(self.account, self.numbers)


def has_email(number: int) -> bool:
    """All but one in fifty, who have a telephone."""
    return number % 50 != 7


def number_of(account: Account) -> int:
    """The number that an account was made from."""
    return int(account["localId"][:6])


def settings(project: str, realms: Sequence[Realm]) -> str:
    """The [source] of cockpit.toml; the keys are in the environment."""
    tenants = [f'{realm.tenant}.signer_key = "env:{_variable(realm)}"' for realm in realms if realm.tenant]
    return SETTINGS.format(project=project, tenants="\n".join(tenants))


def environment(host: str, realms: Sequence[Realm]) -> dict[str, str]:
    """What cockpit needs to read from the emulator, and the parameters that it does not tell."""
    keys = {_variable(realm): realm.signer_key for realm in realms}
    return {"FIREBASE_AUTH_EMULATOR_HOST": host, **keys}


def source(emulator: Server, project: str, realms: Sequence[Realm]) -> Source:
    """A project of the emulator as the source of a journey."""
    return Source("firebase", settings(project, realms), environment(emulator.host, realms))


def _variable(realm: Realm) -> str:
    return "FIREBASE_SIGNER_KEY" + realm.tenant.replace("-", "_").upper()


def seed(emulator: Server, project: str, realm: Realm) -> None:
    """Create the accounts of a realm in a project of the emulator."""
    below = f"/tenants/{realm.tenant}" if realm.tenant else ""
    path = f"/identitytoolkit.googleapis.com/v1/projects/{project}{below}/accounts:batchCreate"
    parameters = {
        "hashAlgorithm": "SCRYPT",
        "signerKey": realm.signer_key,
        "saltSeparator": "Bw==",
        "rounds": 8,
        "memoryCost": 14,
    }
    with _client(emulator) as client:
        accounts = realm.accounts()
        while part := list(itertools.islice(accounts, CHUNK)):
            answer = client.post(path, json={**parameters, "users": part}).raise_for_status().json()
            assert not answer.get("error"), answer["error"][:3]


def create_tenant(emulator: Server, project: str, name: str) -> str:
    """A new tenant's id."""
    path = f"/identitytoolkit.googleapis.com/v2/projects/{project}/tenants"
    body = {"displayName": name, "allowPasswordSignup": True}
    with _client(emulator) as client:
        answer = client.post(path, json=body).raise_for_status().json()
    return str(answer["name"]).rpartition("/")[2]


def _client(emulator: Server) -> httpx.Client:
    return httpx.Client(
        base_url=emulator.base_url, headers={"authorization": "Bearer owner"}, timeout=60, trust_env=False
    )
