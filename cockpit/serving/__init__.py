"""Serving HTTP on uvicorn: what the proxy and the holding tank have in common."""
