"""What holds for every test."""

from hypothesis import HealthCheck, settings

# No test is timed: a busy machine would decide what is true.
settings.register_profile("clearance", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clearance")
