"""python -m tests.tui.screenshots FOLDER: the real panes over the seeded states, as SVG and PNG."""

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path

os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["TZ"] = "UTC"
for name in ("NO_COLOR", "TEXTUAL_THEME"):
    os.environ.pop(name, None)
time.tzset()

import resvg_py  # noqa: E402

from tests.tui.board_state import RolloutScene, seed_rollout  # noqa: E402
from tests.tui.driving import press, settled  # noqa: E402
from tests.tui.seeded import Scene, Seeded, seed  # noqa: E402

FONT = "DejaVu Sans Mono"
SHOTS: dict[str, tuple[Scene, tuple[str, ...]]] = {
    "overview": ("running", ()),
    "leading": ("leading", ()),
    "export": ("running", ("2",)),
    "lint": ("running", ("2", "V", "V")),
    "lint-users": ("running", ("2", "V", "V", "enter")),
    "lint-user": ("running", ("2", "V", "V", "enter", "enter")),
    "memberships": ("running", ("2", "v", "v", "v")),
    "passwords": ("running", ("2", "V", "j", "j")),
    "choose": ("running", ("2", "V", "j", "c")),
    "resets": ("stopped", ("2", "V", "e")),
    "import": ("running", ("3",)),
    "import-throttled": ("throttled", ("3",)),
    "import-stale": ("stale", ("3",)),
    "organization": ("running", ("3", "v", "G", "k", "k", "enter")),
    "errors": ("running", ("4",)),
    "error": ("running", ("4", "enter", "j", "enter")),
    "membership-error": ("running", ("4", "slash", *"kind:membership", "enter", "enter", "enter")),
    "records": ("running", ("4", "enter")),
    "fix": ("running", ("4", "enter", "f")),
    "fix-all": ("running", ("4", "a", "down", "down", "down")),
    "merge": ("running", ("4", "j", "m")),
    "diff": ("running", ("5",)),
    "difference": ("running", ("5", "v", "v", "enter")),
    "sync": ("running", ("5", "S")),
    "connections": ("running", ("6",)),
    "connection": ("running", ("6", "o", "o", "enter")),
    "override": ("running", ("6", "o", "o", "v")),
    "strategy": ("running", ("6", "S")),
    "webhooks": ("quieting", ("8",)),
    "webhooks-act": ("quieting", ("8", "enter")),
    "webhooks-attest": ("quieting", ("8", "a")),
    "tank": ("quieting", ("8", "v")),
    "discard": ("quieting", ("8", "v", "D", *"unused", "enter")),
    "drain": ("draining", ("8", "v", "v")),
    "drain-form": ("quieting", ("8", "v", "s", *"https://app.example/webhooks")),
    "dead": ("draining", ("8", "v", "d")),
    "events": ("draining", ("8", "V")),
    "event": ("draining", ("8", "V", "j", "j", "enter")),
    "gaps": ("draining", ("8", "V", "c")),
    "log": ("running", ("9",)),
    "log-entry": ("running", ("9", "slash", *"action:override", "enter", "enter")),
    "log-jobs": ("stopped", ("9", "v", "v")),
    "log-job": ("running", ("9", "v", "v", "enter")),
    "log-output": ("stopped", ("9", "V")),
    "overview-quieting": ("quieting", ()),
    "overview-clean": ("clean", ()),
    "help": ("running", ("3", "question_mark")),
}
BOARDS: dict[str, tuple[RolloutScene, tuple[str, ...]]] = {
    "rollout": ("wave", ("7",)),
    "rollout-failing": ("failing", ("7",)),
    "rollout-killed": ("wave", ("7", "ctrl+k", "exclamation_mark")),
    "waves": ("wave", ("7", "w")),
    "log-rollout": ("failing", ("9", "v")),
}
SIZES = ((80, 24), (120, 40))


async def shoot(folder: Path, name: str, size: tuple[int, int]) -> None:
    """One picture of one pane."""
    with tempfile.TemporaryDirectory() as home:
        seeded, keys = _seeded(Path(home), name)
        try:
            app = seeded.app()
            async with app.run_test(size=size) as pilot:
                await settled(pilot)
                await press(pilot, *keys)
                svg = plain_font(app.export_screenshot(title="cockpit"))
        finally:
            seeded.close()
    stem = folder / f"{name}-{size[0]}x{size[1]}"
    stem.with_suffix(".svg").write_text(svg, encoding="utf-8", newline="\n")
    stem.with_suffix(".png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size[0] * 10)))


def _seeded(home: Path, name: str) -> tuple[Seeded, tuple[str, ...]]:
    if name in BOARDS:
        moved, keys = BOARDS[name]
        return seed_rollout(home, moved), keys
    scene, keys = SHOTS[name]
    return seed(home, scene), keys


def plain_font(svg: str) -> str:
    """The picture without fonts from the network, which no viewer of README loads."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    return svg.replace("Fira Code", FONT)


async def main(folder: Path, wanted: list[str]) -> None:
    """All pictures, or those named."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted or (*SHOTS, *BOARDS):
        for size in SIZES:
            await shoot(folder, name, size)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
