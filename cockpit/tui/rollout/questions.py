"""What is asked before something is done to the rollout, and what it says would happen."""

from collections.abc import Sequence

from cockpit.jobs.rollout.overview import Line, WaveLine
from cockpit.tui import marks, text
from cockpit.tui.rollout import cells
from cockpit.tui.screens.ask import Ask
from cockpit.tui.screens.flip import Going
from cockpit.tui.screens.pick import Answer, Pick
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.words import counted

AUDITED = "why; it stands in the audit trail"
NAMED = 4
"""Connections that are named."""
PLAN = Answer(
    "plan", "p", "plan", "Lay out anew what is not done: canary, 5, 25 and 100 % by risk. Nothing moves."
)


def going(found: Sequence[Line]) -> Going:
    """Connections that a person flips."""
    many = len(found)
    if many == 1:
        return Going(f"Flip {cells.name(found[0])} to WorkOS?", _one(found[0]), 1, "Flip", only_arm=False)
    says: list[list[Part]] = [
        *_named(found),
        [("They are armed; the watch sends them to WorkOS one after the other, each as a canary.", "plain")],
    ]
    return Going(f"Flip {text.number(many)} marked connections?", says, many, "Arm all", only_arm=True)


def going_in_wave(wave: WaveLine, found: Sequence[Line]) -> Going:
    """Connections that a wave would arm."""
    says: list[list[Part]] = [
        *_named(found),
        [
            ("They are armed; the watch flips them one by one and judges them for ", "plain"),
            (f"{wave.wave.bake_s / 3600:g} h", "strong"),
            (". What fails goes back by itself.", "plain"),
        ],
    ]
    return Going(f"Start wave {wave.wave.name}?", says, len(found), "Start", only_arm=True)


def _one(line: Line) -> list[list[Part]]:
    users = counted(line.row.described.users, "user")
    return [
        [(cells.organization(line), "strong"), (f"   {text.line(line.connection, 60)}", "dim")],
        [
            (users, "strong"),
            (" sign in at WorkOS from the next request on. It is a canary until a real sign-in", "plain"),
            (" succeeds; a watch that sees it fail takes it back, and so does ! at once.", "plain"),
        ],
    ]


def _named(found: Sequence[Line]) -> list[list[Part]]:
    users = sum(line.row.described.users for line in found)
    names = ", ".join(cells.organization(line) for line in found[:NAMED])
    more = f" and {text.number(len(found) - NAMED)} more" if len(found) > NAMED else ""
    return [
        [
            (counted(len(found), "connection"), "strong"),
            (f", {counted(users, 'user')}: {names}{more}", "plain"),
        ]
    ]


def move(found: Sequence[Line], planned: Sequence[str]) -> Pick:
    """Into which wave; the value of the answer is its place among these, "drop" for none."""
    waves = {line.wave for line in found}
    now = ", ".join(sorted(wave or "no wave" for wave in waves)) if len(waves) <= NAMED else "several waves"
    head: list[list[Part]] = [*_named(found), [("So far: ", "dim"), (now, "plain")]]
    answers = [
        Answer(f"to_{place}", str(place + 1), name, "They go with it once it is started.")
        for place, name in enumerate(planned)
    ]
    answers.append(Answer("drop", "0", "none", "They are in no wave; f sends them by themselves."))
    return Pick("Move to which wave?", lines.joined(map(lines.content, head)), answers)


def approval(found: Sequence[Line]) -> str:
    """What a second person agrees to."""
    who = ", ".join(cells.organization(line) for line in found[:NAMED])
    more = f" and {text.number(len(found) - NAMED)} more" if len(found) > NAMED else ""
    return f"Somebody else may flip {who}{more}, once. It counts where two_person is set; it is audited."


def waves(
    found: Sequence[WaveLine], present: WaveLine | None, following: WaveLine | None, *, two_person: bool
) -> Pick:
    """What may be done to the waves now."""
    head: list[list[Part]] = [[("No waves are laid out yet.", "plain")]] if not found else []
    for each in found:
        mark = marks.of(marks.WAVES, each.wave.state)
        why = each.pending or each.wave.reason or ""
        head.append(
            [
                (f"{each.wave.name:<8}", "strong"),
                (f"{mark!s:<11}", mark.tone),
                (f"{counted(len(each.members), 'connection')}", "plain"),
                (f" · {text.line(why, 80)}" if why else "", "dim"),
            ]
        )
    answers: list[Answer] = []
    if present is not None:
        name = present.wave.name
        if present.wave.state == "running":
            answers.append(
                Answer("hold", "h", "hold", f"No more of {name} goes; what is at WorkOS stays there.")
            )
        else:
            answers.append(Answer("resume", "r", "resume", f"{name} goes on where it stood."))
        answers.append(
            Answer(
                "abort",
                "a",
                "abort",
                f"Every connection that {name} flipped goes back to legacy and is held.",
            )
        )
    else:
        if following is not None:
            many = counted(len(following.members), "connection")
            answers.append(
                Answer("start", "s", "start", f"Arm {many} of {following.wave.name}; the gates come first.")
            )
            if two_person:
                says = f"Agree, as the second person, that somebody else starts {following.wave.name}, once."
                answers.append(Answer("approve", "y", "approve", says))
        answers.append(PLAN)
    return Pick("Waves", lines.joined(map(lines.content, head)), answers)


def tick(line: Line, dashboard: str) -> Ask:
    """What somebody saw."""
    head: list[list[Part]] = [
        [(cells.organization(line), "strong"), (f"   {text.line(line.connection, 60)}", "dim")],
        [("Its session is to be seen at ", "plain"), (text.line(dashboard), "busy")],
    ]
    return Ask("Seen in the dashboard", head, "what you saw; it stands in the audit trail", "ticks it off")


def release(found: Sequence[Line]) -> Ask:
    """Why held ones may take part again."""
    head: list[list[Part]] = [
        *_named(found),
        [("Their logins stay at legacy until somebody flips them; waves may take them along.", "plain")],
    ]
    return Ask("Release", head, AUDITED, "releases")
