"""A legal environment, of which a test changes the one thing it is about."""

WORKSPACE_ID = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-risk"
    "/providers/Microsoft.MachineLearningServices/workspaces/risk-dev"
)


def environment(**changes: str) -> dict[str, str]:
    """What a deployment on one machine is told."""
    return {
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "CLEARANCE_WORKSPACES": f'{{"risk-dev": "{WORKSPACE_ID}"}}',
        "CLEARANCE_REGISTRIES": '["contoso-shared"]',
        "CLEARANCE_PUBLIC_URL": "http://127.0.0.1:7071",
        "CLEARANCE_TENANT_ID": "6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11",
        "CLEARANCE_CLIENT_ID": "6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b12",
        "POLICY_BUILD": "1",
        **changes,
    }
