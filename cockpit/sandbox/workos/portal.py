"""The Admin Portal: links that live five minutes, IT contacts, and their invitations (SDK 10.8).

UNVERIFIED: the statuses of refusals, and that an invitation ends when a connection is active.
"""

from aiohttp import web

from cockpit.sandbox.web import answer, json_object
from cockpit.sandbox.workos.contact_store import Contact
from cockpit.sandbox.workos.errors import not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape, text
from cockpit.sandbox.workos.organization_store import Organization
from cockpit.sandbox.world import World

LINK_S = 300.0
EMAILS_MOST = 20
_INTENTS = (
    "sso", "dsync", "audit_logs", "log_streams", "domain_verification", "certificate_renewal",
    "bring_your_own_key",
)  # fmt: skip
_INVITED_TO = ("sso", "directory_sync", "log_streams", "domain_verification", "bring_your_own_key")
_LINK_TYPES: dict[str, type] = {
    "organization": str,
    "intent": str,
    "return_url": str,
    "success_url": str,
    "external_user_id": str,
    "it_contact_emails": list,
}
_CONTACTS = "/organizations/{organization}/it_contacts"


class Portal:
    """The Admin Portal of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Links, what a link leads to, contacts and invitations."""
        one = f"{_CONTACTS}/{{id}}"
        return [
            web.post("/portal/generate_link", self.generate_link),
            web.get("/_sandbox/portal/{token}", self.opened),
            web.get(_CONTACTS, self.contacts),
            web.post(_CONTACTS, self.add),
            web.delete(one, self.delete),
            web.post(f"{one}/invite", self.invite),
            web.post(f"{one}/revoke", self.revoke),
        ]

    async def generate_link(self, request: web.Request) -> web.Response:
        """POST /portal/generate_link."""
        body = check_shape(await json_object(request), _LINK_TYPES)
        organization = self._organization(text(body, "organization"))
        if body.get("intent") not in (None, *_INTENTS):
            raise unprocessable(("intent", f"must be one of {', '.join(_INTENTS)}"))
        if len(body.get("it_contact_emails") or ()) > EMAILS_MOST:
            raise unprocessable(("it_contact_emails", f"must be at most {EMAILS_MOST}"))
        token = self._world.portal_links.mint(f"{organization.id}.", LINK_S)
        return answer({"link": f"{request.url.origin()}/_sandbox/portal/{token}"}, 201)

    async def opened(self, request: web.Request) -> web.Response:
        """What the browser of whoever opens a link is shown: 410 once it has ended."""
        token = request.match_info["token"]
        if not self._world.portal_links.is_valid(token):
            return web.Response(status=410, text="This link has expired.")
        return web.Response(text=f"Set up single sign-on for {token.partition('.')[0]}.")

    async def contacts(self, request: web.Request) -> web.Response:
        """GET /organizations/{id}/it_contacts: all in one answer."""
        organization = self._organization(request.match_info["organization"])
        rows = self._world.contacts
        found = [rows[ident].as_json() for ident in rows.of_organization.of(organization.id)]
        return answer({"object": "list", "data": found, "list_metadata": {"before": None, "after": None}})

    async def add(self, request: web.Request) -> web.Response:
        """POST /organizations/{id}/it_contacts."""
        organization = self._organization(request.match_info["organization"])
        email = text(check_shape(await json_object(request), {"email": str}), "email").strip().lower()
        if "@" not in email:
            raise unprocessable(("email", "must be an e-mail address"))
        rows = self._world.contacts
        if any(rows[ident].email == email for ident in rows.of_organization.of(organization.id)):
            raise refuse(409, "The IT contact already exists.", "it_contact_already_exists")
        now = self._world.ids.now_ms()
        row = Contact(self._world.ids.next("it_contact"), organization.id, email, False, now, now)
        rows.add(row)
        return answer(row.as_json(), 201)

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /organizations/{id}/it_contacts/{id}."""
        self._world.contacts.remove(self._contact(request))
        return web.Response(status=204)

    async def invite(self, request: web.Request) -> web.Response:
        """POST .../invite {"intents"}: an e-mail with a setup link; one invitation an organization."""
        contact = self._contact(request)
        body = check_shape(await json_object(request), {"intents": list})
        intents = body.get("intents") or []
        if not intents or not set(intents) <= set(_INVITED_TO):
            raise unprocessable(("intents", f"must be some of {', '.join(_INVITED_TO)}"))
        rows = self._world.contacts
        if any(rows[ident].invited for ident in rows.of_organization.of(contact.organization_id)):
            raise refuse(409, "The organization has an active invitation.", "active_invitation_exists")
        rows.replace(contact._replace(invited=True, updated_at=self._world.ids.now_ms()))
        self._world.invitations.append(contact.email)
        return web.Response(status=204)

    async def revoke(self, request: web.Request) -> web.Response:
        """POST .../revoke: the invitation ends."""
        contact = self._contact(request)
        if not contact.invited:
            raise refuse(409, "The IT contact has no active invitation.", "no_active_invitation")
        self._world.contacts.replace(contact._replace(invited=False, updated_at=self._world.ids.now_ms()))
        return web.Response(status=204)

    def _organization(self, ident: str) -> Organization:
        organization = self._world.organizations.get(ident)
        if organization is None:
            raise not_found("Organization", ident)
        return organization

    def _contact(self, request: web.Request) -> Contact:
        organization, ident = request.match_info["organization"], request.match_info["id"]
        contact = self._world.contacts.get(ident)
        if contact is None or contact.organization_id != organization:
            raise not_found("IT contact", ident)
        return contact
