"""Clerk: the Backend API's users, organizations and roles, and the CSV of the dashboard's export."""
