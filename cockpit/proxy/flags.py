"""Other flag systems, by OpenFeature: asked in a thread, so that no login waits for one."""

import importlib
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cockpit.rollout.route import Route

REFRESH_S = 0.5
NAME = "workos"
"""The flag that is asked for, with the connection as targeting key and its organization as attribute."""


class FlagsError(Exception):
    """No such provider; the message says what to do."""


class BuiltIn:
    """The column of the route is its flag."""

    def __call__(self, route: Route) -> bool | None:
        return None


class OpenFeature:
    """The last answers of an OpenFeature provider, for all routes that are mapped.

    A provider that fails says False: legacy. `changed` is called, in the thread, after an answer changed.
    """

    def __init__(self, provider: Any, changed: Callable[[], None], flag: str = NAME) -> None:
        from openfeature import api

        api.set_provider(provider, "cockpit")
        self._client = api.get_client("cockpit")
        self._shutdown = api.shutdown
        self._flag = flag
        self._changed = changed
        self._routes: Sequence[Route] = ()
        self._answers: Mapping[str, bool] = {}
        self._wake = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="flags", daemon=True)

    def __call__(self, route: Route) -> bool | None:
        return self._answers.get(route.connection, False)

    def start(self) -> None:
        """Have a first answer for all that are watched, then go on in a thread."""
        self._answers = self._ask()
        self._thread.start()

    def watch(self, routes: Sequence[Route]) -> None:
        """Ask for these from now on; those that are new are off until there is an answer."""
        self._routes = [route for route in routes if route.mapped]
        self._wake.set()

    def close(self) -> None:
        """Ask no more."""
        self._ended = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._shutdown()

    def _run(self) -> None:
        while not self._ended:
            answers = self._ask()
            if answers != self._answers:
                self._answers = answers
                self._changed()
            self._wake.wait(REFRESH_S)
            self._wake.clear()

    def _ask(self) -> dict[str, bool]:
        from openfeature.evaluation_context import EvaluationContext

        return {
            route.connection: self._client.get_boolean_value(
                self._flag, False, EvaluationContext(route.connection, {"organization": route.organization})
            )
            for route in self._routes
        }


def provider(written: str) -> Any:
    """The provider that the settings name: flagd:FILE, or python:MODULE:FUNCTION, which returns one.

    Raises FlagsError.
    """
    kind, _, rest = written.partition(":")
    try:
        if kind == "flagd" and rest:
            from openfeature.contrib.provider.flagd import FlagdProvider
            from openfeature.contrib.provider.flagd.config import ResolverType

            return FlagdProvider(
                resolver_type=ResolverType.FILE, offline_flag_source_path=rest, deadline_ms=200
            )
        if kind == "python" and ":" in rest:
            module, function = rest.rsplit(":", 1)
            return getattr(importlib.import_module(module), function)()
    except ImportError as error:
        raise FlagsError(f"flags = {written!r}: {error}; pip install 'cockpit[openfeature]'") from error
    except Exception as error:
        raise FlagsError(f"flags = {written!r}: {error}") from error
    raise FlagsError(f"flags = {written!r}: built-in, flagd:FILE or python:MODULE:FUNCTION")
