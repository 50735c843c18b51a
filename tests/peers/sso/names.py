"""Who takes part, each under a registrable name of its own, so that browsers see cross-site requests."""

APP = "app.service.test"
WORKOS = "auth.workos.test"
SAML_IDP = "idp.globex.test"
OIDC_IDP = "login.initech.test"
ALL = (APP, WORKOS, SAML_IDP, OIDC_IDP)

SAML_TENANT, OIDC_TENANT = "globex", "initech"
ENTITY_ID = f"https://{APP}/sso/{SAML_TENANT}"
ACS = f"https://{APP}/sso/{SAML_TENANT}/acs"
CALLBACK = f"https://{APP}/sso/{OIDC_TENANT}/callback"
AT_THE_IDP = f"https://{SAML_IDP}/start?party={ENTITY_ID}"
"""Where a login begins at the SAML IdP; with STRICT, at one whose page lets its form go to us alone."""
STRICT = "&strict=yes"
REDIRECT_URI = f"https://{APP}/workos/callback"
SAML_ISSUER, OIDC_ISSUER = f"https://{SAML_IDP}", f"https://{OIDC_IDP}"
ANA, BO = f"ana@{SAML_TENANT}.test", f"bo@{OIDC_TENANT}.test"
PEOPLE = {SAML_TENANT: ANA, OIDC_TENANT: BO}
"""One person of each tenant."""
