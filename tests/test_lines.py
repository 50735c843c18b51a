"""Lines of a stream, wherever it is cut."""

import gzip
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.lines import CorruptStream, Lines, TruncatedStream


def cut(chunks: list[bytes]) -> list[bytes]:
    lines = Lines()
    found = [line for chunk in chunks for line in lines.feed(chunk)]
    return found + list(lines.end())


def chunked(data: bytes, places: list[int]) -> list[bytes]:
    marks = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


def expected(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


texts = st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), max_size=8)
places = st.lists(st.integers(0, 10_000), max_size=8)


@given(texts, st.booleans(), places)
def test_plain_lines_at_any_boundary(lines: list[bytes], ended: bool, at: list[int]) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    if not data.startswith(b"\x1f\x8b"):
        assert cut(chunked(data, at)) == expected(data)


@given(st.lists(texts, min_size=1, max_size=3), st.booleans(), places)
def test_gzip_of_any_number_of_members_at_any_boundary(
    members: list[list[bytes]], ended: bool, at: list[int]
) -> None:
    parts = [b"\n".join(lines) + (b"\n" if ended else b"") for lines in members]
    packed = b"".join(gzip.compress(part) for part in parts)
    assert cut(chunked(packed, at)) == expected(b"".join(parts))


def test_a_megabyte_that_packs_into_nothing_comes_out_whole() -> None:
    data = (b"x" * 3_000_000 + b"\n") * 3
    assert cut([gzip.compress(data)]) == expected(data)


def test_padding_behind_the_last_member_is_no_error() -> None:
    assert cut([gzip.compress(b"a\n") + bytes(512)]) == [b"a"]


def test_a_gzip_that_breaks_off() -> None:
    packed = gzip.compress(b"a\n" * 1000)
    with pytest.raises(TruncatedStream):
        cut([packed[:-4]])


def test_a_gzip_that_is_corrupt() -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 40))
    packed[-6] ^= 0xFF
    with pytest.raises(CorruptStream):
        cut([bytes(packed)])


def test_a_lone_byte_of_the_magic_is_a_line() -> None:
    assert cut([b"\x1f"]) == [b"\x1f"]
