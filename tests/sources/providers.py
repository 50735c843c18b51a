"""The providers by what they are: services that are asked, and files that are read."""

from cockpit.sources import base

FILES = {name for name in base.names() if base.find(name).path_setting is not None}
SERVICES = [name for name in base.names() if name not in FILES]
