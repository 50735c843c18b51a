"""The command line: a noun, then a verb. Each command parses, calls one function below, prints."""


def main() -> None:
    """The console script."""
    from cockpit.cli.app import run  # click takes 40 ms to import; `import cockpit.cli` costs nothing

    raise SystemExit(run())
