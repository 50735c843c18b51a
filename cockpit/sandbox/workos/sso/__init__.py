"""Sign-ins by SSO as WorkOS serves them: begun at /sso/authorize, ended at an ACS or an OIDC callback."""
