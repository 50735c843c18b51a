"""POST /api/v2/jobs/users-exports, GET /api/v2/jobs/{id} and the file that a job leaves for a day."""

import hashlib
import hmac
import json
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from aiohttp import web

from cockpit.sandbox.auth0.api import Api, insufficient, refused
from cockpit.sandbox.auth0.records import CONNECTIONS
from cockpit.sandbox.auth0.users import public
from cockpit.sandbox.clock import iso
from cockpit.sandbox.gate import reply_is_lost
from cockpit.sandbox.population import Population
from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.world import World

KEPT_SECONDS = 24 * 3600
PENDING_SHARE = 0.2
"""The part of a job's time in which it is still pending."""
DEFAULT_FIELDS = ("user_id", "email", "name", "nickname", "created_at", "updated_at", "last_login")
"""What an export without `fields` holds."""

_LINES_A_CHUNK = 200
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Job:
    """An export: the source as it was when the job was posted."""

    id: str
    started: float
    population: Population
    fields: tuple[str, ...]
    connection_id: str | None
    limit: int | None

    def lines(self) -> Iterator[bytes]:
        """The records in the order that every download of this job has."""
        names = {ident: name for ident, name, _ in CONNECTIONS}
        connection = None if self.connection_id is None else names[self.connection_id]
        records = (public(self.population.record(index)) for index in self.population.indices())
        wanted = (record for record in records if connection is None or _is_in(record, connection))
        for record in islice(wanted, self.limit):
            chosen = {field: record[field] for field in self.fields if field in record}
            yield json.dumps(chosen, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


class Jobs:
    """The export jobs of one tenant."""

    def __init__(self, api: Api, world: World) -> None:
        self._api, self._world = api, world
        self._jobs: dict[str, Job] = {}
        self._secret = secrets.token_bytes(16)

    def routes(self) -> list[web.RouteDef]:
        """What is served of jobs; the file is outside the API, as it is at a cloud's storage."""
        return [
            web.post("/auth0/api/v2/jobs/users-exports", self.export),
            web.get("/auth0/api/v2/jobs/{id}", self.get),
            web.get("/auth0/exports/{file}", self.download),
        ]

    def vanish(self) -> None:
        """Forget all jobs, as the service does a day later."""
        self._jobs.clear()

    async def export(self, request: web.Request) -> web.Response:
        """POST /api/v2/jobs/users-exports."""
        headers = self._api.admit(request)
        if not self._world.switches.job_scope:
            raise insufficient("create:users", "read:users")
        body = await json_object(request) or {}
        connection_id, limit = body.get("connection_id"), body.get("limit")
        if body.get("format", "json") != "json" or not (limit is None or isinstance(limit, int)):
            raise refused(400, "Bad Request", "Payload validation error", "invalid_body")
        if connection_id is not None and connection_id not in {ident for ident, _, _ in CONNECTIONS}:
            raise refused(404, "Not Found", "The connection does not exist.", "inexistent_connection")
        named = tuple(str(field.get("name")) for field in body.get("fields") or ())
        job = Job(
            id=f"job_{secrets.token_urlsafe(12).replace('_', 'x')}",
            started=self._world.clock.now(),
            population=self._world.population.frozen(),
            fields=named or DEFAULT_FIELDS,
            connection_id=connection_id,
            limit=limit,
        )
        self._jobs[job.id] = job
        return answer(self._as_json(job) | {"status": "pending"}, headers=headers)

    async def get(self, request: web.Request) -> web.Response:
        """GET /api/v2/jobs/{id}; of a completed job each time with a fresh location."""
        headers = self._api.admit(request)
        job = self._jobs.get(request.match_info["id"])
        now = self._world.clock.now()
        if job is None or now > job.started + KEPT_SECONDS:
            raise refused(404, "Not Found", "The job does not exist.", "inexistent_job")
        body = self._as_json(job)
        share = (now - job.started) / max(self._world.switches.job_seconds, 1e-9)
        if share < PENDING_SHARE:
            body["status"] = "pending"
        elif share < 1:
            body |= {"status": "processing", "percentage_done": int(share * 100)}
            body["time_left_seconds"] = int(self._world.switches.job_seconds * (1 - share)) + 1
        else:
            body |= {"status": "completed", "percentage_done": 100}
            body["location"] = f"{request.scheme}://{request.host}{self._location(job)}"
        return answer(body, headers=headers)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file: signed address, no token, expired after a minute."""
        query, name = request.query, request.match_info["file"]
        if "Authorization" in request.headers:
            return _storage_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        expires = query.get("Expires", "")
        if not hmac.compare_digest(self._signature(name, expires), query.get("Signature", "")):
            return _storage_error(403, "SignatureDoesNotMatch", "The signature does not match")
        if self._world.clock.now() > float(expires):
            return _storage_error(403, "AccessDenied", "Request has expired")
        job = self._jobs.get(name.partition(".")[0])
        if job is None:
            return _storage_error(404, "NoSuchKey", "The specified key does not exist.")
        return await self._stream(request, job)

    async def _stream(self, request: web.Request, job: Job) -> web.StreamResponse:
        encoding = self._world.switches.encoding
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        if encoding == "content-encoding":
            response.headers["Content-Encoding"] = "gzip"
        await response.prepare(request)
        packer = None if encoding == "plain" else zlib.compressobj(level=1, wbits=_GZIP)
        lines = job.lines()
        while chunk := b"".join(islice(lines, _LINES_A_CHUNK)):
            await response.write(packer.compress(chunk) if packer else chunk)
            if reply_is_lost.get():
                return response
        if packer:
            await response.write(packer.flush())
        await response.write_eof()
        return response

    def _as_json(self, job: Job) -> Json:
        body: Json = {"id": job.id, "type": "users_export", "format": "json"}
        body["created_at"] = iso(int(job.started * 1000))
        if job.connection_id is not None:
            body["connection_id"] = job.connection_id
        return body

    def _location(self, job: Job) -> str:
        name = f"{job.id}.json.gz"
        expires = f"{self._world.clock.now() + self._world.switches.location_ttl:.3f}"
        return f"/auth0/exports/{name}?Expires={expires}&Signature={self._signature(name, expires)}"

    def _signature(self, name: str, expires: str) -> str:
        return hmac.new(self._secret, f"{name} {expires}".encode(), hashlib.sha256).hexdigest()


def _is_in(record: Json, connection: str) -> bool:
    return any(identity["connection"] == connection for identity in record.get("identities", ()))


def _storage_error(status: int, code: str, message: str) -> web.Response:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return web.Response(body=body.encode(), status=status, headers={"Content-Type": "application/xml"})
