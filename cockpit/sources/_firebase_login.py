"""A Google service account's key -> access tokens, by the OAuth 2.0 JWT bearer grant (RFC 7523)."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cockpit.clock import Clock
from cockpit.settings import SettingsError
from cockpit.sources._api import patiently, refused
from cockpit.transport import Allow, Client, Retrying, client, parsed

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/identitytoolkit"
LIFETIME_S = 3600
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"


@dataclass(frozen=True)
class ServiceAccount:
    """What of the key file is needed."""

    email: str
    project: str | None
    key_id: str | None
    token_uri: str
    key: rsa.RSAPrivateKey = field(repr=False)


def read(path: Path) -> ServiceAccount:
    """The key file that GOOGLE_APPLICATION_CREDENTIALS names. Raises SettingsError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{VARIABLE}: {path}: {error.strerror}") from None
    except ValueError:
        raise SettingsError(f"{VARIABLE}: {path} is not JSON") from None
    kind = content.get("type") if isinstance(content, dict) else None
    if kind != "service_account":
        raise SettingsError(
            f"{VARIABLE}: {path} is no service account's key (its type is {kind!r}); "
            "make one in the console, IAM > Service accounts > Keys"
        )
    try:
        key = serialization.load_pem_private_key(content["private_key"].encode(), password=None)
        email, token_uri = str(content["client_email"]), str(content["token_uri"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise SettingsError(
            f"{VARIABLE}: {path} has no usable private_key, client_email, token_uri"
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(f"{VARIABLE}: {path}: private_key is no RSA key")
    return ServiceAccount(email, content.get("project_id"), content.get("private_key_id"), token_uri, key)


class Login:
    """Exchanges assertions at the account's token_uri."""

    def __init__(self, account: ServiceAccount, clock: Clock, retrying: Retrying, timeout: float) -> None:
        self._account, self._clock, self._retrying = account, clock, retrying
        parts = urlsplit(account.token_uri)
        self._path = parts.path
        self._http: Client = client(
            f"{parts.scheme}://{parts.netloc}",
            timeout=timeout,
            allow=[Allow("POST", ".*")],
            max_connections=1,
        )

    async def fetch(self) -> tuple[str, float]:
        """A token and its seconds. Raises SourceRefused, SourceError."""
        form = {"grant_type": GRANT, "assertion": self._assertion()}
        response = await patiently(
            "firebase", self._retrying, lambda: self._http.read("POST", self._path, data=form)
        )
        if not response.is_success:
            raise refused(
                f"firebase: the key of {self._account.email} is refused ({response.status_code}); "
                f"check {VARIABLE} and this machine's clock, the same command resumes"
            )
        reply = parsed(response)
        return str(reply["access_token"]), float(reply.get("expires_in", LIFETIME_S))

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    def _assertion(self) -> str:
        now = int(self._clock.now())
        header = {"alg": "RS256", "typ": "JWT", "kid": self._account.key_id}
        claims = {
            "iss": self._account.email,
            "scope": SCOPES,
            "aud": self._account.token_uri,
            "iat": now,
            "exp": now + LIFETIME_S,
        }
        signed = b".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
        signature = self._account.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + _base64(signature)).decode()


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
