"""What a person does at a provider whose webhooks cockpit does not switch, in words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """`off`: how its webhooks are switched off, or pointed at the tank. `queued`: what becomes of events
    meanwhile, and so what a careless switching on would do. `never`: what not to do, and why.
    """

    off: str
    queued: str
    never: str = ""

    def lines(self, tank_url: str) -> list[str]:
        """What to show; `tank_url`: where providers reach the tank, "" where that is not set."""
        tank = tank_url or "the tank's address ([webhooks] tank_url)"
        return [self.off.format(tank=tank), self.queued, *([self.never] if self.never else [])]


_SVIX = (
    "Svix stops retrying for a disabled endpoint, and can recover failed messages since a time: let it do so "
    "only with the tank as the destination"
)

BY_API = frozenset({"auth0"})
"""Providers whose streams cockpit switches itself, with a credential of their own."""

ADVICE: Mapping[str, Advice] = {
    "auth0": Advice(
        "in the Auth0 dashboard, pause each log stream and disable each event stream, or set its endpoint "
        "to {tank}",
        "a paused log stream queues, and floods its endpoint on resume; a disabled event stream gets none, "
        "and its failed ones wait for a redelivery",
        "never resume a log stream that still goes to the application: point it at the tank, or delete it "
        "and create it anew with startFrom = now",
    ),
    "clerk": Advice(
        "in the Clerk dashboard, disable every webhook endpoint, or set its URL to {tank}",
        _SVIX,
        "never DELETE /webhooks/svix: it destroys the whole Svix application with its endpoints",
    ),
    "stytch": Advice(
        "in the Stytch dashboard, disable every webhook endpoint and event log stream, or set its URL "
        "to {tank}",
        _SVIX,
    ),
    "descope": Advice(
        "in the Descope console > Connectors, take the audit webhook connector out, or set its URL to {tank}",
        "a removed connector queues nothing",
    ),
    "cognito": Advice(
        "in the AWS console, detach each Lambda trigger of the user pool that tells your application of "
        "users, or have the Lambda post to {tank}",
        "nothing is queued: a detached trigger is not called",
        "never detach one by UpdateUserPool with a part of the configuration: it resets all that it is not "
        "given; and leave the triggers that take part in sign-in alone",
    ),
    "firebase": Advice(
        "with gcloud, undeploy the Cloud Functions on functions.auth.user().onCreate and onDelete, or have "
        "them post to {tank}",
        "nothing is queued: a function that is not deployed is not called",
        "leave blocking functions alone: they are a part of every live sign-in",
    ),
    "supabase": Advice(
        "in the Supabase dashboard, disable each database webhook on tables of users, or set its URL "
        "to {tank}",
        "pg_net queues nothing while a trigger is disabled",
        "leave auth hooks alone: they are a part of every live sign-in",
    ),
    "better_auth": Advice(
        "in your application, put what databaseHooks and after hooks send behind a switch and turn it off, "
        "or send it to {tank}",
        "nothing is queued that your application does not queue",
        "leave hooks alone that take part in a sign-in",
    ),
}

OTHER = Advice(
    "switch off whatever tells your application of changes at the source, or point it at {tank}",
    "find out what is queued meanwhile before it is switched on again",
)


def of(provider: str | None) -> Advice:
    """For a provider; a file has none of its own."""
    return ADVICE.get(provider or "", OTHER)
