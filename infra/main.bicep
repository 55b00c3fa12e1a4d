// Clearance in one subscription, with read access to the workspaces and import access to the registries it is given.
// azd deploys it (`azd up`); docs/decisions/0001-event-grid-to-storage-queue.md tells why events take this way.
targetScope = 'subscription'

@description('An Azure ML workspace whose model versions Clearance gates.')
type workspace = {
  @description('Short name that stands in promotion ids, policies and URLs.')
  alias: string
  @description('Resource id of the workspace.')
  id: string
  @description('Region of the workspace; its system topic must live there.')
  location: string
  @description('Name of the Event Grid system topic the workspace has already, or empty: a workspace can have one only.')
  existingSystemTopicName: string
}

@description('A shared registry that Clearance imports into.')
type registry = {
  @description('Resource id of the registry.')
  id: string
}

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; part of every resource name.')
param environmentName string

@minLength(1)
@metadata({ azd: { type: 'location' } })
@description('Region of the app, its storage and its topic.')
param location string

@description('The workspaces to gate.')
param workspaces workspace[] = []

@description('The registries to import into.')
param registries registry[] = []

@description('Name of the secret, in the vault made here, that holds the webhook senders with their keys as JSON (docs/configuration.md). Empty until an operator has written it: without it no webhook is accepted.')
param sendersSecretName string = ''

@description('Client id of the Entra app registration that people sign in with. Without it no person can sign in.')
param authClientId string = ''

@description('Whether this deployment assigns the roles on workspaces and registries. Set false where another team does it; the outputs then name what to assign.')
param assignRoles bool = true

@description('Growing number of the loaded policy: UTC seconds of this deployment. Never set it to a smaller one.')
param policyBuild int = dateTimeToEpoch(utcNow())

@minValue(1)
@maxValue(1000)
@description('Most instances that one function may scale out to.')
param maximumInstanceCount int = 40

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, application: 'clearance' }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-clearance-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: 'id-clearance-${token}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    logsName: 'log-clearance-${token}'
    componentName: 'appi-clearance-${token}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    appPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'stclr${token}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    logsId: monitoring.outputs.logsId
  }
}

module topic 'modules/topic.bicep' = {
  scope: group
  params: {
    name: 'evgt-clearance-${token}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    logsId: monitoring.outputs.logsId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: 'kv-clr-${token}'
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    logsId: monitoring.outputs.logsId
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: 'func-clearance-${token}'
    planName: 'plan-clearance-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    deploymentContainerName: storage.outputs.deploymentContainerName
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    logsId: monitoring.outputs.logsId
    topicEndpoint: topic.outputs.endpoint
    vaultUri: vault.outputs.uri
    workspaces: workspaces
    registries: registries
    sendersSecretName: sendersSecretName
    authClientId: authClientId
    policyBuild: policyBuild
    maximumInstanceCount: maximumInstanceCount
  }
}

// --- per workspace: read access, its system topic, the right to deliver, and only then the subscription -------------

module workspaceAccess 'modules/workspace-access.bicep' = [
  for (item, index) in workspaces: if (assignRoles) {
    name: 'workspace-access-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      workspaceName: last(split(item.id, '/'))
      appPrincipalId: identity.outputs.principalId
      environmentName: environmentName
    }
  }
]

module workspaceTopic 'modules/workspace-topic.bicep' = [
  for (item, index) in workspaces: if (empty(item.existingSystemTopicName)) {
    name: 'workspace-topic-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      name: 'evgs-clearance-${uniqueString(item.id)}'
      workspaceId: item.id
      location: item.location
      tags: tags
    }
  }
]

module deliveryRoles 'modules/delivery-roles.bicep' = [
  for (item, index) in workspaces: {
    name: 'delivery-roles-${index}'
    scope: group
    params: {
      storageName: storage.outputs.name
      systemTopicName: empty(item.existingSystemTopicName)
        ? 'evgs-clearance-${uniqueString(item.id)}'
        : item.existingSystemTopicName
      systemTopicSubscriptionId: split(item.id, '/')[2]
      systemTopicResourceGroup: split(item.id, '/')[4]
    }
    dependsOn: [workspaceTopic]
  }
]

module workspaceSubscription 'modules/workspace-subscription.bicep' = [
  for (item, index) in workspaces: {
    name: 'workspace-subscription-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      systemTopicName: empty(item.existingSystemTopicName)
        ? 'evgs-clearance-${uniqueString(item.id)}'
        : item.existingSystemTopicName
      subscriptionName: 'clearance-${environmentName}'
      storageId: storage.outputs.id
      queueName: storage.outputs.modelEventsQueueName
      deadLetterContainerName: storage.outputs.deadLetterContainerName
    }
    dependsOn: [deliveryRoles]
  }
]

// --- per registry: the right to import, without the right to delete ----------------------------------------------

module registryAccess 'modules/registry-access.bicep' = [
  for (item, index) in registries: if (assignRoles) {
    name: 'registry-access-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      registryName: last(split(item.id, '/'))
      appPrincipalId: identity.outputs.principalId
      environmentName: environmentName
    }
  }
]

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output CLEARANCE_URL string = app.outputs.url
output CLEARANCE_PRINCIPAL_ID string = identity.outputs.principalId
output CLEARANCE_KEY_VAULT string = vault.outputs.uri
