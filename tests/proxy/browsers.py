"""Browsers that log in: with cookies, several tabs, reloads, and patience while a proxy restarts."""

import asyncio
import itertools
import random
from collections import Counter
from http.cookies import SimpleCookie
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import aiohttp

from cockpit.rollout import saml_request
from cockpit.rollout.route import Side
from tests.proxy import messages
from tests.proxy.running import HOST, RunningProxy
from tests.proxy.sides import Sides

Way = Literal["start", "application", "idp"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_numbers = itertools.count(1)


class Browsers:
    """Logs in again and again; `ended` counts how."""

    def __init__(self, proxy: RunningProxy, sides: Sides, session: aiohttp.ClientSession, seed: int) -> None:
        self._proxy = proxy
        self._sides = sides
        self._session = session
        self._random = random.Random(seed)
        self.ended: Counter[str] = Counter()
        self.failures: list[str] = []

    async def log_in(self, connection: str, way: Way, jar: dict[str, str]) -> None:
        """One login of a browser with these cookies."""
        began: Side | None = None
        asked: str | None = None
        if way == "start":
            began, asked = await self._begin(connection, jar)
        elif way == "application":
            began, asked = await self._ask_first(connection)
            jar = {}
        await asyncio.sleep(self._random.random() * 0.4)
        answer = f"_answer{next(_numbers)}"
        ended = await self._answer(connection, answer, asked, jar)
        if self._random.random() < 0.1:
            again = await self._answer(connection, answer, asked, jar)
            if again != ended:
                self.failures.append(f"{connection} by {way}: {ended}, then reloaded: {again}")
        if ended not in ("legacy: in", "workos: in") or (began and not ended.startswith(began)):
            self.failures.append(f"{connection} by {way}, begun at {began}: {ended}")
        self.ended[f"{way}, {ended}"] += 1

    async def _begin(self, connection: str, jar: dict[str, str]) -> tuple[Side, str]:
        _, where, _ = await self._ask("GET", f"/sso/{connection}/login", None, jar)
        if "/sso/authorize" in where:
            async with self._session.get(where, allow_redirects=False) as sent:
                return "workos", _asked(sent.headers["location"])
        return "legacy", _asked(where)

    async def _ask_first(self, connection: str) -> tuple[Side, str]:
        """The application begins the login itself, with an id that it made beforehand."""
        own = f"_own{next(_numbers)}"
        name = "state" if connection.startswith("oidc") else "id"
        url = f"http://127.0.0.1:{self._proxy.decision}/decision/{connection}?{name}={own}"
        while True:
            try:
                async with self._session.get(url) as said:
                    side: Side = (await said.json())["side"]
                    break
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
        if side == "workos":
            authorize = (
                f"http://127.0.0.1:{self._sides.workos.port}/sso/authorize?connection=conn_{connection}"
            )
            async with self._session.get(authorize, allow_redirects=False) as sent:
                return side, _asked(sent.headers["location"])
        self._sides.legacy.begun.add(own)
        return side, own

    async def _answer(self, connection: str, ident: str, asked: str | None, jar: dict[str, str]) -> str:
        if connection.startswith("oidc"):
            path, body = f"/sso/{connection}/callback?code=1&state={asked}", None
        else:
            path, body = f"/sso/{connection}/acs", messages.posted(messages.response(ident, asked), "/home")
        status, where, text = await self._ask("GET" if body is None else "POST", path, body, jar)
        if status not in (302, 307):
            return text
        headers = FORM if status == 307 else {}
        async with self._session.request(
            "POST" if status == 307 else "GET", where, data=body, headers=headers
        ) as end:
            return await end.text()

    async def _ask(
        self, method: str, path: str, body: bytes | None, jar: dict[str, str]
    ) -> tuple[int, str, str]:
        """One request to the proxy; what a person does who sees no page: again."""
        headers = {"Host": HOST, **(FORM if body is not None else {})}
        while True:
            if jar:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
            url = f"http://127.0.0.1:{self._proxy.port}{path}"
            try:
                async with self._session.request(
                    method, url, data=body, headers=headers, allow_redirects=False
                ) as said:
                    for header in said.headers.getall("set-cookie", []):
                        jar.update({morsel.key: morsel.value for morsel in SimpleCookie(header).values()})
                    return said.status, said.headers.get("location", ""), await said.text()
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


def _asked(where: str) -> str:
    query = parse_qs(urlsplit(where).query)
    if "SAMLRequest" in query:
        return saml_request.ident(query["SAMLRequest"][0].encode())
    return query["state"][0]
