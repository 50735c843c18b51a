"""Loopback stand-ins for the providers and for WorkOS: for the demo, rehearsals, tests and benches.

Nothing here imports the rest of cockpit, so that the sandbox is an independent witness of cockpit's work.
"""
