# The same as postprovision.sh. It has not been run: no PowerShell was at hand.
$ErrorActionPreference = 'Stop'

function Show-Commands([string] $title, [string] $json) {
    if (-not $json -or $json -eq '[]') { return }
    Write-Host "`n$title`n"
    $json | ConvertFrom-Json | ForEach-Object { Write-Host $_ }
}

Show-Commands 'The owner of workspaces and registries has to run, in a POSIX shell:' $env:ROLE_COMMANDS
Show-Commands 'The owner of the app registration has to run, once, in a POSIX shell:' $env:SIGN_IN_COMMANDS
