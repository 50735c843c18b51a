"""The operator's own mailer: a command that is given one reset link on its standard input."""

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from subprocess import DEVNULL, PIPE
from typing import Any

from cockpit.settings import SettingsError

LONGEST_S = 60.0


class MailerFailed(Exception):
    """The command ended with a code other than 0: it says that nothing was sent."""


class MailerSilent(Exception):
    """The command was ended by a signal, or by us after LONGEST_S: nobody knows whether it sent."""


def found(command: Sequence[str]) -> Sequence[str]:
    """The command, when there is such a program. Raises SettingsError."""
    if shutil.which(command[0]) is None:
        raise SettingsError(f"[passwords] mailer: there is no program {command[0]}")
    return command


async def mail(command: Sequence[str], reset: Mapping[str, Any]) -> None:
    """Hand over one password reset of WorkOS: {"email", "url", "expires_at"} as one line of JSON.

    What the command prints is thrown away, since it may repeat the link. Raises MailerFailed, MailerSilent.
    """
    link = {
        "email": reset["email"],
        "url": reset["password_reset_url"],
        "expires_at": reset["expires_at"],
    }
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await asyncio.wait_for(process.communicate(json.dumps(link).encode() + b"\n"), LONGEST_S)
    except TimeoutError:
        raise MailerSilent(f"no end after {LONGEST_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
    code = await process.wait()
    if code < 0:
        raise MailerSilent(f"ended by signal {-code}")
    if code:
        raise MailerFailed(f"exit code {code}")
