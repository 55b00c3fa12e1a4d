// The storage account: histories, queues, evidence, dead letters. Shared keys are off, so no key can leak.
@minLength(3)
@maxLength(24)
param name string
param location string
param tags object
param appPrincipalId string
param logsId string

var deploymentContainer = 'deployment'
var deadLetterContainer = 'dead-letters'
var modelEventsQueue = 'model-events'

// The Functions host needs Blob Data Owner for its leases and its deployment container, Queue Data Contributor for the
// poison queues it makes, Table Data Contributor for its diagnostics; the app's own tables, queues and blobs the same.
var appRoles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
]

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    accessTier: 'Hot'
    networkAcls: {
      // Event Grid delivers as a trusted service with the identity of its topic; Flex Consumption comes from no fixed address.
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 30 }
    containerDeleteRetentionPolicy: { enabled: true, days: 30 }
  }
}

resource deployment 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: deploymentContainer
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: deadLetterContainer
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

// It stands here, and is not left to the app, so that events have a place to go before the first deployment of code.
resource modelEvents 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: modelEventsQueue
}

resource promotions 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: 'promotions'
}

// The poison queues have functions of their own, which need them from the first start.
resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for item in ['model-events-poison', 'promotions-poison']: {
    parent: queues
    name: item
  }
]

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = [
  for item in ['history', 'worklist', 'timeline', 'catalog', 'quarantine', 'webhookids']: {
    parent: tables
    name: item
  }
]

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles: {
    name: guid(account.id, appPrincipalId, role)
    scope: account
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

// Who touched rows other than the app stands here, for an auditor.
resource tableAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-logs'
  scope: tables
  properties: {
    workspaceId: logsId
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

output id string = account.id
output name string = account.name
output deploymentContainerName string = deployment.name
output deadLetterContainerName string = deadLetters.name
output modelEventsQueueName string = modelEvents.name
