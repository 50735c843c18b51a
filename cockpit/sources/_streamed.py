"""The records of an array that may be too long to hold: cut out of a JSON object as it comes."""

import codecs
import json
import re
from typing import Literal

from cockpit.sources._slices import Slice

_decoder = json.JSONDecoder()
_blank = re.compile(r"[ \t\n\r]*")


class Elements:
    """The elements of the array under `key`; memory stays that of a piece and the element it ends in.

    A missing or null array is an empty one.
    """

    def __init__(self, key: str) -> None:
        self._key, self._text = key, ""
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._expected: Literal["object", "member", "element", "comma", "nothing"] = "object"
        self._found: list[Slice] = []

    def feed(self, piece: bytes) -> list[Slice]:
        """The elements that this piece completes. Raises ValueError for what can't be JSON."""
        self._text += self._decode(piece)
        at = 0
        while (end := self._step(at)) is not None:
            at = end
        self._text = self._text[at:]
        found, self._found = self._found, []
        return found

    def end(self) -> None:
        """Nothing follows. Raises ValueError unless the object was whole."""
        if self._expected != "nothing":
            raise ValueError("the JSON breaks off")

    def _step(self, at: int) -> int | None:
        """One token further: where the next one begins, None when it has not come whole."""
        at = self._past_blanks(at)
        mark = self._text[at : at + 1]
        match self._expected, mark:
            case _, "":
                return None
            case "object", "{":
                self._expected = "member"
            case (("member" | "comma"), "}"):
                self._expected = "nothing"
            case "comma", ",":
                self._expected = "member"
            case "member", '"':
                return self._member(at)
            case "element", "]":
                self._expected = "comma"
            case "element", ",":
                pass
            case "element", "{":
                return self._element(at)
            case _:
                raise ValueError(f"{mark!r} where {self._expected} was expected")
        return at + 1

    def _member(self, at: int) -> int | None:
        name = self._value(at)
        if name is None:
            return None
        at = self._past_blanks(len(name.text) + at)
        if self._text[at : at + 1] not in ("", ":"):
            raise ValueError("no : after a member's name")
        at = self._past_blanks(at + 1)
        if name.value == self._key and self._text[at : at + 1] == "[":
            self._expected = "element"
            return at + 1
        value = self._value(at)
        if value is None:
            return None
        end = self._past_blanks(at + len(value.text))
        if self._text[end : end + 1] not in (",", "}"):
            return None  # a number may go on in the next piece
        if name.value == self._key and value.value is not None:
            raise ValueError(f"{self._key} is no array")
        self._expected = "comma"
        return end

    def _element(self, at: int) -> int | None:
        value = self._value(at)
        if value is None:
            return None
        self._found.append(value)
        return at + len(value.text)

    def _value(self, at: int) -> Slice | None:
        """The value that begins there, None when it has not come whole (or is none, as `end` will tell)."""
        try:
            value, end = _decoder.raw_decode(self._text, at)
        except ValueError:
            return None
        return Slice(value, self._text[at:end])

    def _past_blanks(self, at: int) -> int:
        blank = _blank.match(self._text, at)
        return blank.end() if blank else at
