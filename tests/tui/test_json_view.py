"""A side of a record: wrapped by cells, drawn where it differs, laid out when a scrollbar comes or goes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Offset, Region
from textual.pilot import Pilot
from textual.selection import Selection

from cockpit.tui.app import STYLES
from cockpit.tui.marks import Tone
from cockpit.tui.records import Side
from cockpit.tui.widgets.json_lines import divided, hanging, lines, plain
from cockpit.tui.widgets.json_view import JsonView

CHARACTERS = st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("aé名❤\ufe0f\u0301\u200d👩")
TEXT = st.text(CHARACTERS, min_size=1, max_size=90)
TONES: list[Tone] = ["plain", "ok", "warn"]
INDENT = st.integers(0, 60).map(lambda cells: (" " * cells, TONES[0]))
LINE = st.tuples(INDENT, st.lists(st.tuples(TEXT, st.sampled_from(TONES)), max_size=4)).map(
    lambda line: (line[0], *line[1])
)


@given(LINE, st.integers(8, 60))
def test_no_piece_is_wider_than_the_view_and_nothing_is_lost(
    line: tuple[tuple[str, Tone], ...], width: int
) -> None:
    first, *others = hanging(line, width)
    assert all(cell_len(plain(piece)) <= width for piece in (first, *others))
    rest = [part for piece in others for part in piece[1:]]
    toned = [(character, tone) for text, tone in (*first, *rest) for character in text]
    assert toned == [(character, tone) for text, tone in line for character in text]


@given(LINE, st.integers(0, 200))
def test_a_line_is_divided_by_characters(line: tuple[tuple[str, Tone], ...], at: int) -> None:
    left, right = divided(line, at)
    assert plain(left) == plain(line)[:at]
    assert plain(right) == plain(line)[at:]


class Shown(App[None]):
    """One side of a record."""

    CSS_PATH = STYLES / "record.tcss"

    def compose(self) -> ComposeResult:
        """The side."""
        yield JsonView()


def drive(script: Callable[[JsonView, Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        app = Shown()
        async with app.run_test(size=(40, 12)) as pilot:
            await script(app.query_one(JsonView), pilot)

    asyncio.run(run())


def show(view: JsonView, value: Any) -> None:
    view.show(Side("side", value), frozenset(), revealed=False, unfolded=False)


def painted(view: JsonView) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def test_only_the_lines_that_differ_are_drawn_and_nothing_is_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Region] = []
    laid_out: list[bool] = []

    def refresh(*regions: Region, layout: bool = False, **_: bool) -> None:
        drawn.extend(regions)
        laid_out.append(layout)

    async def script(view: JsonView, pilot: Pilot[None]) -> None:
        show(view, {"id": 1, "plan": "team", "seats": 2})
        await pilot.pause()
        monkeypatch.setattr(view, "refresh", refresh)
        show(view, {"id": 1, "plan": "team", "seats": 2})
        assert not laid_out, "the same again costs nothing"
        show(view, {"id": 1, "plan": "free", "seats": 2})
        assert [region.y for region in drawn] == [2]
        show(view, {"id": 1, "plan": "free"})
        assert [region.y for region in drawn] == [2, 2, 3, 4]
        assert not any(laid_out)
        assert painted(view)[:5] == ["{", '  "id": 1,', '  "plan": "free"', "}", ""]

    drive(script)


def test_what_is_longer_than_the_view_scrolls_and_wraps_beside_the_scrollbar() -> None:
    async def script(view: JsonView, pilot: Pilot[None]) -> None:
        wide = "名" * 40
        show(view, {"wide": wide, "many": list(range(20))})
        await pilot.pause()
        assert view.show_vertical_scrollbar
        room = view.scrollable_content_region.width
        pieces = [piece for line in lines({"wide": wide}, frozenset()) for piece in hanging(line, room)]
        assert painted(view)[:3] == [plain(piece) for piece in pieces[:3]]
        view.action_move("end")
        await pilot.pause()
        assert painted(view)[-1] == "}"
        show(view, {"many": list(range(15))})
        await pilot.pause()
        assert painted(view)[-1] == "}", "no further than the shorter one goes"
        show(view, {"id": 1})
        await pilot.pause()
        assert not view.show_vertical_scrollbar
        assert painted(view)[:3] == ["{", '  "id": 1', "}"]

    drive(script)


def test_what_the_mouse_selects_is_marked_and_can_be_copied() -> None:
    async def script(view: JsonView, pilot: Pilot[None]) -> None:
        show(view, {"id": 1, "plan": "team"})
        await pilot.pause()
        plainly = list(view.render_line(1))
        view.screen.selections = {view: Selection(Offset(2, 1), Offset(8, 2))}
        await pilot.pause()
        assert view.screen.get_selected_text() == '"id": 1,\n  "plan"'
        marked = [segment for segment in view.render_line(2) if segment.text == '"plan"']
        ground = screen_selection(view)
        assert [segment.style.bgcolor for segment in marked if segment.style] == [ground]
        view.screen.clear_selection()
        await pilot.pause()
        assert list(view.render_line(1)) == plainly

    drive(script)


def screen_selection(view: JsonView) -> Any:
    return view.screen.get_component_rich_style("screen--selection", partial=True).bgcolor


def test_another_theme_brings_other_colours() -> None:
    async def script(view: JsonView, pilot: Pilot[None]) -> None:
        show(view, {"id": 1})
        await pilot.pause()
        before = list(view.render_line(1))
        view.app.theme = "textual-light"
        await pilot.pause()
        assert list(view.render_line(1)) != before

    drive(script)
