"""What the diff found in the seeded states."""

from cockpit.state.diffs import Finding
from tests.tui.people import FIRST, email, raw


def found(organization: int | None) -> list[Finding]:
    """Some of each sort; `organization` is the one that drifted."""
    several = [
        Finding("missing", 620, raw(619).id, email(619), None, {"why": "imported, not at the target"}, True),
        Finding(
            "extra",
            None,
            None,
            "sso.robot@acme.example",
            "user_01JDEXTRA1",
            {"why": "not brought by this migration"},
            True,
        ),
        Finding("accepted", 811, raw(810).id, email(810), None, {"why": "skipped"}),
        Finding("deleted", 77, raw(76).id, email(76), None, {"why": "no longer at the source"}),
        Finding("changed", 31, raw(30).id, email(30), None, {"last_name": ["Tanaka", "Tanaka-Weiss"]}),
    ]
    who = raw(3).id
    several += [
        Finding(
            "missing",
            None,
            f"org_0003/{who}",
            email(3),
            None,
            {"why": "new at the source since the export"},
            thing="membership",
        ),
        Finding(
            "drifted",
            organization,
            "org_0004",
            "Hooli",
            "org_01JD000005",
            {"name": ["Hooli", "Hooli XYZ"]},
            thing="organization",
        ),
    ]
    for subject in (12, 140, 233):
        fields = {"first_name": [FIRST[(subject - 1) % 10], "X."], "email_verified": [True, False]}
        several.append(
            Finding(
                "drifted", subject, raw(subject - 1).id, email(subject - 1), f"user_01JD{subject:06d}", fields
            )
        )
    return several
