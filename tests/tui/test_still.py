"""What stays the same is neither drawn nor laid out again."""

import asyncio

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from cockpit.tui.widgets.still import Still


class Shown(App[None]):
    """One text as wide as the screen and one as wide as it needs; counts their layouts."""

    CSS = "#line { height: auto; } #word { width: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self.line, self.word = Still(id="line"), Still(id="word")

    def compose(self) -> ComposeResult:
        """Both."""
        yield self.line
        yield self.word


@pytest.mark.parametrize(
    ("name", "before", "after", "drawn", "laid_out"),
    [
        ("line", "one", "one", False, False),
        ("line", "one", "two", True, False),
        ("line", "one", "two\nlines", True, True),
        ("line", "one", "wrapped " * 30, True, True),
        ("word", "one", "two", True, False),
        ("word", "one", "three", True, True),
    ],
)
def test_a_text_is_laid_out_anew_only_when_it_takes_another_space(
    name: str, before: str, after: str, drawn: bool, laid_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    async def run() -> None:
        app = Shown()
        async with app.run_test() as pilot:
            text: Still = getattr(app, name)
            text.show_text(Content(before))
            await pilot.pause()
            text.show_text(Content(before + " "))
            text.show_text(Content(before))
            monkeypatch.setattr(text, "refresh", lambda *_, layout=False, **__: asked.append(layout))
            text.show_text(Content(after))

    asyncio.run(run())
    assert bool(asked) == drawn
    assert any(asked) == laid_out


def test_the_same_words_in_another_colour_are_drawn() -> None:
    async def run() -> None:
        app = Shown()
        async with app.run_test() as pilot:
            app.line.show_text(Content.styled("one", "green"))
            await pilot.pause()
            before = app.line.render_line(0)
            app.line.show_text(Content.styled("one", "red"))
            await pilot.pause()
            assert app.line.render_line(0) != before

    asyncio.run(run())
