"""Descope's management API: user/search."""
