"""Webhooks on the screen: the sequence, the tank, the drain and WorkOS's events."""
