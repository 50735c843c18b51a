"""Webhooks that are held: signatures, what an event is about, what may be left out, order; and the tank."""
