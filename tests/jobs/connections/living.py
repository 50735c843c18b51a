"""Certificates that are valid on the day the tests run, for jobs that go by the machine's clock."""

from datetime import UTC, datetime
from functools import cache

from tests.connections import keys


@cache
def certificate(days: int = 900, number: int = 1) -> str:
    """PEM of one that ends so many days from today."""
    passed = (datetime.now(UTC) - keys.NOW).days
    return keys.certificate(days + passed, begins=passed - 100, number=number)
