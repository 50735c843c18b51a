"""Stytch's B2B API: organizations/search, and members/search of named organizations."""
