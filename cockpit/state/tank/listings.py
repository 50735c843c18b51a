"""Held events as people browse them: of a class, and dead letters."""

from cockpit.state.browse import Field, Listing

_FIELDS = {
    "source": Field("a.source", whole=True),
    "class": Field("a.type"),
    "key": Field("a.key"),
    "state": Field("coalesce(d.state, 'held')", whole=True),
    "status": Field("d.status", whole=True),
    "id": Field("a.event"),
}
_WORDS = ("a.event", "a.type", "a.key", "a.subject", "d.reason")


def of_class(source: str, type_: str) -> Listing:
    """All events of a source and class, whatever became of them."""
    return Listing(
        "a.id",
        "from arrivals a left join deliveries d on d.event = a.id",
        (("a.source = ?", source), ("a.type = ?", type_)),
        _FIELDS,
        _WORDS,
        {"newest": "a.id desc", "oldest": "a.id"},
    )


def dead() -> Listing:
    """Dead letters in the order of arrival."""
    return Listing(
        "d.event",
        "from deliveries d join arrivals a on a.id = d.event",
        (("d.state = 'dead'", None),),  # as a literal: only then SQLite takes the index of the dead
        _FIELDS,
        _WORDS,
        {"oldest": "d.event", "newest": "d.event desc"},
    )
