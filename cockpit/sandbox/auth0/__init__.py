"""Auth0's Management API, under /auth0, with export jobs and the files of hashes and of TOTP secrets."""
