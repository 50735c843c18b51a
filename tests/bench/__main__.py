"""python -m tests.bench [NAME]...: measure, and print one table at the end."""

import argparse
import importlib
import sys

from tests.bench.figures import Figure, table

PARTS = {
    "import": "tests.bench.import_speed",
    "export": "tests.bench.export_speed",
    "database": "tests.bench.database_speed",
    "memory": "tests.bench.memory",
    "tenancy": "tests.bench.tenancy",
    "package": "tests.bench.package",
    "pace": "tests.bench.pace",
    "ui": "tests.bench.ui_latency",
    "connections": "tests.bench.connections_speed",
    "triage": "tests.bench.triage_screen",
    "tank": "tests.bench.tank",
    "drain": "tests.bench.drain",
    "proxy": "tests.bench.proxy_speed",
}


def main() -> int:
    """Run the parts that were named, or all. 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="NAME", help=f"{', '.join(PARTS)} (default: all)")
    wanted = parser.parse_args().parts or list(PARTS)
    if unknown := [name for name in wanted if name not in PARTS]:
        parser.error(f"no part named {unknown[0]}; there are: {', '.join(PARTS)}")
    figures: list[Figure] = []
    for name in wanted:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += importlib.import_module(PARTS[name]).run()
    print(table(figures))
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
