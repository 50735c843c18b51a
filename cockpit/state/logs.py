"""What was done and what jobs said, as people browse it: the audit trails, the jobs, a job's own log."""

from collections.abc import Mapping
from types import MappingProxyType

from cockpit.state.browse import Field, Listing

_NEWEST = {"newest": "id desc", "oldest": "id"}


def actions() -> Listing:
    """The audit trail of the state."""
    return _trail()


def chained() -> Listing:
    """The audit trail of rollout.db; `by:rule` is what no person did."""
    return _trail({"by": Field("iif(person, operator, operator || ' rule')")})


def _trail(others: Mapping[str, Field] = MappingProxyType({})) -> Listing:
    return Listing(
        "id",
        "from audit",
        (("id > ?", 0),),
        {
            "action": Field("action"),
            "by": Field("operator"),
            "on": Field("subject"),
            "host": Field("host"),
            "why": Field("why"),
            **others,
        },
        ("action", "operator", "subject", "before", "after", "why"),
        {**_NEWEST, "action": "action, id desc", "who": "operator, id desc"},
    )


def jobs() -> Listing:
    """Running and past jobs."""
    message = "json_extract(result, '$.message')"
    return Listing(
        "id",
        "from jobs",
        (("id > ?", 0),),
        {
            "kind": Field("kind", whole=True),
            "state": Field("state", whole=True),
            "by": Field("operator"),
            "exit": Field("json_extract(result, '$.exit')", whole=True),
            "said": Field(message),
        },
        ("kind", "state", "operator", "reason", message),
        {**_NEWEST, "kind": "kind, id desc"},
    )


def said_by(job: int) -> Listing:
    """What a job said while it worked."""
    return Listing(
        "id",
        "from notices",
        (("job = ?", job),),
        {"level": Field("level", whole=True)},
        ("text",),
        _NEWEST,
    )
