// One function app on Flex Consumption. Everything it reaches, it reaches with its identity.
@maxLength(32)
@description('Name of the app. The host makes its id of the first 32 characters; two apps on one storage account must differ in them.')
param name string

@description('Name of its plan: a Flex Consumption plan holds one app.')
param planName string

@description('Name of the service in azure.yaml whose code is deployed here.')
param serviceName string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the identity that the app works with.')
param identityId string

@description('Client id of that identity.')
param identityClientId string

@description('Resource id of the identity that proves the app to Entra when people sign in, or empty.')
param signInIdentityId string

@description('Client id of that identity, or empty.')
param signInIdentityClientId string

@description('Name of the storage account.')
param storageName string

@description('Blob endpoint of the account that the host keeps its leases and keys in, or empty: `storageName`.')
param hostBlobEndpoint string

@description('Where the package lies: URL of the container.')
param packageUrl string

@description('Connection string of the Application Insights component. It carries no secret: local authentication is off.')
param applicationInsightsConnectionString string

@description('Endpoint of the topic that events are published to, or empty.')
param topicEndpoint string

@description('What the setting for webhook senders reads: a reference to the vault, or {}.')
param senders string

@description('How people reach the pages.')
param publicUrl string

@description('The workspaces to gate: alias and id of each.')
param workspaces array

@description('The registries to import into: id of each.')
param registries array

@description('Whether files of models and runs may be listed and read.')
param readFiles bool

@description('Client id of the app registration that people sign in with, or empty.')
param authClientId string

@description('Number of the loaded policy.')
param policyBuild int

@description('Functions that this app does not run.')
param disabledFunctions string[]

@description('Further app settings; they win over those set here.')
param extraSettings object

@description('Most instances that one function may scale out to.')
param maximumInstanceCount int

@description('Resource id of the subnet that the app reaches out from, or empty.')
param subnetId string

@description('Whether anybody may reach the app over HTTPS. False closes it to all but `allowedAddresses`.')
param facesPeople bool

@description('Address ranges (CIDR) that reach a closed app, for its admin endpoints.')
param allowedAddresses string[]

// The conventions of the Functions host: a connection by identity is a prefix, never a connection string beside it.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__accountName: storageName
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AzureWebJobsDisableHomepage: 'true' // the page at / is ours
  AZURE_CLIENT_ID: identityClientId
}

// The host prefers it to the account's name (StorageServiceUriOptions of azure-webjobs-sdk). Queues, tables and all that
// the app itself reads and writes stay with the name.
var hostBlobSettings = { AzureWebJobsStorage__blobServiceUri: hostBlobEndpoint }

// Every name here is a row of shared/settings/table.py; docs/configuration.md says what each means.
var clearanceSettings = {
  CLEARANCE_WORKSPACES: string(toObject(workspaces, item => item.alias, item => item.id))
  CLEARANCE_REGISTRIES: string(map(registries, item => last(split(item.id, '/'))))
  CLEARANCE_SENDERS: senders
  CLEARANCE_TOPIC_ENDPOINT: topicEndpoint
  CLEARANCE_PUBLIC_URL: publicUrl
  CLEARANCE_TENANT_ID: tenant().tenantId
  CLEARANCE_CLIENT_ID: authClientId
  CLEARANCE_ARTIFACT_HOSTS: readFiles ? '[".blob.${environment().suffixes.storage}"]' : '[]'
  CLEARANCE_PROMOTES: string(!contains(disabledFunctions, 'advance_promotion'))
  POLICY_BUILD: string(policyBuild)
}

// App Service's sign-in proves itself by a federated credential of an identity, so no client secret exists
// (learn.microsoft.com/azure/app-service/configure-authentication-provider-aad, in preview there).
var signInSettings = {
  OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: signInIdentityClientId
  WEBSITE_AUTH_AAD_ALLOWED_TENANTS: tenant().tenantId
}

var disabling = toObject(disabledFunctions, item => 'AzureWebJobs.${item}.Disabled', item => 'true')

var identities = union(
  { '${identityId}': {} },
  empty(signInIdentityId) ? {} : { '${signInIdentityId}': {} }
)

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
  tags: union(tags, { 'azd-service-name': serviceName })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: identities
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      ipSecurityRestrictionsDefaultAction: facesPeople ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (address, index) in allowedAddresses: {
          name: 'operators-${index}'
          action: 'Allow'
          priority: 100 + index
          ipAddress: address
        }
      ]
      // The package is delivered here, by Entra identities only (see noScm).
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
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
    properties: union(
      hostSettings,
      empty(hostBlobEndpoint) ? {} : hostBlobSettings,
      clearanceSettings,
      empty(signInIdentityClientId) ? {} : signInSettings,
      disabling,
      extraSettings
    )
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

output name string = site.name
