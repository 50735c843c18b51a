"""Organizations, roles, memberships and second factors in the panes: counts, lists, records, errors, diff."""

from collections import Counter
from pathlib import Path

import pytest

from cockpit.clock import boot_id
from cockpit.jobs import lock
from cockpit.state import errors, exports, jobs, journal, resources, summary
from cockpit.state.database import open_readonly, open_state, transaction
from cockpit.state.error_filter import Filter
from cockpit.tui import kinds
from cockpit.tui.app import CockpitApp
from cockpit.tui.widgets import lines
from tests.tui.driving import Cockpit, database, drive, painted, press, said
from tests.tui.seeded import Seeded, seed
from tests.tui.tenants import UNKNOWN_ROLE


def first_line(app: CockpitApp) -> str:
    """How far the job of the pane is."""
    return "".join(segment.text for segment in app.screen._compositor.render_strips()[2])


def columns(app: CockpitApp) -> list[tuple[str, ...]]:
    browser = app.pane.browser
    assert browser is not None
    rows = [browser.row(id_) for id_ in browser.visible_ids()]
    return [tuple(text for text, _ in row.cells) for row in rows if row is not None]


def test_how_far_each_kind_is_comes_from_counters(tmp_path: Path) -> None:
    seeded = seed(tmp_path, "running")
    seeded.close()
    connection = open_readonly(seeded.path)
    found = summary.read(connection)
    said = "   ".join("".join(text for text, _ in unit) for unit in kinds.beside_users(found))
    assert "organizations 11 / 12 ✘ 1 failed" in said
    assert "memberships 194 / 800 ✘ 6 failed" in said
    waiting = resources.waiting(connection, "membership")
    assert 0 < waiting < 600
    assert f"{waiting} waiting" in said
    assert found.to_send == sum(states["ready"] + states["sending"] for states in found.kinds.values()) - (
        waiting + resources.waiting(connection, "factor")
    )


def test_an_export_at_work_names_the_kind_that_it_reads(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        connection = open_state(seeded.path)
        with transaction(connection):
            exports.begin(connection, 9, "membership")
            job = jobs.create(connection, "export", {"source": "auth0"}, "ada", 9)
            jobs.started(connection, job, 77, boot_id(), seeded.clock.monotonic(), 9)
        connection.close()
        with lock.held(seeded.path, "export"):
            await press(pilot, "2")
            assert "Export    memberships 0" in first_line(app)
            await press(pilot, "1")
            assert "memberships not complete" in painted(app)
            await press(pilot, "s")
            assert "export is running already" in said(app)

    drive(tmp_path, "stopped", script, size=(160, 50))


def test_a_kind_that_has_none_is_not_shown(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "3")
        assert "Memberships" not in painted(app)
        await press(pilot, "2", "v")
        assert app.pane.level == "pages"

    drive(tmp_path, "empty", script)


def test_the_lists_of_the_import_and_their_records(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "3", "v")
        assert Counter(row[-1] for row in columns(app)) == {"✔ imported": 10, "◆ adopted": 1, "✘ failed": 1}
        await press(pilot, "slash", *"state:failed", "enter", "enter")
        opened = app.pane.opened
        assert opened is not None and opened.record is not None
        assert [side.title for side in opened.record.sides] == [
            "source payload",
            "mapped request",
            "standing",
        ]
        assert opened.record.hot == {"domain_data"}
        assert "domain of another organization" in painted(app)
        await press(pilot, "escape", "escape", "v")
        assert {row[0] for row in columns(app)} == {"role", "permission"}
        await press(pilot, "v", "slash", *"org:Umbra", "enter")
        assert {row[1] for row in columns(app)} == {"Umbra Labs"}
        await press(pilot, "v", "v")
        assert app.pane.level == "grid"
        await press(pilot, "V")
        assert {row[1] for row in columns(app)} == {"Acme"}

    drive(tmp_path, "running", script)


def test_a_secret_of_a_factor_is_masked(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "2", *"vvvv", "enter")
        assert "totp_00000" in painted(app)
        assert "JBSWY3DP" not in painted(app)
        await press(pilot, "u")
        assert "JBSWY3DP" in painted(app)

    drive(tmp_path, "running", script, size=(160, 50))


def test_a_rule_opens_the_resources_it_has_something_to_say_of(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "2", "V", "V", "j")
        assert "organization: domain of" in painted(app)
        await press(pilot, "enter")
        assert columns(app) == [("Cyberdyne", "", "globex.example, as Globex", "✘ failed")]
        await press(pilot, "enter", "escape", "escape")
        assert app.pane.level == "lint"

    drive(tmp_path, "running", script)


def test_errors_of_every_kind_say_what_they_are_and_are_retried_alike(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def ready() -> int:
            return journal.counts(database(seeded), "membership")["ready"]

        before = ready()
        await press(pilot, "4", "slash", *"kind:membership", "enter", "enter")
        assert all(row[0].startswith("membership: ") for row in columns(app))
        await press(pilot, "enter")
        opened = app.pane.opened
        assert opened is not None and opened.record is not None
        source, request, response = opened.record.sides
        assert source.value["org_id"] and request.value == {"role_slug": source.value["roles"][0]}
        assert response.value["code"] == "invalid_role"
        await press(pilot, "r")
        assert ready() == before + 1
        assert len(errors.ids(database(seeded), Filter(fingerprint=UNKNOWN_ROLE.fingerprint))) == 5

    drive(tmp_path, "running", script)


def test_a_difference_of_an_organization_shows_both_its_sides(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "5")
        assert "6 users, 1 membership, 1 organization" in painted(app)
        await press(pilot, "slash", *"thing:organization", "enter")
        assert [row[1] for row in columns(app)] == ["organization: Hooli"]
        await press(pilot, "enter")
        opened = app.pane.opened
        assert opened is not None and opened.record is not None
        ours, theirs = (side.value for side in opened.record.sides)
        assert (ours["name"], theirs["name"]) == ("Hooli", "Hooli XYZ")
        assert ours["domain_data"] == theirs["domain_data"]

    drive(tmp_path, "running", script)


@pytest.mark.parametrize(("width", "expected"), [(60, ["users: 5   roles: 7", "       factors: 1"]), (16, 3)])
def test_units_are_packed_whole(width: int, expected: object) -> None:
    units: list[list[lines.Part]] = [
        [("5", "plain")],
        [("roles:", "dim"), (" 7", "plain")],
        [("factors: 1" + " " * 40 * (width == 60), "plain")],
    ]
    packed = [line.plain.rstrip() for line in lines.packed(("users: ", "dim"), units, width)]
    assert (packed if width == 60 else len(packed)) == expected
