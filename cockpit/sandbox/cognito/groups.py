"""ListGroups, ListUsersInGroup, AdminListGroupsForUser: a pool knows no organizations; roles are groups."""

from array import array
from collections.abc import Callable, Sequence

from cockpit.sandbox.cognito.paging import error, page
from cockpit.sandbox.roles import BY_SLUG, ROLES, Role
from cockpit.sandbox.web import Json, Refused
from cockpit.sandbox.world import World

SET_UP_S = 1_546_300_800.0
"""When groups were made: 2019-01-01."""


class Groups:
    """A group for each role; in it is whoever has that role in any company."""

    def __init__(self, world: World, pool: str, record: Callable[[int], Json]) -> None:
        """`record` shows a user."""
        self._world, self._pool, self._record = world, pool, record
        self._known: tuple[object, ...] = ()
        self._users: dict[str, Sequence[int]] = {}

    def list(self, body: Json) -> Json:
        """ListGroups."""
        found, token = page(body, "NextToken", "ListGroups", ROLES)
        return {"Groups": [self._group(role) for role in found], **token}

    def users(self, body: Json) -> Json:
        """ListUsersInGroup."""
        name = str(body.get("GroupName"))
        if name not in BY_SLUG:
            raise Refused(400, error("ResourceNotFoundException", "Group not found."))
        found, token = page(body, "NextToken", f"ListUsersInGroup {name}", self._members(name))
        return {"Users": [self._record(index) for index in found], **token}

    def of_user(self, body: Json, index: int) -> Json:
        """AdminListGroupsForUser."""
        held = {slug for member in self._world.companies.of(index) for slug in member.roles}
        mine = [role for role in ROLES if role.slug in held]
        found, token = page(body, "NextToken", f"AdminListGroupsForUser {index}", mine)
        return {"Groups": [self._group(role) for role in found], **token}

    def _members(self, name: str) -> Sequence[int]:
        """Who is in a group, looked up anew when somebody came, changed or went."""
        companies = self._world.companies
        if self._known != companies.state:
            users: dict[str, dict[int, None]] = {role.slug: {} for role in ROLES}
            for member in companies.everybody():
                for slug in member.roles:
                    users[slug][member.person] = None
            self._known = companies.state
            self._users = {slug: array("I", people) for slug, people in users.items()}
        return self._users[name]

    def _group(self, role: Role) -> Json:
        return {
            "GroupName": role.slug,
            "UserPoolId": self._pool,
            "Description": role.description,
            "Precedence": ROLES.index(role),
            "CreationDate": SET_UP_S,
            "LastModifiedDate": SET_UP_S,
        }
