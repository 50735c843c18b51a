"""Which procedure sends which kind."""

from typing import Any

from cockpit.jobs.deliver.delivery import Procedure
from cockpit.jobs.deliver.factors import FactorProcedure
from cockpit.jobs.deliver.keyed import KeyedProcedure
from cockpit.jobs.deliver.line import Line
from cockpit.jobs.deliver.memberships import MembershipProcedure
from cockpit.jobs.deliver.roles import RoleProcedure
from cockpit.jobs.deliver.updates import UpdateProcedure
from cockpit.jobs.deliver.users import UserProcedure
from cockpit.settings import Settings
from cockpit.state.claims import (
    MEMBERSHIP_UPDATES,
    ORGANIZATION_UPDATES,
    ORGANIZATIONS,
    PERMISSIONS,
    USER_UPDATES,
)
from cockpit.workos.client import WorkOS


def procedure(kind: str, line: Line, settings: Settings) -> Procedure[Any]:
    """The one for this kind of the journal: a kind that moves, or the updates of one."""
    target = line.target
    on_conflict, timeout_s = settings.imports.on_conflict, settings.target.timeout_s
    match kind:
        case "organization":
            by_id = target.organization_by_external_id
            return KeyedProcedure(line, ORGANIZATIONS, target.create_organization, by_id, timeout_s)
        case "permission":
            return KeyedProcedure(line, PERMISSIONS, target.create_permission, target.permission)
        case "role":
            return RoleProcedure(line, on_conflict)
        case "user":
            return UserProcedure(line, on_conflict)
        case "membership":
            return MembershipProcedure(line, on_conflict)
        case "factor":
            return FactorProcedure(line, timeout_s)
        case "user update":
            return UpdateProcedure(target, USER_UPDATES, WorkOS.put_user)
        case "organization update":
            return UpdateProcedure(target, ORGANIZATION_UPDATES, WorkOS.put_organization)
        case "membership update":
            return UpdateProcedure(target, MEMBERSHIP_UPDATES, WorkOS.put_membership)
    raise ValueError(kind)
