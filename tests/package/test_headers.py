"""The contract, column for column, as the official tool's package validator compares it."""

import pytest

from cockpit.package.headers import FILES, HEADERS, TEMPLATES

SAML_2_5 = (
    "name,organizationName,organizationId,organizationExternalId,domains,idpEntityId,idpUrl,x509Cert,"
    "idpMetadataUrl,customEntityId,customAcsUrl,idpIdAttribute,emailAttribute,firstNameAttribute,"
    "lastNameAttribute,nameAttribute,idpInitiatedEnabled,requestSigningKey,assertionEncryptionKey,"
    "nameIdEncryptionKey,externalId"
)
SAML_2_6 = (
    "name,organizationName,organizationId,organizationExternalId,domains,idpEntityId,idpUrl,x509Cert,"
    "idpMetadataUrl,customEntityId,customAcsUrl,idpIdAttribute,emailAttribute,firstNameAttribute,"
    "lastNameAttribute,nameAttribute,idpInitiatedEnabled,requestSigningKey,requestSigningCert,"
    "assertionEncryptionKey,assertionEncryptionCert,nameIdEncryptionKey,externalId,connectionType"
)
OIDC = (
    "name,organizationName,organizationId,organizationExternalId,domains,clientId,clientSecret,"
    "discoveryEndpoint,customRedirectUri,externalId"
)
BOTH = {
    "users.csv": "email,password,password_hash,password_hash_type,first_name,last_name,email_verified,"
    "external_id,metadata,org_id,org_external_id,org_name,role_slugs",
    "organizations.csv": "org_id,org_external_id,org_name,domains,metadata",
    "organization_memberships.csv": "email,external_id,user_id,org_id,org_external_id,org_name,role_slugs,"
    "metadata",
    "role_definitions.csv": "role_slug,role_name,role_type,permissions,org_id,org_external_id",
    "user_role_assignments.csv": "email,user_id,external_id,role_slug,org_id,org_external_id",
    "totp_secrets.csv": "email,totp_secret,totp_issuer,totp_user",
    "sso/custom_attribute_mappings.csv": "externalId,organizationExternalId,providerType,userPoolAttribute,"
    "idpClaim",
    "sso/proxy_routes.csv": "externalId,organizationExternalId,provider,protocol,sourceAcsUrl,"
    "sourceEntityId,sourceRedirectUri,customAcsUrl,customEntityId,customRedirectUri,workosConnectionId,"
    "workosAcsUrl,cutoverState,notes",
    "workos_upload/users.csv": "user_id,email,email_verified,first_name,last_name,password_hash",
    "workos_upload/organizations.csv": "organization_id,name",
    "workos_upload/organization_memberships.csv": "organization_id,user_id",
}
CONTRACT = {
    "2.5.0": BOTH | {"sso/saml_connections.csv": SAML_2_5, "sso/oidc_connections.csv": OIDC},
    "2.6": BOTH
    | {"sso/saml_connections.csv": SAML_2_6, "sso/oidc_connections.csv": f"{OIDC},connectionType"},
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_headers_are_the_contract_s(template: str) -> None:
    ours = {FILES[key]: ",".join(columns) for key, columns in HEADERS[template].items()}  # type: ignore[index]
    assert ours == CONTRACT[template]
