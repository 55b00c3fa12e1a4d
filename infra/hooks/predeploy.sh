#!/bin/sh
# Stamps the apps with the number of this deployment: one number for both, or the app that only answers would show another
# than the one that judges.
set -eu

app=${AZURE_FUNCTION_APP_NAME:-}
promoter=${AZURE_PROMOTER_APP_NAME:-}
build=$(date -u +%s)

# The words that azd takes for true in a condition.
case "${CLEARANCE_SPLIT_PROMOTION:-}" in
  1 | true | TRUE | True | yes | YES | Yes) split=yes ;;
  *) split=no ;;
esac

if [ -z "$app" ]; then
  echo "No app is provisioned yet: AZURE_FUNCTION_APP_NAME is empty. Run: azd provision" >&2
  exit 1
fi
if [ "$split" = yes ] && [ -z "$promoter" ]; then
  echo "CLEARANCE_SPLIT_PROMOTION asks for two apps, and one is provisioned. Run: azd provision" >&2
  exit 1
fi
if [ "$split" = no ] && [ -n "$promoter" ]; then
  echo "Two apps are provisioned, and CLEARANCE_SPLIT_PROMOTION does not say so: $promoter would keep its old code." >&2
  echo "Run: azd env set CLEARANCE_SPLIT_PROMOTION true" >&2
  exit 1
fi

for name in $app $promoter; do
  az functionapp config appsettings set --output none --subscription "$AZURE_SUBSCRIPTION_ID" \
    --resource-group "$RESOURCE_GROUP" --name "$name" --settings "POLICY_BUILD=$build"
done
