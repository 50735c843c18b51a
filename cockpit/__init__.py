"""A terminal cockpit for moving an application's authentication to WorkOS."""

__version__ = "0.1.0"
