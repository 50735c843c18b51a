"""Hash parameters of a project and its tenants: from the settings, or from the API."""

import json
import os
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from cockpit.passwords.firebase_scrypt import Parameters
from cockpit.settings import Secret

ALGORITHM = "SCRYPT"
"""hashConfig.algorithm of Firebase's own hashes."""


def memo_key(tenant: str) -> str:
    """Where the parameters of a tenant ("" for the project) are remembered, as a secret."""
    return f"firebase.hash_config:{tenant}"


def _from_environment(value: Any) -> Any:
    name = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(name, str) or not name.startswith("env:"):
        return value
    name = name.removeprefix("env:")
    found = os.environ.get(name) or dotenv_values(".env").get(name)
    if not found:
        raise ValueError(f"the environment has no {name}")
    return found


def _named(value: Any) -> Any:
    if isinstance(value, str) and not value.startswith(("env:", "keyring:")):
        raise ValueError("a secret is not written here; name it as env:NAME or keyring:NAME")
    return _from_environment(value)


EnvSecret = Annotated[Secret, BeforeValidator(_from_environment)]
"""A secret that may also be named as env:NAME."""


class HashSettings(BaseModel):
    """[source.tenants.NAME]: the console's password hash parameters of one tenant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signer_key: Annotated[Secret, BeforeValidator(_named)]
    salt_separator: str = "Bw=="
    rounds: int = Field(8, ge=1, le=8)
    mem_cost: int = Field(14, ge=1, le=14)


def written(settings: HashSettings) -> str | None:
    """The parameters as they are remembered."""
    if settings.signer_key is None:
        return None
    return _json(
        settings.signer_key.get_secret_value(),
        settings.salt_separator,
        settings.rounds,
        settings.mem_cost,
    )


def answered(config: Any) -> str | None:
    """The same from a hashConfig of the API; None when it has no key or belongs to another algorithm."""
    if not isinstance(config, dict) or config.get("algorithm", ALGORITHM) != ALGORITHM:
        return None
    key = config.get("signerKey")
    if not isinstance(key, str) or not key:
        return None
    separator, rounds, memory = (config.get(k) for k in ("saltSeparator", "rounds", "memoryCost"))
    return _json(key, str(separator or "Bw=="), int(rounds or 8), int(memory or 14))


def _json(key: str, separator: str, rounds: int, memory: int) -> str:
    return json.dumps({"signer_key": key, "salt_separator": separator, "rounds": rounds, "mem_cost": memory})


def remembered(text: str | None) -> Parameters | None:
    """What was remembered, for the mapping."""
    return None if text is None else Parameters(**json.loads(text))
