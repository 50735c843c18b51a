"""A strict WorkOS: POST, GET, PUT and DELETE of users, sign-in by password, events."""
