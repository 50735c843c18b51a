"""Supabase Auth: the admin API of GoTrue."""
