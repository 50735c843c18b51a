"""The way out: the one place that imports httpx."""

from cockpit.transport.client import Allow, Client, Forbidden, client, overhearing
from cockpit.transport.failures import (
    Lost,
    NotJson,
    Response,
    TransportError,
    Unsent,
    Unwell,
    not_json,
    parsed,
    unwell,
)
from cockpit.transport.retries import Note, Retrying, http_date, pause, quiet, retry_after

__all__ = [
    "Allow",
    "Client",
    "Forbidden",
    "Lost",
    "NotJson",
    "Note",
    "Response",
    "Retrying",
    "TransportError",
    "Unsent",
    "Unwell",
    "client",
    "http_date",
    "not_json",
    "overhearing",
    "parsed",
    "pause",
    "quiet",
    "retry_after",
    "unwell",
]
