"""GET /admin/sso/providers: SAML providers, whose certificates are in their metadata alone."""

from cockpit.sandbox.clock import iso
from cockpit.sandbox.idps import Published
from cockpit.sandbox.sso import Case, Connection
from cockpit.sandbox.web import Json


def provider(one: Connection, where: Published) -> Json:
    """A provider as GoTrue shows it."""
    at = iso(one.created_at)
    return {
        "id": f"00000000-0000-4000-8000-{one.number:012x}",
        "resource_id": one.slug,
        "disabled": False,
        "saml": {
            "entity_id": one.entity_id,
            "metadata_url": where.metadata_url,
            "metadata_xml": one.metadata_xml,
            "attribute_mapping": {
                "keys": {"email": {"name": "mail"}, "name": {"names": ["displayName", "cn"]}}
            },
            "name_id_format": one.name_id if one.case in _FORMATS else None,
        },
        "domains": [{"domain": domain, "created_at": at, "updated_at": at} for domain in one.domains],
        "created_at": at,
        "updated_at": at,
    }


_FORMATS = {Case.TRANSIENT_NAME_ID, Case.PERSISTENT_NAME_ID}
"""A format is asked for only where somebody set one."""
