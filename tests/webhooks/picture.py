"""python -m tests.webhooks.picture FOLDER: herd.svg and herd.png, from a real run of both ways."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import resvg_py

from tests.webhooks import herd

BACKLOG, LIMIT, TOPPLED_S, RAMP_S, WATCH_S = 3000, 100, 5.0, 10.0, 36
WIDTH, HEIGHT, LEFT, TOP, PANEL = 760, 420, 60, 46, 140
FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
BACK, INK, WELL, HURT, LINE = "#1e1e2e", "#cdd6f4", "#a6e3a1", "#f38ba8", "#f9e2af"


def panel(top: int, title: str, told: dict[str, Any], most: int, seconds: int) -> list[str]:
    """One way: requests by second as bars, the limit as a line."""
    rates: Sequence[tuple[int, int]] = told["per_second"]
    first, wide = rates[0][0], (WIDTH - LEFT - 20) / seconds
    bottom = top + PANEL
    drawn = [f'<text x="{LEFT}" y="{top - 10}" fill="{INK}">{title}</text>']
    for second, n in rates:
        tall = PANEL * n / most
        colour = HURT if n > LIMIT else WELL
        drawn.append(
            f'<rect x="{LEFT + (second - first) * wide:.1f}" y="{bottom - tall:.1f}" '
            f'width="{max(1.0, wide - 1):.1f}" height="{tall:.1f}" fill="{colour}"/>'
        )
    limit = bottom - PANEL * LIMIT / most
    return [
        *drawn,
        f'<path d="M{LEFT} {limit:.1f}H{WIDTH - 20}" stroke="{LINE}" stroke-dasharray="4 3"/>',
        f'<path d="M{LEFT} {top}V{bottom}H{WIDTH - 20}" stroke="{INK}" fill="none"/>',
        f'<text x="{LEFT - 6}" y="{limit + 4:.1f}" fill="{LINE}" text-anchor="end">{LIMIT}/s</text>',
        f'<text x="{LEFT - 6}" y="{top + 8}" fill="{INK}" text-anchor="end">{most}/s</text>',
        f'<text x="{WIDTH - 20}" y="{bottom + 14}" fill="{INK}" text-anchor="end">{seconds} s</text>',
    ]


def drawing(bad: dict[str, Any], good: dict[str, Any]) -> str:
    """Both ways under one another, each on its own scale of requests."""
    seconds = max(told["per_second"][-1][0] - told["per_second"][0][0] + 1 for told in (bad, good))
    peaks = [max(n for _, n in told["per_second"]) for told in (bad, good)]
    said = (
        f"{BACKLOG:,} events, straight: toppled {bad['topples']} times, {bad['taken']:,} taken in that time",
        f"{BACKLOG:,} events, drained: toppled {good['topples']} times, {good['taken']:,} taken, each once",
    )
    lines = panel(TOP, said[0], bad, peaks[0], seconds)
    lines += panel(TOP + PANEL + 60, said[1], good, max(peaks[1], 2 * LIMIT), seconds)
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {HEIGHT}"'
    back = f'<rect {size} fill="{BACK}"/>'
    return "\n".join([f'{head} font-family="{FONT}" font-size="12">', back, *lines, "</svg>"]) + "\n"


def main(folder: Path) -> None:
    """Run both ways, draw both."""
    bad = herd.straight(BACKLOG, LIMIT, TOPPLED_S, WATCH_S)
    with tempfile.TemporaryDirectory() as name:
        good = herd.drained(Path(name), BACKLOG, LIMIT, TOPPLED_S, RAMP_S)
    folder.mkdir(parents=True, exist_ok=True)
    svg = drawing(bad, good)
    (folder / "herd.svg").write_text(svg, encoding="utf-8", newline="\n")
    (folder / "herd.png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=2 * WIDTH)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
