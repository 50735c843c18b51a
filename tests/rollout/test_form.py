"""Posted forms, read as browsers write them."""

import base64
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rollout import form
from cockpit.rollout.form import NoForm


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1, max_size=8))
def test_what_a_browser_wrote_is_read_again(fields: dict[str, str]) -> None:
    assert form.texts(form.fields(urlencode(fields).encode())) == fields


@given(st.binary(max_size=3000), st.integers(4, 3000))
def test_base64_is_read_whole_and_from_its_beginning(content: bytes, limit: int) -> None:
    value = urlencode({"a": base64.b64encode(content)}).encode().removeprefix(b"a=")
    assert form.base64_of(value) == content
    assert content.startswith(form.base64_of(value, limit))


def test_lines_and_a_bare_plus_are_taken_as_saml_libraries_do() -> None:
    content = bytes(range(200, 256)) * 4
    plain = base64.encodebytes(content).strip()
    assert b"+" in plain and b"\n" in plain
    assert form.base64_of(plain) == content
    assert form.base64_of(plain.replace(b"\n", b"%0D%0A")) == content


@pytest.mark.parametrize("body", [b"", b"a", b"a=1&a=2", b"a=1&%61=2", b"a=&b=&c=&d=&e=&f=&g=&h=&i="])
def test_what_is_no_form(body: bytes) -> None:
    with pytest.raises(NoForm):
        form.fields(body)


def test_text_that_is_not_utf8_is_no_form() -> None:
    with pytest.raises(NoForm, match="UTF-8"):
        form.texts({b"a": b"%ff"})
