"""Checks before a migration: the source, the target, the state and this machine; nothing is changed."""
