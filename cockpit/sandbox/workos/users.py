"""/user_management/users: create, list, read, update, delete."""

from aiohttp import web

from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos.errors import not_created, not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_metadata, check_shape, external_id_used, merged
from cockpit.sandbox.workos.paging import Page, envelope, page, place
from cockpit.sandbox.workos.rules import TYPES, email_of, password_of
from cockpit.sandbox.workos.store import User
from cockpit.sandbox.world import World


class Users:
    """The users of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What is served under /user_management/users."""
        return [
            web.post("/user_management/users", self.create),
            web.get("/user_management/users", self.list_page),
            web.get("/user_management/users/external_id/{external_id}", self.get_by_external_id),
            web.get("/user_management/users/{id}", self.get),
            web.put("/user_management/users/{id}", self.update),
            web.delete("/user_management/users/{id}", self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST /user_management/users."""
        body = check_shape(await json_object(request), TYPES)
        password = password_of(body)
        metadata = check_metadata(body.get("metadata") or {})
        email = email_of(body)
        if email in self._world.refused_once:
            self._world.refused_once.remove(email)
            raise unprocessable(("email", "could not be checked at this time"))
        external_id = body.get("external_id")
        self._check_unique_email(email)
        self._check_unique_external_id(external_id)
        now = self._world.ids.now_ms()
        user = User(
            id=self._world.ids.next("user"),
            email=email,
            email_verified=bool(body.get("email_verified")),
            first_name=body.get("first_name"),
            last_name=body.get("last_name"),
            name=body.get("name"),
            external_id=external_id,
            metadata=metadata,
            created_at=now,
            updated_at=now,
            password=password,
        )
        self._world.users.add(user)
        return answer(user.as_json(), 201)

    async def list_page(self, request: web.Request) -> web.Response:
        """GET /user_management/users: all, those with any membership in an organization, or one by e-mail.

        That an inactive or pending membership counts is UNVERIFIED.
        """
        query, at = request.query, place(request)
        organization = query.get("organization_id", query.get("organization"))
        if "email" in query:
            user = self._world.users.by_email(query["email"].strip().lower())
            found = Page([] if user is None else [user], None, None)
        elif organization:
            found = page(self._world.memberships.members.of(organization), at, self._world.users.__getitem__)
        else:
            found = self._world.users.page(at)
        return answer(envelope(found, User.as_json))

    async def get(self, request: web.Request) -> web.Response:
        """GET /user_management/users/{id}."""
        return answer(self._found(request).as_json())

    async def get_by_external_id(self, request: web.Request) -> web.Response:
        """GET /user_management/users/external_id/{external_id}."""
        external_id = request.match_info["external_id"]
        user = self._world.users.by_external_id(external_id)
        if user is None:
            raise not_found("User", external_id)
        return answer(user.as_json())

    async def update(self, request: web.Request) -> web.Response:
        """PUT /user_management/users/{id}: what is not named stays."""
        body = check_shape(await json_object(request), TYPES)
        old = self._found(request)
        new = self._changed(old, body)
        self._world.users.replace(new)
        return answer(new.as_json())

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /user_management/users/{id}, with the memberships, the factors and the sessions."""
        user, memberships = self._found(request), self._world.memberships
        memberships.remove_all(memberships.of_user, user.id)
        self._world.factors.remove_all(user.id)
        self._world.sessions.remove_all(user.id)
        self._world.users.remove(user)
        return web.Response(status=204)

    def _changed(self, old: User, body: Json) -> User:
        changes: Json = {
            field: body[field] for field in ("first_name", "last_name", "name", "locale") if field in body
        }
        if body.get("email_verified") is not None:
            changes["email_verified"] = body["email_verified"]
        if body.get("email") is not None:
            changes["email"] = email_of(body)
            if changes["email"] != old.email and self._world.users.by_email(changes["email"]):
                self._world.refused["email_not_available"] += 1
                raise refuse(400, "This email is not available.", "email_not_available")
        if "external_id" in body:
            changes["external_id"] = body["external_id"]
            if body["external_id"] != old.external_id:
                self._check_unique_external_id(body["external_id"])
        if "metadata" in body:
            changes["metadata"] = merged(old.metadata, body["metadata"])
        password = password_of(body)
        if password is not None:
            changes["password"] = password
        return old._replace(**changes, updated_at=self._world.ids.now_ms())

    def _found(self, request: web.Request) -> User:
        ident = request.match_info["id"]
        user = self._world.users.get(ident)
        if user is None:
            raise not_found("User", ident)
        return user

    def _check_unique_email(self, email: str) -> None:
        if self._world.users.by_email(email) is not None:
            self._world.refused["email_not_available"] += 1
            raise not_created("email_not_available", "This email is not available.")

    def _check_unique_external_id(self, external_id: str | None) -> None:
        if external_id is not None and self._world.users.by_external_id(external_id) is not None:
            self._world.refused["external_id_already_used"] += 1
            raise external_id_used()
