"""Whether systemd-logind ends a job when its session does (logind.conf: KillUserProcesses)."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from cockpit.findings import Finding, ok, warn

ROOT = Path("/")
PLACES = ("etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd")
"""Where logind.conf and logind.conf.d are looked for, the first place that has a file winning."""
_LINE = re.compile(r"\s*(#?)\s*(KillUserProcesses|KillOnlyUsers|KillExcludeUsers)\s*=\s*(.*?)\s*")
_YES = {"yes", "true", "on", "1"}


def examine(user: str, root: Path = ROOT) -> list[Finding]:
    """Nothing where this process is in no session of logind's, which then has nothing to end."""
    if not in_session(_read(root / "proc/self/cgroup")):
        return []
    if not kills(settings(root), user):
        return [ok("logind", "leaves your processes alone when a session ends")]
    what = "logind ends your processes when you log out (KillUserProcesses=yes)"
    step = (
        "loginctl enable-linger, then start cockpit by: systemd-run --user --scope cockpit; or set "
        "KillUserProcesses=no in /etc/systemd/logind.conf"
    )
    return [warn("logind", what, "jobs end with the terminal that started them; they resume", step)]


def in_session(cgroup: str) -> bool:
    """Whether /proc/self/cgroup names the scope of a session."""
    return re.search(r"/session-[^/]+\.scope", cgroup) is not None


def settings(root: Path) -> dict[str, str]:
    """The three settings as the files give them.

    A commented line of the main file shows the built-in default, which differs between distributions.
    """
    files = [root / place / "logind.conf" for place in PLACES]
    main = _read(next((file for file in files if file.exists()), files[0]))
    dropins: dict[str, Path] = {}
    for place in reversed(PLACES):
        dropins |= {file.name: file for file in (root / place / "logind.conf.d").glob("*.conf")}
    later = [_read(dropins[name]) for name in sorted(dropins)]
    return _assigned([main], "#") | _assigned([main, *later], "")


def kills(found: Mapping[str, str], user: str) -> bool:
    """Whether processes of that user end with their session (logind.conf(5)); root's don't by default."""
    if found.get("KillUserProcesses", "no").lower() not in _YES:
        return False
    if only := found.get("KillOnlyUsers", "").split():
        return user in only
    return user not in found.get("KillExcludeUsers", "root").split()


def _assigned(texts: Iterable[str], sign: str) -> dict[str, str]:
    lines = (_LINE.fullmatch(line) for text in texts for line in text.splitlines())
    return {found[2]: found[3] for found in lines if found is not None and found[1] == sign}


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
