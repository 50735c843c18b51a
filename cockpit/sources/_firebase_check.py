"""What the first page of a Firebase project says of its hashes, its tenants and its count."""

from cockpit.findings import Finding, fail, ok, warn
from cockpit.sources import _firebase_hash
from cockpit.sources.base import Memo
from cockpit.terms import Page

WARNING = "firebase.warning:"
COUNTED = 20
"""Chains up to which each is counted by a check; a request each."""


def findings(memo: Memo, first: Page | None) -> list[Finding]:
    """By what reading that page has left in the memo."""
    items = first.items if first else []
    hashed = any('"passwordHash"' in item.body for item in items)
    found: list[Finding] = []
    if memo.get(f"{WARNING}redacted:"):
        step = "grant firebaseauth.configs.getHashConfig (UNVERIFIED name; see cockpit help sources)"
        found.append(fail("hashes", "hashes come as REDACTED", "the account may not read them", step))
    elif hashed and memo.get(_firebase_hash.memo_key("")) is None:
        why = "no hash can be carried without the project's signer key"
        step = "allow the account to read the project's config, or set FIREBASE_SIGNER_KEY"
        found.append(fail("hashes", "the hash parameters can't be read", why, step))
    elif hashed:
        found.append(ok("hashes", "hashes and their parameters can be read"))
    if told := memo.get(f"{WARNING}tenants"):
        why = "users of tenants are in no other list, and would be left behind"
        step = "nothing, where the project has no tenants; else allow the account to list them"
        found.append(warn("tenants", told, why, step))
    return found


def uncounted() -> Finding:
    """accounts:query is refused."""
    why = "an export can't be held against the project's own number, and ends as unverified"
    return warn("count", "accounts:query is refused", why, "grant firebaseauth.users.get on all of it")
