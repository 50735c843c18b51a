"""A package held against its contract: manifest, files, headers, counts, every row, and what rows refer to.

Beyond the contract's own validator, rows are judged, too. Nothing is kept in memory but a few findings.
"""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cockpit.package import headers, manifest, rows
from cockpit.package.findings import Findings
from cockpit.package.headers import FILES, HEADERS, NEEDED, RENAMED, TEMPLATES
from cockpit.package.manifest import COUNTED, NotAManifest
from cockpit.package.table import NotATable, Table

READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


def validate(folder: Path) -> Findings:
    """Everything that is wrong with the package in that folder."""
    findings = Findings()
    told, tables = _outline(folder, findings)
    if told is None:
        return findings
    counts = rows.judge(tables, findings, guarded=manifest.is_guarded(told))
    counts |= {key: _json_lines(folder, key, findings) for key in ("warnings", "skippedUsers")}
    _compare(told, counts, findings)
    _secrets(folder, told, counts, findings)
    return findings


def outline(folder: Path) -> Findings:
    """The same of manifest and headers alone, which is quick."""
    findings = Findings()
    _outline(folder, findings)
    return findings


def _outline(folder: Path, findings: Findings) -> tuple[Mapping[str, Any] | None, dict[str, Table]]:
    try:
        told = manifest.parse((folder / headers.MANIFEST).read_text(encoding="utf-8-sig"))
    except OSError as error:
        findings.error("manifest_unusable", headers.MANIFEST, error.strerror or "it can't be read")
        return None, {}
    except (UnicodeDecodeError, NotAManifest) as error:
        findings.error("manifest_unusable", headers.MANIFEST, str(error))
        return None, {}
    for field, what in manifest.problems(told):
        findings.error("manifest_field", headers.MANIFEST, f"{field} {what}")
    return told, _tables(folder, told, findings)


def _tables(folder: Path, told: Mapping[str, Any], findings: Findings) -> dict[str, Table]:
    """The CSV files that can be read, by their key; every file that is named is there."""
    found: dict[str, Table] = {}
    named = manifest.table(told, "files")
    for key, name in FILES.items():
        path = folder / name
        if not path.is_file():
            if key in named or key == "users":
                findings.error("file_missing", name, "the manifest names it, and it is not there")
            continue
        if key not in HEADERS[TEMPLATES[0]]:
            continue
        try:
            found[key] = Table(path, RENAMED)
        except (NotATable, OSError) as error:
            findings.error("csv_unreadable", name, str(error))
            continue
        _header(key, name, found[key], findings)
    return found


def _header(key: str, name: str, table: Table, findings: Findings) -> None:
    """Header for header; what differs can be read all the same as long as what is needed is there."""
    if any(table.header == HEADERS[template][key] for template in TEMPLATES):
        return
    needed = NEEDED.get(key, ())
    all_needed = key == "totpSecrets"
    there = [column in table.names for column in needed]
    if needed and not (all(there) if all_needed else any(there)):
        wanted = (" and " if all_needed else " or ").join(needed)
        findings.error("header_unusable", name, f"no column {wanted}: nothing in it can be used")
        return
    expected = HEADERS[TEMPLATES[0]][key]
    missing = [column for column in expected if column not in table.header]
    extra = [column for column in table.header if column not in expected]
    what = [
        *([f"without {', '.join(missing)}"] if missing else []),
        *([f"with {', '.join(extra)}"] if extra else []),
    ]
    told = " and ".join(what) or "its columns are in another order"
    findings.error("header_differs", name, f"not the contract's header: {told}")


def _json_lines(folder: Path, key: str, findings: Findings) -> int:
    name, count = FILES[key], 0
    try:
        with (folder / name).open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                count += 1
                try:
                    json.loads(line)
                except (ValueError, RecursionError):
                    findings.error("jsonl_unreadable", name, "not JSON", number)
    except FileNotFoundError:
        pass  # said already, where it is named
    except (OSError, UnicodeDecodeError) as error:
        findings.error("jsonl_unreadable", name, str(error))
    return count


def _compare(told: Mapping[str, Any], counts: Mapping[str, int], findings: Findings) -> None:
    exported = manifest.table(told, "entitiesExported")
    for key in COUNTED:
        if key in counts and exported.get(key, 0) != counts[key]:
            what = f"the manifest counts {exported.get(key, 0)} records, it has {counts[key]}"
            findings.error("count_differs", FILES[key], what)


def _secrets(folder: Path, told: Mapping[str, Any], counts: Mapping[str, int], findings: Findings) -> None:
    if not counts.get("totpSecrets"):
        return
    name = FILES["totpSecrets"]
    if told.get("secretsRedacted") is not False:
        findings.error(
            "secrets_not_declared", name, "it has secrets, and the manifest says that there are none"
        )
    if (folder / name).stat().st_mode & READABLE_BY_OTHERS:
        findings.warning("secrets_readable", name, "others on this machine can read it; chmod 600")
