"""The laptop platform: what stands in for Azure on one machine. Never deployed; nothing deployed imports it."""
