"""What the migration package consists of: its files and their headers, column for column. Pure.

Facts: WorkOS's migration tool 2.5.0 and 2.6 (its migration package contract, schemaVersion 1).
"""

from collections.abc import Mapping
from typing import Literal, get_args

from cockpit.connections.handoff.headers import CUSTOM_ATTRIBUTES, OIDC, ROUTES, SAML

Template = Literal["2.5.0", "2.6"]
"""The release whose headers are written; both are read."""
TEMPLATES: tuple[Template, ...] = get_args(Template)

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"

FILES: Mapping[str, str] = {
    "manifest": MANIFEST,
    "users": "users.csv",
    "organizations": "organizations.csv",
    "memberships": "organization_memberships.csv",
    "roleDefinitions": "role_definitions.csv",
    "userRoleAssignments": "user_role_assignments.csv",
    "totpSecrets": "totp_secrets.csv",
    "warnings": "warnings.jsonl",
    "skippedUsers": "skipped_users.jsonl",
    "samlConnections": "sso/saml_connections.csv",
    "oidcConnections": "sso/oidc_connections.csv",
    "customAttributeMappings": "sso/custom_attribute_mappings.csv",
    "proxyRoutes": "sso/proxy_routes.csv",
    "handoffNotes": "sso/handoff_notes.md",
    "uploadUsers": "workos_upload/users.csv",
    "uploadOrganizations": "workos_upload/organizations.csv",
    "uploadMemberships": "workos_upload/organization_memberships.csv",
}
"""Each file by the key that the manifest lists and counts it under. These paths are the contract."""

_SINCE_2_5 = {
    "users": "email,password,password_hash,password_hash_type,first_name,last_name,email_verified,"
    "external_id,metadata,org_id,org_external_id,org_name,role_slugs",
    "organizations": "org_id,org_external_id,org_name,domains,metadata",
    "memberships": "email,external_id,user_id,org_id,org_external_id,org_name,role_slugs,metadata",
    "roleDefinitions": "role_slug,role_name,role_type,permissions,org_id,org_external_id",
    "userRoleAssignments": "email,user_id,external_id,role_slug,org_id,org_external_id",
    "totpSecrets": "email,totp_secret,totp_issuer,totp_user",
    "samlConnections": ",".join(SAML["R2"]),
    "oidcConnections": ",".join(OIDC["R2"]),
    "customAttributeMappings": ",".join(CUSTOM_ATTRIBUTES),
    "proxyRoutes": ",".join(ROUTES),
    "uploadUsers": "user_id,email,email_verified,first_name,last_name,password_hash",
    "uploadOrganizations": "organization_id,name",
    "uploadMemberships": "organization_id,user_id",
}
_SINCE_2_6 = {
    "samlConnections": ",".join(SAML["R3"]),
    "oidcConnections": ",".join(OIDC["R3"]),
}

HEADERS: Mapping[Template, Mapping[str, tuple[str, ...]]] = {
    "2.5.0": {key: tuple(line.split(",")) for key, line in _SINCE_2_5.items()},
    "2.6": {key: tuple(line.split(",")) for key, line in {**_SINCE_2_5, **_SINCE_2_6}.items()},
}
"""The columns of each CSV file."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "users": ("email",),
    "organizations": ("org_external_id", "org_name"),
    "memberships": ("email", "external_id", "org_external_id", "org_name"),
    "roleDefinitions": ("role_slug",),
    "userRoleAssignments": ("role_slug",),
    "totpSecrets": ("email", "totp_secret"),
}
"""Of these columns a file needs one at least (totpSecrets: both), or nothing of it can be used."""

RENAMED: Mapping[str, str] = {"importedId": "externalId"}
"""Columns under the names that earlier releases gave them."""

OWN_USERS = "raw/cockpit_users.csv"
OWN_USERS_HEADER = (
    *("external_id", "name", "name_divided", "connection", "password_problem", "traits", "lost_factors"),
)
OWN_ORGANIZATIONS = "raw/cockpit_organizations.csv"
OWN_ORGANIZATIONS_HEADER = ("org_external_id", "verified_domains")
"""What cockpit knows and the contract has no column for; raw/ is left to whoever writes a package."""
