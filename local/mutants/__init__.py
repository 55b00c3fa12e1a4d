"""Clearance with one guard switched off: to show that a test, or a step of the demo, would notice."""
