"""What people set of a rollout: the table [rollout] of cockpit.toml. Pure."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from cockpit.rollout.freeze import Calendar
from cockpit.rollout.health import Limits
from cockpit.rollout.waves import SHARES

HOURS_OF_BAKING = {"canary": 24.0, "5%": 24.0, "25%": 48.0, "100%": 72.0}


def _known_waves(hours: dict[str, float]) -> dict[str, float]:
    names = [share.name for share in SHARES]
    if unknown := sorted(hours.keys() - set(names)):
        raise ValueError(f"{unknown[0]}: there is no such wave; there are {', '.join(names)}")
    if any(value < 0 for value in hours.values()):
        raise ValueError("hours are not negative")
    return {**HOURS_OF_BAKING, **hours}


def _address(text: str) -> str:
    try:
        text.format(connection="")
    except (KeyError, IndexError, ValueError):
        raise ValueError("only {connection} can be filled in") from None
    return text


class RolloutSettings(Calendar):
    """When and by what proof logins move.

    `diff_hours`, `ask_hours`: how old the last diff, and WorkOS's word on a connection, may be. `two_person`:
    another operator approves each flip and wave, for `approval_hours`. `spacing_min`: between two flips, so
    that what goes wrong shows whose it is. `bake_hours`: how long a wave is watched after its last flip, by
    its name. `verify_min`: how long a connection is a canary at least. `judge_from`, `expected`, `tolerance`:
    see health. `window_min`: what is looked at once it is proven. `halt_after` connections that went back by
    rule, or `shared_code` with one error code, halt a wave. `blind_min` without metrics freeze everything.
    `decommission_days`: a business cycle. `dashboard`: where a person sees a connection's sessions;
    {connection} in it is its id at WorkOS.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    diff_hours: float = Field(24.0, gt=0)
    ask_hours: float = Field(24.0, gt=0)
    certificate_days: int = Field(14, ge=0)
    two_person: bool = False
    approval_hours: float = Field(24.0, gt=0)
    spacing_min: int = Field(5, ge=0)
    bake_hours: Annotated[dict[str, float], AfterValidator(_known_waves)] = Field(
        HOURS_OF_BAKING, validate_default=True
    )
    verify_min: float = Field(10.0, ge=0)
    window_min: float = Field(60.0, gt=0)
    judge_from: int = Field(3, ge=1)
    expected: float = Field(0.95, gt=0, le=1)
    tolerance: float = Field(0.05, ge=0, lt=1)
    halt_after: int = Field(2, ge=1)
    shared_code: int = Field(2, ge=2)
    blind_min: float = Field(5.0, gt=0)
    decommission_days: float = Field(30.0, gt=0)
    dashboard: Annotated[str, AfterValidator(_address)] = "https://dashboard.workos.com/"

    @property
    def limits(self) -> Limits:
        """By what the health of a connection is judged."""
        return Limits(
            judge_from=self.judge_from,
            expected=self.expected,
            tolerance=self.tolerance,
            blind_ms=round(self.blind_min * 60_000),
        )
