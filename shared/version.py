"""The version of Clearance: the one place that states it.

The build backend, the command line, `/api/health`, outgoing events and `make package` all read it here.
"""

__version__ = "0.1.0"
