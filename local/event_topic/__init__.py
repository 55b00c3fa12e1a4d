"""A custom topic of Event Grid with the CloudEvents 1.0 input schema, on https, that misbehaves on request.

Command: `python -m local.event_topic --port N --tls DIR [--jwks URL]`; `EVENT_TOPIC_KEY` sets the access key.
"""

from local.event_topic.access import Access
from local.event_topic.app import topic_app
from local.event_topic.topic import Fault, ReceivedEvent, Topic

__all__ = ["Access", "Fault", "ReceivedEvent", "Topic", "topic_app"]
