"""The CSV of Clerk's dashboard (Settings, User exports): digests with their hasher, joined by id.

Its column totp_secret is read by totp_file.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from cockpit.passwords import firebase_scrypt, salted_sha, sniff
from cockpit.passwords.entries import BadLine, Entry, NotAPasswordFile
from cockpit.passwords.firebase_scrypt import Form
from cockpit.passwords.table_file import csv_rows, decoded
from cockpit.records import Password
from cockpit.terms import HashType

_NUMBER, _NAME = re.compile("[0-9]{1,4}"), re.compile("[a-z][a-z0-9_]{0,39}")

ID, EMAIL, DIGEST, HASHER = "id", "primary_email_address", "password_digest", "password_hasher"


def entries(chunks: Iterable[bytes], form: Form = "phc") -> Iterator[Entry | BadLine]:
    """Every user with a digest; rows without one are passed over. `form`: that of Firebase's hashes.

    Raises NotAPasswordFile for a file without those columns.
    """
    reader = csv.DictReader(decoded(chunks))
    missing = {ID, DIGEST, HASHER} - set(reader.fieldnames or ())
    if missing:
        raise NotAPasswordFile(
            f"no column {', '.join(sorted(missing))}: not the CSV of Clerk's dashboard (Export all users)"
        )
    for number, row in csv_rows(reader):
        if isinstance(row, BadLine):
            yield row
        elif digest := (row.get(DIGEST) or "").strip():
            yield _entry(number, row, digest, form)


def _entry(number: int, row: Mapping[str, str | None], digest: str, form: Form) -> Entry | BadLine:
    ident, hasher = (row.get(ID) or "").strip(), (row.get(HASHER) or "").strip()
    if not ident:
        return BadLine(number, "no id")
    convert = _HASHERS.get(hasher)
    if convert is None:
        named = hasher if _NAME.fullmatch(hasher) else "a hasher that is not named"
        password = Password.unsupported(f"{named}, which the target does not take")
    else:
        password = convert(digest, form)
    email = (row.get(EMAIL) or "").strip().lower() or None
    kind: HashType = password.type or "bcrypt"
    encoded = password.hash.get_secret_value() if password.hash else ""
    return Entry(number, ident, email, None, kind, encoded, password.reason)


def _django(digest: str, _: Form) -> Password:
    return sniff.sniff(digest if digest.startswith("pbkdf2") else f"pbkdf2_sha256${digest}")


def _ldap(digest: str, _: Form) -> Password:
    return sniff.checked("ssha", digest if digest.startswith("{") else salted_sha.SSHA + digest)


def _firebase(digest: str, form: Form) -> Password:
    """Clerk's own packing: hash$salt$signer key$salt separator$rounds$memory cost."""
    parts = digest.split("$")
    if len(parts) != 6 or not all(_NUMBER.fullmatch(part) for part in parts[4:]):
        return Password.unsupported("scrypt_firebase that is garbled")
    known = firebase_scrypt.Parameters(parts[2], parts[3], int(parts[4]), int(parts[5]))
    return sniff.checked("firebase-scrypt", firebase_scrypt.encode(parts[0], parts[1], known, form))


_HASHERS: Mapping[str, Callable[[str, Form], Password]] = {
    "bcrypt": sniff.sniff,
    "argon2i": sniff.sniff,
    "argon2id": sniff.sniff,
    "pbkdf2_sha256": _django,
    "pbkdf2_sha256_django": _django,
    "ldap_ssha": _ldap,
    "scrypt_firebase": _firebase,
    "scrypt_werkzeug": sniff.sniff,
}
"""Clerk's names of hashers (documentation: user exports) that the target takes, within its limits."""
