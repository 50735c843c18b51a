"""Auth0's Management API, under /auth0: token, users, connections, export jobs and the file of hashes."""
