"""Text from records never reaches the terminal as control characters, and never breaks a pane."""

import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.records import User
from cockpit.rules.lint import Finding
from cockpit.state import connections, errors, exports, journal, resource_findings, resources, users
from cockpit.state.claims import USERS
from cockpit.state.connections import Checked, Raw
from cockpit.state.database import open_state, transaction
from cockpit.state.errors import Failure
from cockpit.state.journal import Outcome
from cockpit.state.resources import Mapped
from cockpit.terms import Page, RawItem
from cockpit.tui.app import CockpitApp
from cockpit.tui.screens.edit import EditForm
from tests.connections.made import oidc
from tests.tui.driving import Cockpit, drive, press, settled
from tests.tui.seeded import Seeded

NASTY = {
    "escape": "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "nul": "a\x00b",
    "bidi": "\u202egnp.exe\u2066",
    "emoji": "👩‍👩‍👧‍👦🇫🇷 名前 é",
    "lines": "one\r\ntwo\u2028three\x85four",
    "markup": "[bold red]x[/] [@click=app.do('leave')]y[/] \\[",
    "long": "a" * 4096,
}


def poison(seeded: Seeded) -> None:
    """A state in which every text from outside is nasty."""
    connection = open_state(seeded.path, create=True)
    items = [
        RawItem(f"id-{name}-{text[:50]}", json.dumps({"email": text, "name": text, text[:80]: [text]}))
        for name, text in NASTY.items()
    ]
    with transaction(connection):
        export = exports.begin(connection, 1)
        exports.commit_page(
            connection, export.id, Page(NASTY["escape"], NASTY["bidi"], None, items, 10), 10, 1
        )
        exports.complete(connection, export.id, "complete", 0, 2)
        mapped = [
            (raw, User(source_id=raw.source_id, email=f"{text}@x.example", name=text, connection=text))
            for raw, text in zip(users.unmapped(connection, 0, 100), NASTY.values(), strict=True)
        ]
        users.save(connection, mapped)
        claimed = journal.claim(connection, USERS, 0, 100, 1, 3)
        outcomes = [
            Outcome(
                one.operation,
                one.subject,
                "failed",
                1,
                failure=Failure(
                    "fixable",
                    text,
                    text,
                    text,
                    request=json.dumps({text: text}),
                    status=422,
                    code=text,
                    body=json.dumps({"message": text}),
                ),
            )
            for one, text in zip(claimed, NASTY.values(), strict=True)
        ]
        journal.settle(connection, journal.USER, outcomes, 1, 10, 4)
        tenants = exports.begin(connection, 1, "organization")
        exports.commit_page(connection, tenants.id, Page("", "", None, items, 10), 10, 1)
        exports.complete(connection, tenants.id, "complete", 0, 2)
        raws = resources.unmapped(connection, 0, 100)
        pairs = [
            (raw, Mapped(text, {text[:80]: text})) for raw, text in zip(raws, NASTY.values(), strict=True)
        ]
        for kept, text in zip(resources.save(connection, pairs), NASTY.values(), strict=True):
            finding = Finding("domain_syntax", "error", text, text)
            resource_findings.replace(connection, kept.id, [finding])
        sso = exports.begin(connection, 1, "connection")
        exports.commit_page(connection, sso.id, Page("", "", None, items, 10), 10, 1)
        connections.save(connection, [*map(_connection, connections.raws(connection), NASTY.values())], 3)
        for ident, text in enumerate(NASTY.values(), 1):
            connections.pair(connection, ident, text, text, text)
            connections.hand_over(connection, ident, "flagged", 4, text)
            connections.invited(connection, ident, text, 5)
        assert len(errors.groups(connection)) == len(NASTY)
    connection.close()


def _connection(raw: Raw, text: str) -> Checked:
    made = oidc(raw.source_id, name=text, idp=text, organizations=(text, "other"), domains=(text,))
    found = [Finding("domain_syntax", "error", text, text)]
    return Checked(raw.id, made, found, "review", (text,), 4)


def painted(app: CockpitApp) -> str:
    """All characters on the screen, as the compositor hands them to the terminal."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip if not segment.control) for strip in strips)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_no_pane_lets_control_characters_through(tmp_path: Path, size: tuple[int, int]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        poison(seeded)
        await settled(pilot)

        async def look(*keys: str) -> Any:
            await press(pilot, *keys)
            screen = painted(app)
            bad = [character for character in screen if character != "\n" and not _harmless(character)]
            assert not bad, (keys, bad)
            assert {len(line) for line in screen.splitlines()} != {0}

        for keys in (("1",), ("2",), ("enter",), ("escape", "v"), ("enter",), ("escape", "v"), ("enter",)):
            await look(*keys)
        await look("3")
        await look("enter")
        await look("enter")
        await look("escape", "escape", "v")
        for _ in NASTY:
            await look("enter")
            await look("escape", "j")
        await look("4")
        for _ in NASTY:
            await look("enter")
            await look("enter")
            await look("L")
            await look("f")
            if isinstance(app.screen, EditForm):
                await look("escape")
            await look("escape", "escape", "a")
            await look("escape", "j")
        await look("i")
        await look("escape", "6")
        for _ in NASTY:
            await look("enter")
            await look("L")
            for form in ("v", "t", "M"):
                await look(form)
                await look("escape")
            await look("t", "i")
            await look("escape")
            await look("escape", "j")

    drive(tmp_path, "empty", script, size=size)


def _harmless(character: str) -> bool:
    code = ord(character)
    control = code < 0x20 or 0x7F <= code < 0xA0
    return (
        not control and character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    )
