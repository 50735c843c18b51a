"""Clerk: the Backend API's users, and the CSV of the dashboard's export."""
