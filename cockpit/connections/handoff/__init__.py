"""Handing connections over to WorkOS, by its CSV files or its API, and what neither has room for."""
