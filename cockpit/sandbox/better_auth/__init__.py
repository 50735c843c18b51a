"""Better Auth: its SQLite database, and the admin plugin's API."""
