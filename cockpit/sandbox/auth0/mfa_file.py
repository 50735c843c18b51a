"""The file of TOTP secrets that Auth0's support sends with the hashes (documentation: export MFA secrets).

UNVERIFIED: nothing public shows its layout. The lines are NDJSON like those of the hashes, and the factors in
them are worded as Auth0's own import of users takes them: mfa_factors[].totp.secret, Base32 without padding.
"""

import json
from collections.abc import Iterator

from cockpit.sandbox.factors import Factors
from cockpit.sandbox.population import Population


def lines(population: Population, factors: Factors) -> Iterator[bytes]:
    """One line for each user with an enrolled app."""
    for index in population.indices():
        totp = factors.totp(index)
        if totp is None or not totp.verified:
            continue
        record = population.record(index)
        line = {
            "user_id": record["user_id"],
            "email": record.get("email"),
            "tenant": "sandbox",
            "mfa_factors": [{"totp": {"secret": totp.secret}}],
        }
        yield json.dumps(line, separators=(",", ":")).encode() + b"\n"
