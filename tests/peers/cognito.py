"""python -m tests.peers.cognito USERS: moto's Cognito with a pool of so many users, on a free loopback port.

It prints one line, {"base_url", "pool"}, when it can be asked, and runs until its standard input ends. Users
are put into moto's own models: by AdminCreateUser, 20,000 would take two minutes.
"""

import importlib.util
import json
import logging
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from tests.peers.journey import Source
from tests.peers.servers import END_S

ACCOUNT, REGION = "123456789012", "us-east-1"
"""The account is moto's own."""
STATUSES = ("CONFIRMED", "UNCONFIRMED", "EXTERNAL_PROVIDER", "RESET_REQUIRED", "FORCE_CHANGE_PASSWORD")
KEYS = {
    "AWS_ACCESS_KEY_ID": "only",
    "AWS_SECRET_ACCESS_KEY": "for-tests",
    "AWS_EC2_METADATA_DISABLED": "true",
}
SETTINGS = (
    '[source]\nprovider = "cognito"\nuser_pool_id = "{pool}"\nregion = "{region}"\nbase_url = "{base_url}"\n'
)


def sub(number: int) -> str:
    """The id of a user, in no order."""
    return str(UUID(int=random.Random(number).getrandbits(128), version=4))


def user(number: int) -> dict[str, Any]:
    """A user as ListUsers shows it, but for its dates."""
    status = STATUSES[number % 60 if number % 60 < len(STATUSES) else 0]
    attributes = {"sub": sub(number), "name": f"Ana Díaz-Müller 日本 {number}"}
    if number % 50 == 7:
        attributes["phone_number"] = f"+1555{number:07}"
    else:
        attributes |= {"email": f"user{number}@example.com", "email_verified": str(number % 3 == 0).lower()}
    if status == "EXTERNAL_PROVIDER":
        attributes["identities"] = json.dumps([{"providerName": "Google", "userId": str(10**20 + number)}])
    return {
        "Username": sub(number) if number % 2 else f"user{number}",
        "Attributes": attributes,
        "Enabled": number % 40 != 3,
        "UserStatus": status,
    }


def missing() -> str | None:
    """Why there is no such server here; None when there is."""
    return None if importlib.util.find_spec("moto") else "moto is not installed"


@contextmanager
def pool(users: int) -> Iterator[Source]:
    """A server in a process of its own, as the source of a journey."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.peers.cognito", str(users)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        if not (line := process.stdout.readline()):
            raise RuntimeError(f"moto did not start: exit {process.wait(timeout=END_S)}")
        yield Source("cognito", SETTINGS.format(**json.loads(line), region=REGION), KEYS)
    finally:
        process.stdin.close()
        process.wait(timeout=END_S)
        process.stdout.close()


def main(users: int) -> None:
    """Serve."""
    from moto.cognitoidp.models import cognitoidp_backends
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    backend = cognitoidp_backends[ACCOUNT][REGION]
    made = backend.create_user_pool("everybody", {})
    made.users = {shown["Username"]: _stored(made.id, shown) for shown in map(user, range(users))}
    host, port = server.get_host_and_port()
    print(json.dumps({"base_url": f"http://{host}:{port}", "pool": made.id}), flush=True)
    sys.stdin.read()
    server.stop()


def _stored(pool_id: str, shown: dict[str, Any]) -> Any:
    from moto.cognitoidp.models import CognitoIdpUser

    stored = CognitoIdpUser(pool_id, shown["Username"], None, shown["UserStatus"], [])
    stored.update_attributes([{"Name": name, "Value": value} for name, value in shown["Attributes"].items()])
    stored.enabled = shown["Enabled"]
    return stored


if __name__ == "__main__":
    main(int(sys.argv[1]))
