"""What is asked before something is done to connections, and what it says would happen."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cockpit.connections.plan import Cost, Obstacle, Plan, obstacle
from cockpit.state.connections import ConnectionRecord, ConnectionRow
from cockpit.tui import text
from cockpit.tui.connections.decisions import OIDC, SAML
from cockpit.tui.connections.standing import Standing
from cockpit.tui.screens.ask import Ask
from cockpit.tui.screens.pick import Answer, Pick
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.words import counted

AUDITED = "why; it stands in the audit trail"
HINTS: Mapping[Obstacle, str] = {
    "unchecked": "c checks them",
    "undecided": "S chooses",
    "portal": "t invites, S chooses otherwise",
}
REACHED = (
    Answer("written", "w", "written", "It stands in a CSV that is not sent yet."),
    Answer("sent", "s", "sent", "WorkOS has the CSV."),
    Answer("flagged", "f", "flagged", "WorkOS does not take it; you are asked why."),
    Answer("imported", "i", "imported", "It is at WorkOS; m finds its id there."),
)
PORTAL = (
    Answer("invite", "i", "invite", "WorkOS sends the customer's IT contact its own e-mail with a link."),
    Answer("link", "l", "link", "You get a link, good for 5 minutes, to hand over yourself."),
)


def named(rows: Sequence[ConnectionRow]) -> str:
    """Who is concerned."""
    if len(rows) == 1:
        return text.line(rows[0].name or rows[0].source_id, 60)
    return f"{text.number(len(rows))} marked connections"


def strategy(made: Plan) -> Pick:
    """Portal or transparent: what either costs."""
    counts: list[Part] = [
        (f"All {text.number(made.total)} say {made.by_count}, ", "plain"),
        (f"the {text.number(made.capable)} that can move say {made.decided}", "strong"),
        (f" (from {text.number(made.proxy_from)}).", "plain"),
    ]
    now: list[Part] = [("In force: ", "dim"), (made.strategy or "none, until you choose", "strong")]
    answers = [Answer(cost.strategy, cost.strategy[0], cost.strategy, _costs(cost)) for cost in made.costs]
    return Pick("Strategy", lines.joined(map(lines.content, [counts, now])), answers)


def _costs(cost: Cost) -> str:
    return (
        f"{counted(cost.customers, 'customer')} to ask, {text.number(cost.moved)} move by themselves, "
        f"{text.number(cost.decisions)} to decide, {text.number(cost.blocked)} blocked. "
        f"It takes {'; '.join(cost.tasks)}."
    )


def why_strategy(chosen: str) -> Ask:
    """Why that one."""
    head: list[Part] = [(chosen, "strong"), (" is in force from then on. Why?", "plain")]
    return Ask("Strategy", [head], AUDITED, "chooses")


def create(count: int, folder: Path) -> str:
    """What creating does."""
    return (
        f"Creates {counted(count, 'connection')} at WorkOS, with organization and domains. Those that are "
        "there already are not made again. Where the environment has no connections API, the whole run goes "
        f"into CSV files in {folder}."
    )


def create_against(standing: Standing, says: str) -> Ask | None:
    """Asks why, where the plan stands in the way; None where it does not."""
    found = obstacle(standing.plan, standing.unchecked)
    if found is None:
        return None
    what, why = found
    head: list[list[Part]] = [[(says, "plain")], [], [(f"! {why}: {HINTS[what]}.", "warn")]]
    return Ask("Create against the plan?", head, AUDITED, "creates")


def write_csv(made: Plan, folder: Path) -> str:
    """Which files are written."""
    return (
        f"{SAML} and {OIDC} with the {text.number(made.capable)} that move transparently, proxy_routes.csv "
        f"and handoff_notes.md with all {text.number(made.total)}, custom_attribute_mappings.csv, "
        f"in {folder}; what is there is replaced. No secret is in them: cockpit connections csv --secrets "
        "writes these. "
        "Connections that are no further become written."
    )


def reached(who: str) -> Pick:
    """How far the hand-over is."""
    head = lines.content([(who, "strong"), ("\nWorkOS's own word comes with m.", "dim")])
    return Pick("How far is the hand-over?", head, REACHED)


def flagged(who: str) -> Ask:
    """Why WorkOS does not take it."""
    head: list[list[Part]] = [[(who, "strong")], [("Why does WorkOS not take it?", "plain")]]
    return Ask("Flagged", head, "WorkOS's reason", "marks")


def portal(who: str) -> Pick:
    """Invitation or link."""
    says = "\nIts customer sets the connection up anew in the Admin Portal."
    return Pick("Admin Portal", lines.content([(who, "strong"), (says, "dim")]), PORTAL)


def invite(record: ConnectionRecord) -> Ask:
    """Whom to invite; says so where somebody was invited before."""
    row = record.row
    head: list[list[Part]] = [
        [(named([row]), "strong")],
        [("WorkOS sends this IT contact its own e-mail.", "plain")],
    ]
    if row.invited_at is not None:
        who, when = text.line(record.invited_to or "somebody", 60), text.day(row.invited_at)
        head.append([(f"! {who} was invited {when}; Enter sends another e-mail.", "warn")])
    return Ask("Invite", head, "the e-mail address of the customer's IT contact", "invites", _no_address)


def _no_address(typed: str) -> str:
    before, at, after = typed.partition("@")
    return "" if before and at and after and " " not in typed else "that is no e-mail address"
