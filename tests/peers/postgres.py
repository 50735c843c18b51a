"""A PostgreSQL of the tests' own: a fresh cluster in a folder, on loopback, ended by its own pid."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.servers import END_S, free_ports

ACCOUNT = "postgres"
_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _program(name: str) -> str | None:
    return next((str(place / name) for place in _PLACES if (place / name).exists()), shutil.which(name))


def missing() -> str | None:
    """Why no PostgreSQL can be started here; None when one can."""
    if _program("initdb") is None or _program("postgres") is None:
        return "PostgreSQL is not installed"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(ACCOUNT)
        except KeyError:
            return f"PostgreSQL refuses to run as root and there is no account {ACCOUNT}"
    return None


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A running cluster; the connection string of its superuser."""
    data = folder / "cluster"
    (port,) = free_ports(1)
    account = pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else None
    data.mkdir(mode=0o700)
    if account is not None:
        for above in (data, *data.parents):
            if above == above.parent or above.stat().st_uid != 0 or above == Path("/tmp"):
                break
            above.chmod(above.stat().st_mode | 0o011)
        os.chown(data, account.pw_uid, account.pw_gid)
    user = account.pw_uid if account else None
    initdb, server, ready = (_program(name) for name in ("initdb", "postgres", "pg_isready"))
    assert initdb and server and ready
    subprocess.run(
        [initdb, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"],
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        user=user,
    )
    options = ["-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(data), "-c", "fsync=off"]
    process = subprocess.Popen([server, *options], cwd="/", stderr=subprocess.DEVNULL, user=user)
    try:
        wait = [ready, "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
        for _ in range(300):
            if subprocess.run(wait).returncode == 0:
                break
        else:
            raise RuntimeError("PostgreSQL did not start")
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=END_S)
