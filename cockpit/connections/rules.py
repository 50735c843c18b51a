"""What the check of a connection may find: each rule with its severity, its verdict and what to do.

Facts: WorkOS's connection API, its migration guides, and their lists of what can't move transparently.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from cockpit.rules.lint import Finding, Severity

Verdict = Literal["transparent", "review", "portal", "stop"]
"""transparent: it moves without the customer. review: a person decides first. portal: the customer sets it up
anew in the Admin Portal. stop: not as it is; something must be corrected or supplied first."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""The gravest last: a connection has the gravest verdict of its findings."""


class Rule(NamedTuple):
    """What a rule is about, what to do, and what it makes of the connection."""

    title: str
    todo: str
    severity: Severity
    verdict: Verdict = "transparent"


_AT_SOURCE = "correct it at the source and export again"
_RENEW = "ask the customer for the certificate in force and put it in at the source"
_INVITE = "invite the customer to set it up anew: cockpit connections invite"
_URL = "correct the address at the source and export again"
_DOMAIN = "correct the domain at the source, or override with a reason"

RULES: Mapping[str, Rule] = {
    "unmappable": Rule("the record has no usable shape", _AT_SOURCE, "error", "stop"),
    "external_id_missing": Rule("no id at the source", _AT_SOURCE, "error", "stop"),
    "external_id_too_long": Rule("id longer than 128 characters", _AT_SOURCE, "error", "stop"),
    "external_id_long": Rule(
        "id longer than 64 characters", "older environments may refuse it; try one", "warning"
    ),
    "external_id_not_ascii": Rule("id beyond ASCII", _AT_SOURCE, "error", "stop"),
    "disabled": Rule(
        "disabled at the source", "leave it, or override with a reason to move it", "warning", "review"
    ),
    "protocol_unsupported": Rule(
        "neither SAML nor OpenID Connect", "agree on one with the customer, then invite them", "error", "stop"
    ),
    "binding_unsupported": Rule(
        "responses don't come by HTTP-POST",
        "have the customer's IdP post them, then export again",
        "error",
        "stop",
    ),
    "signing_key_kept_back": Rule(
        "requests are signed with a key that can't be moved",
        f"supply key and certificate at the source, or {_INVITE}",
        "error",
        "portal",
    ),
    "signing_not_enforced": Rule(
        "requests are signed with a key that can't be moved, and the IdP says that it does not insist",
        "try one login without signatures, then override with a reason",
        "warning",
        "review",
    ),
    "signing_wanted": Rule(
        "the IdP wants signed requests and the source signs none",
        "ask the customer whether the IdP insists, then override with a reason",
        "warning",
        "review",
    ),
    "encryption_key_kept_back": Rule(
        "assertions are encrypted for a key that can't be moved",
        f"supply key and certificate at the source, or {_INVITE}",
        "error",
        "portal",
    ),
    "encryption_seen": Rule(
        "the proxy saw encrypted assertions, and the key can't be moved",
        f"supply key and certificate at the source, or {_INVITE}",
        "error",
        "portal",
    ),
    "assertion_unsigned": Rule(
        "the proxy saw assertions without a signature of their own, which WorkOS needs",
        "have the customer's IdP sign assertions, too",
        "error",
        "stop",
    ),
    "attributes_encrypted": Rule(
        "the proxy saw encrypted attributes, which WorkOS can't read",
        "have the customer's IdP send them plain, or encrypt the assertion",
        "error",
        "stop",
    ),
    "name_id_transient": Rule(
        "the NameID changes at every login", "have the customer's IdP send a lasting one", "error", "stop"
    ),
    "name_id_format": Rule(
        "a NameID that may not be the e-mail",
        "set the format at the connection in the dashboard after the import; override with a reason",
        "warning",
        "review",
    ),
    "name_id_encrypted": Rule(
        "NameIDs are encrypted, which no field of the API can say",
        "ask WorkOS, then override with a reason",
        "warning",
        "review",
    ),
    "idp_initiated": Rule(
        "logins may begin at the IdP",
        "enable IdP-initiated sign-in at the connection in the dashboard before its wave",
        "warning",
    ),
    "sp_entity_id_missing": Rule(
        "the service provider's entity id is not known",
        f"take it from a live request, or {_INVITE}",
        "error",
        "portal",
    ),
    "callback_missing": Rule(
        "the address that the IdP answers to is not known",
        f"take it from a live request, or {_INVITE}",
        "error",
        "portal",
    ),
    "callback_of_provider": Rule(
        "the IdP answers to a host of the provider, which no proxy can take over", _INVITE, "error", "portal"
    ),
    "callback_not_served": Rule(
        "the IdP answers to a host that is not in [connections] hosts",
        f"add the host when the proxy serves it, or {_INVITE}",
        "error",
        "portal",
    ),
    "route_ambiguous": Rule(
        "nothing tells its answers from those of another connection",
        f"give one of them an address of its own at the IdP, or {_INVITE}",
        "error",
        "portal",
    ),
    "route_by_issuer": Rule(
        "its address is another connection's too; only the issuer tells them apart",
        "let the proxy route it by issuer",
        "warning",
    ),
    "route_by_state": Rule(
        "its callback is another connection's too; only the state tells them apart",
        "let the proxy route it by the flows that it saw begin",
        "warning",
    ),
    "idp_entity_id_missing": Rule("the IdP's entity id is not known", _AT_SOURCE, "error", "stop"),
    "idp_entity_id_long": Rule("an entity id longer than 1,024 characters", _AT_SOURCE, "error", "stop"),
    "idp_entity_id_is_ours": Rule(
        "the IdP's entity id is the service provider's", _AT_SOURCE, "error", "stop"
    ),
    "idp_entity_id_shared": Rule(
        "another connection has the same IdP", "route it by its address; the issuer can't tell", "warning"
    ),
    "sso_url_missing": Rule("the IdP's login address is not known", _AT_SOURCE, "error", "stop"),
    "url_invalid": Rule("not an https address", _URL, "error", "stop"),
    "url_private": Rule(
        "an address of a private network", "make sure that users and WorkOS reach it", "warning"
    ),
    "certificate_missing": Rule("no certificate of the IdP", _RENEW, "error", "stop"),
    "certificate_unreadable": Rule("not a certificate", _RENEW, "error", "stop"),
    "private_key_pasted": Rule(
        "a private key in the certificate's place",
        "tell the customer: the key is no secret any more; then put the certificate in its place",
        "error",
        "stop",
    ),
    "certificate_expired": Rule("the IdP's certificate has expired", _RENEW, "error", "stop"),
    "certificate_not_yet_valid": Rule("the IdP's certificate is not valid yet", _RENEW, "error", "stop"),
    "certificate_beside": Rule(
        "a certificate beside the one in force is expired or not valid yet",
        "nothing, if a change is under way",
        "info",
    ),
    "certificate_ends_soon": Rule(
        "the certificate ends within 30 days", "renew it before its wave", "warning"
    ),
    "certificate_ends": Rule("the certificate ends within 90 days", "plan its renewal", "warning"),
    "certificate_weak_key": Rule(
        "a key below RSA 2048 or P-256", "suggest a new certificate to the customer", "warning"
    ),
    "certificate_weak_signature": Rule(
        "a certificate signed with MD5 or SHA-1", "suggest a new certificate to the customer", "warning"
    ),
    "certificate_authority": Rule(
        "a certificate of an authority (CA)", "ask the customer whether it is the signing one", "warning"
    ),
    "certificates_several": Rule(
        "several certificates, of which the CSV holds one",
        "create it through the API, which takes all: cockpit connections create",
        "info",
    ),
    "metadata_unread": Rule("metadata that was not read", "check without --offline", "info"),
    "metadata_unusable": Rule(
        "metadata that can't be used", "ask the customer for its present address", "warning"
    ),
    "metadata_entity_differs": Rule(
        "the metadata is another IdP's than the record's",
        "ask the customer which is right, then override with a reason",
        "warning",
        "review",
    ),
    "metadata_certificate_differs": Rule(
        "the metadata has other certificates: a change may be under way",
        "ask the customer before its wave",
        "warning",
    ),
    "metadata_expired": Rule(
        "the metadata's validity has ended", "ask the customer for new metadata", "warning"
    ),
    "client_id_missing": Rule("no client id", _AT_SOURCE, "error", "stop"),
    "client_secret_missing": Rule(
        "no client secret", "supply it at the source and export again", "error", "stop"
    ),
    "client_public": Rule(
        "a public client (PKCE without a secret)",
        "ask WorkOS, then override with a reason",
        "warning",
        "review",
    ),
    "client_key_kept_back": Rule(
        "the client proves itself with a key that can't be moved",
        f"supply key and certificate at the source, or {_INVITE}",
        "error",
        "portal",
    ),
    "response_by_form": Rule(
        "answers are posted (response_mode form_post)",
        "see that the proxy's route takes POST, then override with a reason",
        "warning",
        "review",
    ),
    "flow_unsupported": Rule("a flow without an authorization code", _INVITE, "error", "portal"),
    "discovery_missing": Rule("neither discovery address nor issuer", _INVITE, "error", "portal"),
    "discovery_unread": Rule("a discovery document that was not read", "check without --offline", "info"),
    "discovery_unusable": Rule(
        "a discovery document that can't be used from here",
        "see whether WorkOS can reach it, then override with a reason",
        "warning",
        "review",
    ),
    "discovery_issuer_differs": Rule(
        "the discovery document names another issuer", _AT_SOURCE, "warning", "review"
    ),
    "discovery_incomplete": Rule(
        "the discovery document lacks what a login needs", "ask the customer", "error", "stop"
    ),
    "discovery_auth_method": Rule(
        "the IdP does not offer the client's way to prove itself", _AT_SOURCE, "warning", "review"
    ),
    "domain_missing": Rule(
        "no domain",
        "WorkOS lets in only e-mails of verified domains: add them at the organization",
        "warning",
    ),
    "domain_syntax": Rule("not a domain", _DOMAIN, "error", "review"),
    "domain_public_suffix": Rule("a domain that many registrants share", _DOMAIN, "error", "review"),
    "domain_free_mail": Rule("a domain where anybody has a mailbox", _DOMAIN, "error", "review"),
    "domain_duplicate": Rule("a domain of another organization, too", _DOMAIN, "error", "review"),
    "organization_missing": Rule(
        "it belongs to no organization at the source",
        "one of its own is made, with its name and id",
        "warning",
    ),
    "organization_unknown": Rule(
        "its organization is not among those exported",
        "cockpit orgs export, then check again",
        "warning",
        "review",
    ),
    "organizations_several": Rule(
        "several organizations share it, and a WorkOS connection has one",
        "decide for one with: cockpit connections override --organization",
        "warning",
        "review",
    ),
    "organization_has_another": Rule(
        "its organization has another connection, too",
        "WorkOS takes one per organization unless told otherwise; override with a reason",
        "warning",
        "review",
    ),
    "custom_attributes": Rule(
        "it fills attributes of the application's own", "create them in the dashboard first", "warning"
    ),
    "formula": Rule(
        "a value that a spreadsheet would take for a formula",
        "the CSV has it with a ' in front; the API takes it as it is",
        "info",
    ),
    "cut": Rule("something was left out", "see the raw record", "warning"),
}


def finding(rule: str, field: str, detail: str) -> Finding:
    """What a rule says of a field."""
    return Finding(rule, RULES[rule].severity, detail, field)
