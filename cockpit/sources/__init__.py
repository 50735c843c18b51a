"""The providers a migration starts from: one module each, found by name."""
