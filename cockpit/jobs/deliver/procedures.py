"""Which procedure sends which kind."""

from typing import Any

from cockpit.jobs.deliver.delivery import Procedure
from cockpit.jobs.deliver.factors import FactorProcedure
from cockpit.jobs.deliver.line import Line
from cockpit.jobs.deliver.memberships import MembershipProcedure
from cockpit.jobs.deliver.organizations import OrganizationProcedure
from cockpit.jobs.deliver.roles import PermissionProcedure, RoleProcedure
from cockpit.jobs.deliver.updates import UpdateProcedure
from cockpit.jobs.deliver.users import UserProcedure
from cockpit.settings import Settings
from cockpit.state.claims import MEMBERSHIP_UPDATES, ORGANIZATION_UPDATES, USER_UPDATES
from cockpit.workos.client import WorkOS


def procedure(kind: str, line: Line, settings: Settings) -> Procedure[Any]:
    """The one for this kind of the journal: a kind that moves, or the updates of one."""
    on_conflict, timeout_s = settings.imports.on_conflict, settings.target.timeout_s
    match kind:
        case "organization":
            return OrganizationProcedure(line, timeout_s)
        case "permission":
            return PermissionProcedure(line)
        case "role":
            return RoleProcedure(line, on_conflict)
        case "user":
            return UserProcedure(line, on_conflict)
        case "membership":
            return MembershipProcedure(line, on_conflict)
        case "factor":
            return FactorProcedure(line, timeout_s)
        case "user update":
            return UpdateProcedure(line.target, USER_UPDATES, WorkOS.put_user)
        case "organization update":
            return UpdateProcedure(line.target, ORGANIZATION_UPDATES, WorkOS.put_organization)
        case "membership update":
            return UpdateProcedure(line.target, MEMBERSHIP_UPDATES, WorkOS.put_membership)
    raise ValueError(kind)
