"""Pane Log: what was done by whom, what jobs said, and what their processes printed."""
