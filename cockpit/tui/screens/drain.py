"""Draining: where to, whose events, how fast, and what is left out; counted while it is chosen."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cockpit.jobs.drain.choices import Choices
from cockpit.jobs.drain.plan import Plan, eta_s
from cockpit.state.database import StateError
from cockpit.tui import text
from cockpit.tui.commands import Refused
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.tui.widgets.tick import Tick
from cockpit.words import counted

Planner = Callable[[str, Choices], Awaitable[Plan]]
"""Counts what would be sent to an address. Raises Refused where it can be none."""

FASTEST = 100_000.0
SHOWN = 4
"""Classes that are named."""


class DrainForm(ModalScreen[Mapping[str, Any] | None]):
    """Returns the arguments of the job. `known`: the tank's sources; `before`: those of the last drain."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("ctrl+s", "apply", "drain", show=False),
    ]

    def __init__(
        self, known: Sequence[str], usual: Sequence[str], before: Mapping[str, Any], planner: Planner
    ) -> None:
        super().__init__()
        self._known, self._planner = known, planner
        self._inputs = {
            "to": Input(
                str(before.get("to", "")), compact=True, placeholder="the consumer's endpoint, a URL"
            ),
            "of": Input(" ".join(before.get("sources", usual)), compact=True, placeholder=" ".join(known)),
            "rate": Input(f"{before.get('rate', 50.0):g}", compact=True, placeholder="events a second"),
            "ramp": Input(f"{before.get('ramp_s', 60.0):g}", compact=True, placeholder="seconds from 1/s"),
        }
        self._coalesce = Tick(
            "coalesce: the newest update of a thing is enough", bool(before.get("coalesce"))
        )
        self._stale = Tick("skip stale: the import brought it already", bool(before.get("skip_stale")))
        self._said = Static(classes="said")
        self._plan: Plan | None = None
        self._dirty = self._counting = False

    def compose(self) -> ComposeResult:
        """What is asked, and what it would come to."""
        labels = {"to": "to", "of": "sources", "rate": "at most, a second", "ramp": "ramp, seconds"}
        with Vertical(classes="form") as form:
            form.border_title = "Drain what is held"
            form.border_subtitle = "^s goes on · Tab next · Space chooses · Esc cancel"
            for name, line in self._inputs.items():
                with Horizontal(classes="field"):
                    yield Static(lines.content([(labels[name], "busy")]), classes="label")
                    yield line
            yield self._coalesce
            yield self._stale
            yield self._said

    def on_mount(self) -> None:
        """Begin with the address, and count."""
        self._inputs["to"].focus()
        self._changed()

    @on(Input.Changed)
    @on(Tick.Changed)
    def _changed(self) -> None:
        self._plan, self._dirty = None, True
        if not self._counting:
            self._counting = True
            self.run_worker(self._count(), group="preview", exit_on_error=False)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.focus_next()

    @property
    def _sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._inputs["of"].value.replace(",", " ").split()))

    def _args(self) -> dict[str, Any]:
        """As it stands in the form. Raises Refused."""
        if unknown := [name for name in self._sources if name not in self._known]:
            raise Refused(f"the tank has no source {unknown[0]}; it has {', '.join(self._known)}")
        if not self._sources:
            raise Refused("whose events? name a source of the tank")
        rate, ramp = _figure(self._inputs["rate"], "events a second"), _figure(self._inputs["ramp"], "ramp")
        if not 0.01 <= rate <= FASTEST:
            raise Refused(f"between 0.01 and {FASTEST:,.0f} events a second")
        if not 0 <= ramp <= 86_400:
            raise Refused("a ramp of 0 to 86,400 seconds")
        return {
            "to": self._inputs["to"].value.strip(),
            "sources": [*self._sources],
            "rate": rate,
            "ramp_s": ramp,
            "coalesce": self._coalesce.value,
            "skip_stale": self._stale.value,
        }

    async def _count(self) -> None:
        """One count after another, until it is of what stands in the form."""
        while self._dirty:
            self._dirty = False
            try:
                args = self._args()
                self._say([[("counting…", "dim")]])
                choices = Choices(self._sources, args["coalesce"], args["skip_stale"])
                plan = await self._planner(args["to"], choices)
            except (Refused, StateError) as error:
                self._say([[("· ", "warn"), (text.line(error), "plain")]])
            else:
                if not self._dirty:
                    self._plan = plan
                    self._say(list(told(plan, args["rate"], args["ramp_s"])))
        self._counting = False

    def _say(self, said: list[list[Part]]) -> None:
        self._said.update(lines.joined(map(lines.content, said)))

    def action_apply(self) -> None:
        """Go on with what was counted, if there is anything to send."""
        if self._plan is not None and self._plan.to_send:
            self.dismiss({**self._args(), "counted": self._plan.to_send})

    def action_cancel(self) -> None:
        """Send nothing."""
        self.dismiss(None)


def _figure(line: Input, what: str) -> float:
    try:
        return float(line.value)
    except ValueError:
        raise Refused(f"{what}: {text.line(line.value, 30)!r} is no number") from None


def told(plan: Plan, rate: float, ramp_s: float) -> Iterator[list[Part]]:
    """What would be sent, what each choice leaves out, how long it takes."""
    takes = text.span(eta_s(plan.to_send, rate, ramp_s))
    yield [
        (f"{counted(plan.to_send, 'event')} to send", "strong"),
        (f" of {text.number(plan.held)} held · about {takes} at {rate:g}/s", "plain"),
    ]
    superseded, paired, stale = (plan.left_out(why) for why in ("superseded", "paired", "stale"))
    yield [
        ("coalesce leaves out ", "dim"),
        (f"{text.number(superseded)} superseded, {text.number(paired)} paired", "plain"),
        (" · skip stale ", "dim"),
        (text.number(stale), "plain"),
    ]
    for line in plan.lines[:SHOWN]:
        yield [
            (f"{text.number(line.to_send):>9} ", "strong"),
            (f"of {text.number(line.held):>8}  ", "dim"),
            (text.line(line.type, 40), "plain"),
        ]
    if left := plan.lines[SHOWN:]:
        yield [
            (f"{text.number(sum(line.to_send for line in left)):>9} ", "strong"),
            ("of other classes", "dim"),
        ]
