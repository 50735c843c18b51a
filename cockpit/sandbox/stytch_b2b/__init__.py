"""Stytch's B2B API: organizations/search, members/search of named organizations, and rbac/policy."""
