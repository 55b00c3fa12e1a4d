# The same as predeploy.sh. It has not been run: no PowerShell was at hand.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$app = $env:AZURE_FUNCTION_APP_NAME
$promoter = $env:AZURE_PROMOTER_APP_NAME
$build = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
$split = $env:CLEARANCE_SPLIT_PROMOTION -cin '1', 'true', 'TRUE', 'True', 'yes', 'YES', 'Yes'

if (-not $app) {
    throw 'No app is provisioned yet: AZURE_FUNCTION_APP_NAME is empty. Run: azd provision'
}
if ($split -and -not $promoter) {
    throw 'CLEARANCE_SPLIT_PROMOTION asks for two apps, and one is provisioned. Run: azd provision'
}
if (-not $split -and $promoter) {
    throw "Two apps are provisioned, and CLEARANCE_SPLIT_PROMOTION does not say so: $promoter would keep its old code. Run: azd env set CLEARANCE_SPLIT_PROMOTION true"
}

foreach ($name in @($app, $promoter) | Where-Object { $_ }) {
    az functionapp config appsettings set --output none --subscription $env:AZURE_SUBSCRIPTION_ID `
        --resource-group $env:RESOURCE_GROUP --name $name --settings "POLICY_BUILD=$build"
    if ($LASTEXITCODE -ne 0) { throw "az did not set POLICY_BUILD on $name." }
}
