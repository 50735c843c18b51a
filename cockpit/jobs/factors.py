"""factors load: join a vendor's file of authenticator apps (TOTP) to the users. One app a user."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.clock import Clock
from cockpit.jobs import lint_resources, vendor_file
from cockpit.jobs.context import JobContext
from cockpit.passwords.entries import BadLine
from cockpit.passwords.totp_file import TotpEntry
from cockpit.rules import tenancy, totp
from cockpit.settings import Settings, SettingsError
from cockpit.state import audit
from cockpit.state import lint as findings
from cockpit.terms import OpState

TOO_LATE = "app of a user whom the target has already with another"
ARRIVED: tuple[OpState, ...] = ("sending", "imported", "adopted", "unknown")
"""Where the target has the app, or may have."""


@dataclass
class FactorReport:
    """How a file was joined. `matched` users keep their app, `replaced` of them had another one before.

    `unmatched_file` entries belong to nobody here; `unmatched_users` have an app by their records, and no
    secret of it; `refused` counts secrets that the target would not take and lines without one, by reason.
    """

    matched: int = 0
    replaced: int = 0
    unmatched_file: int = 0
    unmatched_users: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def load(state: Path, settings: Settings, file: Path, *, operator: str, clock: Clock) -> FactorReport:
    """Join a file of secrets to the users; what is not mapped yet is mapped first.

    Raises as vendor_file.load does, and SettingsError for a source that has no such file.
    """

    async def join(context: JobContext) -> FactorReport:
        provider = await vendor_file.provider(context)
        if provider is None or provider.totp_file is None:
            title = provider.title if provider else "no source yet"
            raise SettingsError(f"no file of TOTP secrets is known for this state's source ({title})")
        report = FactorReport()
        batch_size = settings.imports.batch_size
        entries = provider.totp_file(vendor_file.blocks(file), settings.factors)
        for chunk in vendor_file.chunks(entries):
            await context.writer.run(_join, chunk, report, batch_size, context.now())
        report.unmatched_users = await context.writer.run(_without)
        done = f"{report.matched} matched, {report.unmatched_file} unmatched"
        await context.writer.run(audit.record, operator, "factors.load", file.name, context.now(), after=done)
        return report

    return vendor_file.load(state, settings, file, join, operator=operator, clock=clock)


def _join(
    connection: sqlite3.Connection,
    chunk: Sequence[TotpEntry | BadLine],
    report: FactorReport,
    batch_size: int,
    now: int,
) -> None:
    kept: list[int] = []
    for entry in chunk:
        if isinstance(entry, BadLine):
            report.refused[entry.reason] += 1
        elif (user := vendor_file.whose(connection, entry)) is None:
            report.unmatched_file += 1
        elif (problem := _keep(connection, user, entry.secret, report, batch_size, now)) is not None:
            report.refused[problem] += 1
        else:
            kept.append(user)
    findings.keep_factors(connection, kept, totp.COVERED)


def _keep(
    connection: sqlite3.Connection, user: int, secret: str, report: FactorReport, batch_size: int, now: int
) -> str | None:
    """Make the secret the user's app, ready to be sent; or say why it can't be."""
    source_id, page = connection.execute("select source_id, page from raw where id = ?", (user,)).fetchone()
    made = totp.factor(f"{source_id}/totp", source_id, secret)
    for found in tenancy.lint(made):
        return found.detail
    before = connection.execute(
        "select s.secret, o.state from resources r join operations o on o.kind = r.kind and o.subject = r.id "
        "left join resource_secrets s on s.id = r.id where r.kind = 'factor' and r.source_id = ?",
        (made.source_id,),
    ).fetchone()
    another = before is not None and made.secret is not None and before[0] != made.secret.get_secret_value()
    if another and before[1] in ARRIVED:
        return TOO_LATE
    told = lint_resources.of_user(user, [made], {})
    lint_resources.store_told(connection, page, told, batch_size, now)
    report.matched += 1
    report.replaced += another
    return None


def _without(connection: sqlite3.Connection) -> int:
    lost = ", ".join("?" for _ in totp.COVERED)
    row = connection.execute(
        f"select count(distinct user) from findings where rule = 'second_factor_lost' and field in ({lost})",
        tuple(totp.COVERED),
    ).fetchone()
    return int(row[0])
