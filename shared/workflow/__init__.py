"""The use cases: load, decide, append. One verb a file; no clock, no environment, no SDK."""
