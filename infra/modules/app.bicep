// The function app on Flex Consumption. Everything it reaches, it reaches with its identity.
param name string
param planName string
param location string
param tags object
param identityId string
param identityClientId string
param storageName string
param deploymentContainerName string
param applicationInsightsConnectionString string
param logsId string
param topicEndpoint string
param vaultUri string
param workspaces array
param registries array
param sendersSecretName string
param authClientId string
param policyBuild int
param maximumInstanceCount int

var url = 'https://${name}.azurewebsites.net'

// The conventions of the Functions host: a connection by identity is a prefix, never a connection string beside it.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__accountName: storageName
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AzureWebJobsDisableHomepage: 'true' // the page at / is ours
  'AzureWebJobs.model_event_push.Disabled': 'true' // events come through the queue, see ADR 0001
  AZURE_CLIENT_ID: identityClientId
}

// Every name here is a row of shared/settings/table.py; docs/configuration.md says what each means.
var clearanceSettings = {
  CLEARANCE_WORKSPACES: string(toObject(workspaces, item => item.alias, item => item.id))
  CLEARANCE_REGISTRIES: string(map(registries, item => last(split(item.id, '/'))))
  CLEARANCE_SENDERS: empty(sendersSecretName)
    ? '{}'
    : '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${sendersSecretName}/)'
  CLEARANCE_TOPIC_ENDPOINT: topicEndpoint
  CLEARANCE_PUBLIC_URL: url
  CLEARANCE_TENANT_ID: tenant().tenantId
  CLEARANCE_CLIENT_ID: authClientId
  POLICY_BUILD: string(policyBuild)
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${deploymentContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'python', version: '3.12' }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: 2048
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(hostSettings, clearanceSettings)
  }

  // Sign-in at /.auth/login/aad. Requests without a session are let through, for the webhook carries a signature
  // instead; the app itself verifies every token and refuses what has none.
  resource signIn 'config' = if (!empty(authClientId)) {
    name: 'authsettingsV2'
    properties: {
      globalValidation: {
        requireAuthentication: false
        unauthenticatedClientAction: 'AllowAnonymous'
      }
      httpSettings: { requireHttps: true }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: authClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: { allowedAudiences: [authClientId, 'api://${authClientId}'] }
        }
      }
      login: { tokenStore: { enabled: true } } // the app reads the forwarded ID token
    }
  }
}

// Nobody publishes with a password.
resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

resource noScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-logs'
  scope: site
  properties: {
    workspaceId: logsId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
  }
}

output name string = site.name
output url string = url
