"""An ID token, verified (OpenID Connect Core, section 3.1.3.7)."""

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.sso.attempts import Rejected

_SKEW_S = 60


def verified(
    token: str, keys: Json, *, algorithm: str, issuer: str, audience: str, nonce: str, now: float
) -> Json:
    """Its claims, `sub` among them; `keys` are the provider's. Rejected when it may not be believed."""
    wanted = jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=_SKEW_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
    )
    try:
        found = jwt.decode(token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=[algorithm])
        wanted.validate(found.claims)
    except (JoseError, ValueError, KeyError) as error:
        reason = str(error) or type(error).__name__
        raise Rejected("oauth_failed", f"The ID token is not valid: {reason}") from None
    return dict(found.claims)
