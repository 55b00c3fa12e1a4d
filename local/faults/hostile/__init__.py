"""Hostile input: what strangers, tools, models and servers could send, and what must never come of it."""
