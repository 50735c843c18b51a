"""Stytch's consumer API: users/search."""
