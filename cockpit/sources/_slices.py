"""A JSON reply's records, each with the very characters that the provider sent."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

_Scan = Callable[[str, int], tuple[Any, int]]
_scan: _Scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # raw_decode costs a call more
_blank = re.compile(r"[ \t\n\r]*").match


class Slice(NamedTuple):
    """One element of an array: what it says and how it was written."""

    value: Any
    text: str


def slices(text: str, key: str) -> tuple[list[Slice], dict[str, Any]]:
    """The elements of the array under `key` of a JSON object, and the object's other members.

    A missing or null array is an empty one. Raises ValueError for what is not a JSON object.
    """
    found: list[Slice] = []
    others: dict[str, Any] = {}
    try:
        at = _past(text, 0, "{")
        while text[at] != "}":
            if text[at] != '"':
                raise ValueError("a member's name is missing")
            name, at = _scan(text, at)
            at = _past(text, at, ":")
            if name == key and text[at] == "[":
                at = _elements(text, at, found)
            else:
                others[name], at = _scan(text, at)
            at = _skip(text, at)
            if text[at] == ",":
                at = _past(text, at, ",")
                if text[at] == "}":
                    raise ValueError("a member is missing after a comma")
            elif text[at] != "}":
                raise ValueError("neither , nor } after a member")
        if _skip(text, at + 1) != len(text):
            raise ValueError("something follows the object")
    except (IndexError, StopIteration, TypeError):
        raise ValueError("the JSON breaks off") from None
    if others.pop(key, None) is not None:
        raise ValueError(f"{key} is no array")
    return found, others


def elements(text: str) -> list[Slice]:
    """The elements of a bare JSON array. Raises ValueError for what is none."""
    found: list[Slice] = []
    try:
        end = _elements(text, _skip(text, 0), found)
        if _skip(text, end) != len(text):
            raise ValueError("something follows the array")
    except (IndexError, StopIteration, TypeError):
        raise ValueError("the JSON breaks off") from None
    return found


def _elements(text: str, at: int, found: list[Slice]) -> int:
    at = _past(text, at, "[")
    if text[at] == "]":
        return at + 1
    while True:
        value, end = _scan(text, at)
        found.append(Slice(value, text[at:end]))
        mark = text[end]
        if mark not in ",]":
            end = _skip(text, end)
            mark = text[end]
        if mark == "]":
            return end + 1
        at = _past(text, end, ",")


def _past(text: str, at: int, mark: str) -> int:
    at = _skip(text, at)
    if text[at] != mark:
        raise ValueError(f"{mark} expected at {at}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    blank = _blank(text, at)
    return blank.end() if blank else at
