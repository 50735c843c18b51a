"""The transparent proxy: the callback that customers' IdPs know today, sent on to WorkOS or to legacy.

identify -> decide -> forward. Whatever fails on our side ends in the legacy handler: a migration must never
be the reason that a customer can't log in. Assertions, codes, states and cookies are never logged.
"""
