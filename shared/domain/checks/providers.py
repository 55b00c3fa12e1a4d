"""Whether a subscription lets Azure's services work in it."""

from shared.domain.checks.commands import register_provider, show_provider
from shared.domain.checks.finding import Finding, Unseen, finding

PROVIDERS = ("Microsoft.MachineLearningServices", "Microsoft.EventGrid")
"""The resource providers that each subscription with a workspace needs."""


def judge_provider(subscription: str, namespace: str, state: str | Unseen) -> Finding:
    """Judge the registration of one provider; `state` is in Azure's words."""
    about, place = namespace, f"in subscription {subscription}"
    if isinstance(state, Unseen):
        return finding(
            "provider_unseen", about, f"Its registration {place} could not be read.", show_provider(namespace, subscription),
            unseen=state,
        )  # fmt: skip
    if state == "Registered":
        return finding("provider_registered", about, f"It is registered {place}.")
    if state == "Registering":
        said = f"It is being registered {place}, which takes some minutes."
        return finding("provider_registering", about, said, show_provider(namespace, subscription))
    said = f"It is {state} {place}; expected Registered: else none of its resources work there."
    return finding("provider_not_registered", about, said, register_provider(namespace, subscription))
