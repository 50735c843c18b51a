"""A running sandbox as tests see it: its switches, what it holds, what it was asked."""

import json
import urllib.request
from typing import Any
from urllib.parse import quote

KEY = "sk_sandbox"
SOURCE = """
[source]
provider = "auth0"
domain = "sandbox"
base_url = "{base_url}/auth0"
page_lines = {page_lines}
"""
CREDENTIALS = {"AUTH0_CLIENT_ID": "sandbox", "AUTH0_CLIENT_SECRET": "sandbox-secret"}


class Remote:
    """The control API and the target of one sandbox."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request with the key, past every limiter of ours."""
        request = urllib.request.Request(
            self.base_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = response.read()
        return json.loads(answer) if answer else None

    def configure(self, **switches: object) -> None:
        """Set switches; `faults` is one of them."""
        self.call("POST", "/_sandbox/config", switches)

    def reset(self) -> None:
        """Everything as at the start."""
        self.call("POST", "/_sandbox/reset")

    def stats(self) -> dict[str, Any]:
        """What was asked and answered."""
        return dict(self.call("GET", "/_sandbox/stats"))

    def bad(self) -> dict[str, str]:
        """The source's bad records: id -> reason."""
        return {bad["id"]: bad["reason"] for bad in self.call("GET", "/_sandbox/bad")}

    def correct(self, ident: str, **fields: object) -> None:
        """Change a record at the source."""
        self.call("PATCH", f"/_sandbox/source/users/{quote(ident, safe='')}", fields)

    def add(self, **record: object) -> None:
        """Somebody signs up at the source."""
        self.call("POST", "/_sandbox/source/users", record)

    def delete(self, ident: str) -> None:
        """Somebody leaves the source."""
        self.call("DELETE", f"/_sandbox/source/users/{quote(ident, safe='')}")

    def create(self, **fields: object) -> dict[str, Any]:
        """A user that the target has."""
        return dict(self.call("POST", "/user_management/users", fields))

    def get(self, external_id: str) -> dict[str, Any]:
        """A user at the target by its external id."""
        return dict(self.call("GET", f"/user_management/users/external_id/{quote(external_id, safe='')}"))

    def users(self) -> list[dict[str, Any]]:
        """Everybody at the target, briefly."""
        return self.all("users")

    def all(self, path: str) -> list[dict[str, Any]]:
        """All of a paged list of the control API, such as "tenancy/memberships"."""
        found: list[dict[str, Any]] = []
        after = ""
        while after is not None:
            page = self.call("GET", f"/_sandbox/{path}?limit=1000{after and f'&after={after}'}")
            found += page[path.rpartition("/")[2]]
            after = page["after"]
        return found

    def source_settings(self, page_lines: int = 100) -> str:
        """[source] of a settings file for this sandbox's Auth0."""
        return SOURCE.format(base_url=self.base_url, page_lines=page_lines)
