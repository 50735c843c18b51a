"""/_sandbox: what a demo or a test asks of the sandbox and changes in it, without a key."""

from collections import Counter
from dataclasses import asdict, fields
from typing import TypeVar

from aiohttp import web

from cockpit.sandbox.config import FaultLevel
from cockpit.sandbox.standins import Service
from cockpit.sandbox.web import Json, Refused, answer, posted, whole_number
from cockpit.sandbox.workos.paging import Place
from cockpit.sandbox.workos.store import User
from cockpit.sandbox.world import Encoding, Switches, World

T = TypeVar("T")

_LEVELS: tuple[FaultLevel, ...] = ("none", "some", "many")
_ENCODINGS: tuple[Encoding, ...] = ("gzip", "content-encoding", "plain")
_TYPES: dict[str, type] = {field.name: type(getattr(Switches(), field.name)) for field in fields(Switches)}


class Control:
    """The control API of one world."""

    def __init__(self, world: World, service: Service) -> None:
        self._world, self._service = world, service

    def routes(self) -> list[web.RouteDef]:
        """Everything under /_sandbox."""
        return [
            web.get("/_sandbox/stats", self.stats),
            web.get("/_sandbox/users", self.users),
            web.get("/_sandbox/bad", self.bad),
            web.get("/_sandbox/password", self.password),
            web.get("/_sandbox/config", self.config),
            web.post("/_sandbox/config", self.configure),
            web.post("/_sandbox/keys/add", self.add_key),
            web.post("/_sandbox/keys/revoke", self.revoke_key),
            web.post("/_sandbox/reset", self.reset),
            web.get("/_sandbox/source/users/{id}", self.source_user),
            web.patch("/_sandbox/source/users/{id}", self.correct),
            web.post("/_sandbox/source/users", self.add),
            web.post("/_sandbox/source/sign-up", self.sign_up),
            web.delete("/_sandbox/source/users/{id}", self.delete),
        ]

    async def stats(self, request: web.Request) -> web.Response:
        """Counters of everything that was asked and answered."""
        world = self._world
        passwords = Counter(user.password.kind for user in world.users if user.password)
        return answer(
            {
                "requests": dict(world.requests),
                "writes": world.requests["workos_write"],
                "rate_limited": dict(world.budgets.refused),
                "peaks": {name: peak.most for name, peak in world.budgets.peaks.items()},
                "faults": {fault.value: count for fault, count in world.faults.injected.items()},
                "users": len(world.users),
                "organizations": len(world.organizations),
                "memberships": len(world.memberships),
                "factors": len(world.factors),
                "permissions": len(world.permissions),
                "events": len(world.events),
                "refused": dict(world.refused),
                "resets": dict(world.resets),
                "passwords": dict(passwords),
                "source": {"name": world.config.source, "users": len(world.population)},
            }
        )

    async def users(self, request: web.Request) -> web.Response:
        """WorkOS's users in order of creation, briefly: ?after=&limit= (1,000)."""
        limit = whole_number(request, "limit", 1000)
        page = self._world.users.page(Place(limit or 1, "asc", request.query.get("after")))
        return answer({"users": [_brief(user) for user in page.items], "after": page.after})

    async def bad(self, request: web.Request) -> web.Response:
        """The records made bad, each with its reason, its cure and the patch that corrects it."""
        return answer([bad.as_json() for bad in self._world.population.bad()])

    async def password(self, request: web.Request) -> web.Response:
        """?id= of a source user: the password, and whether the vendor's file of hashes has it."""
        index = found(self._world, request.query.get("id", ""))
        password = self._world.population.password(index)
        return answer(
            {"password": password, "in_file": password is not None and self._service.in_file(index)}
        )

    async def config(self, request: web.Request) -> web.Response:
        """The switches as they stand."""
        now_ms = int(self._world.clock.now() * 1000)
        switches = asdict(self._world.switches)
        return answer(switches | {"faults": self._world.faults.level, "now_ms": now_ms})

    async def configure(self, request: web.Request) -> web.Response:
        """Set switches; `faults` sets the rate of faults, `vanish_jobs` forgets the source's jobs."""
        body = await posted(request)
        for name, value in body.items():
            if name == "faults":
                self._world.faults.level = _one_of(name, value, _LEVELS)
            elif name == "vanish_jobs":
                self._service.forget()
            elif name == "encoding":
                self._world.switches.encoding = _one_of(name, value, _ENCODINGS)
            else:
                setattr(self._world.switches, name, _converted(name, value))
        return await self.config(request)

    async def add_key(self, request: web.Request) -> web.Response:
        """{"key"}: one more API key of WorkOS."""
        self._world.keys.add(str((await posted(request)).get("key")))
        return answer({"keys": sorted(self._world.keys)})

    async def revoke_key(self, request: web.Request) -> web.Response:
        """{"key"}: refuse that API key from now on."""
        self._world.keys.discard(str((await posted(request)).get("key")))
        return answer({"keys": sorted(self._world.keys)})

    async def reset(self, request: web.Request) -> web.Response:
        """Everything as at the start."""
        self._world.reset()
        self._service.forget()
        return answer({"reset": True})

    async def source_user(self, request: web.Request) -> web.Response:
        """A record of the source as it is now, hashes included."""
        return answer(self._world.population.record(found(self._world, request.match_info["id"])))

    async def correct(self, request: web.Request) -> web.Response:
        """Set fields of a source record; null removes one."""
        index = found(self._world, request.match_info["id"])
        return answer(self._world.population.correct(index, await posted(request)))

    async def add(self, request: web.Request) -> web.Response:
        """A new record, whole, as the source would show it: somebody signed up."""
        try:
            ident = self._world.population.add(await posted(request))
        except (KeyError, ValueError) as error:
            raise Refused(400, {"message": f"no new id in the record: {error}"}) from error
        return answer({"id": ident}, 201)

    async def sign_up(self, request: web.Request) -> web.Response:
        """Somebody new signs up now."""
        population = self._world.population
        record = population.newcomer(int(self._world.clock.now() * 1000))
        return answer({"id": population.add(record)}, 201)

    async def delete(self, request: web.Request) -> web.Response:
        """Remove a source record."""
        self._world.population.delete(found(self._world, request.match_info["id"]))
        return web.Response(status=204)


def found(world: World, ident: str) -> int:
    """The number of the source's user with that id; 404 when there is none."""
    index = world.population.find(ident)
    if index is None:
        raise Refused(404, {"message": f"no source user {ident!r}"})
    return index


def _brief(user: User) -> Json:
    kind = user.password.kind if user.password else None
    return {"id": user.id, "email": user.email, "external_id": user.external_id, "password": kind}


def _one_of(name: str, value: object, allowed: tuple[T, ...]) -> T:
    for choice in allowed:
        if choice == value:
            return choice
    raise Refused(400, {"message": f"{name} must be one of {', '.join(map(str, allowed))}"})


def _converted(name: str, value: object) -> object:
    kind = _TYPES.get(name)
    if kind is None:
        raise Refused(400, {"message": f"no switch {name!r}; there are {', '.join(sorted(_TYPES))}"})
    if not isinstance(value, str if kind is str else bool | int | float):
        raise Refused(400, {"message": f"{name} must be {kind.__name__}"})
    return kind(value)
