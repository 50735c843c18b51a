"""Sets and maps on disk."""

from cockpit.package.scratch import Scratch


def test_what_was_put_in_is_there_once() -> None:
    with Scratch() as scratch:
        assert scratch.add(b"a", "one")
        assert not scratch.add(b"a", "one")
        assert b"a" in scratch and b"b" not in scratch
        assert scratch.text(b"a") == "one"
        assert scratch.add_all([b"a", b"b", b"b", b"c"]) == 2


def test_two_texts_for_one_are_none() -> None:
    with Scratch() as scratch:
        scratch.add(b"a", "one")
        scratch.add(b"a", "two")
        assert b"a" in scratch
        assert scratch.text(b"a") is None
        scratch.add(b"a", "one")
        assert scratch.text(b"a") is None
