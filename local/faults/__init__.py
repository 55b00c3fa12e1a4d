"""Proof that Clearance keeps its promises while everything breaks: `python -m local.faults`, or `make faults`."""
