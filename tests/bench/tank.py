"""The tank beside a bare endpoint that group-commits inserts with synchronous=FULL, in turns.

Both have the same sender and connections; the bare one checks no signature and reads no body.
What HTTP alone does, and inserts alone, is told beside them: most of the way is HTTP.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.child import finish
from tests.bench.figures import Figure
from tests.bench.webhook_load import SECRET
from tests.webhooks.holding import Holding

MANY = 20_000
CONNECTIONS = 128
ROUNDS = 5


def run() -> list[Figure]:
    """Ratios of each round, their median."""
    ratios, ours, theirs, inserts, answers = [], [], [], [], []
    with TemporaryDirectory() as name:
        for number in range(ROUNDS):
            folder = Path(name, str(number))
            folder.mkdir()
            with _other("tests.bench.bare_answers") as url:
                answers.append(MANY / _load(url))
            with _other("tests.bench.bare_tank", str(folder / "bare.db")) as url:
                bare_s = _load(url)
            with Holding(folder, CLERK_WEBHOOK_SECRET=SECRET) as tank:
                tank_s = _load(tank.urls["clerk"])
                assert tank.ask("select sum(n) from arrived") == [MANY]
            ratios.append(bare_s / tank_s)
            ours.append(MANY / tank_s)
            theirs.append(MANY / bare_s)
            inserts.append(MANY / _inserts(folder / "inserts.db"))
    return [
        Figure("tank: events/s, tank / bare endpoint", median(ratios), "", 0.5, at_least=True),
        Figure("tank: durable before 200", median(ours), "events/s"),
        Figure("tank: bare endpoint", median(theirs), "events/s"),
        Figure("tank: answered at once, nothing kept", median(answers), "events/s"),
        Figure(f"tank: inserts in groups of {CONNECTIONS}, no HTTP", median(inserts), "events/s"),
    ]


@contextmanager
def _other(module: str, *args: str) -> Iterator[str]:
    command = [sys.executable, "-m", module, *args]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://{json.loads(process.stdout.readline())['listen']}/clerk"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _load(url: str) -> float:
    return _seconds("tests.bench.webhook_load", url, str(CONNECTIONS), str(MANY))


def _inserts(file: Path) -> float:
    return _seconds("tests.bench.bare_inserts", str(file), str(CONNECTIONS), str(MANY))


def _seconds(module: str, *args: str) -> float:
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", module, *args], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    finish(process, began)
    return float(told["seconds"])
