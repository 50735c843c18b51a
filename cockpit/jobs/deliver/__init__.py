"""Delivery: send one thing to the target and find out what became of it, whatever happens on the way."""
