"""logind.conf as systemd reads it: the main file, drop-ins by name, a place before another."""

from pathlib import Path

import pytest

from cockpit.doctor import logind

SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
SERVICE = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-u1.scope\n"


def write(root: Path, files: dict[str, str], cgroup: str = SESSION) -> Path:
    for name, text in {**files, "proc/self/cgroup": cgroup}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


ETC, LIB = "etc/systemd/logind.conf", "usr/lib/systemd/logind.conf"


@pytest.mark.parametrize(
    ("files", "killed"),
    [
        ({}, False),
        ({ETC: "[Login]\n#KillUserProcesses=no\n"}, False),
        ({ETC: "[Login]\n#KillUserProcesses=yes\n"}, True),  # how it was built
        ({ETC: "[Login]\nKillUserProcesses = yes\n"}, True),
        ({LIB: "[Login]\n#KillUserProcesses=yes\n"}, True),
        ({LIB: "[Login]\nKillUserProcesses=yes\n", ETC: "[Login]\n"}, False),
        ({f"{ETC}.d/20-no.conf": "KillUserProcesses=no", f"{ETC}.d/10.conf": "KillUserProcesses=yes"}, False),
        ({f"{LIB}.d/90.conf": "KillUserProcesses=true", ETC: "KillUserProcesses=no"}, True),
        ({f"{LIB}.d/90.conf": "KillUserProcesses=true", f"{ETC}.d/90.conf": ""}, False),
        ({ETC: "KillUserProcesses=yes\nKillExcludeUsers=root ana"}, False),
        ({ETC: "KillUserProcesses=yes\nKillOnlyUsers=ben"}, False),
        ({ETC: "KillUserProcesses=yes\nKillOnlyUsers=ben ana\nKillExcludeUsers=ana"}, True),
    ],
)
def test_a_job_ends_with_its_session_where_the_files_say_so(
    tmp_path: Path, files: dict[str, str], killed: bool
) -> None:
    (finding,) = logind.examine("ana", write(tmp_path, files))
    assert finding.level == ("warn" if killed else "ok")
    assert ("systemd-run" in finding.next) == killed


def test_root_is_spared_by_default(tmp_path: Path) -> None:
    (finding,) = logind.examine("root", write(tmp_path, {ETC: "KillUserProcesses=yes"}))
    assert finding.level == "ok"


@pytest.mark.parametrize("cgroup", [SERVICE, "0::/\n", ""])
def test_outside_of_a_session_there_is_nothing_to_end(tmp_path: Path, cgroup: str) -> None:
    assert logind.examine("ana", write(tmp_path, {ETC: "KillUserProcesses=yes"}, cgroup)) == []
