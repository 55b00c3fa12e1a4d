// The storage account: histories, queues, evidence, dead letters. Shared keys are off, so no key can leak.
@minLength(3)
@maxLength(24)
@description('Name of the account.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Object id of the identity that does the work: queues, timers, imports.')
param workerPrincipalId string

@description('Object id of the identity of the app that faces people, or empty where one app does everything.')
param peoplePrincipalId string

@description('Resource id of the Log Analytics workspace.')
param logsId string

@description('Whether the account is reached by private endpoints only.')
param privateNetworking bool

@minValue(1)
@maxValue(146000)
@description('Days for which evidence and checkpoints can be neither changed nor deleted.')
param immutabilityDays int

@description('Whether this deployment writes the immutability policies. False once they are locked.')
param manageImmutability bool

@minValue(1)
@description('Days after which a dead letter is deleted.')
param deadLetterDays int

var deadLetterContainer = 'dead-letters'
var modelEventsQueue = 'model-events'

// The app writes each blob of these once, under a name of its own, and deletes none (shared/adapters/blob_evidence.py).
var writeOnceContainers = ['evidence', 'checkpoints']

// The Functions host needs Blob Data Owner for its leases and its deployment container, Queue Data Contributor for the
// poison queues it makes, Table Data Contributor for its diagnostics; the app's own tables, queues and blobs the same.
var workerRoles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
]

// The app that faces people sends to a queue and looks at it (health); it takes nothing out. Its own package and its host's
// leases and keys are among the blobs; nothing that the other app runs is (promoter-storage.bicep).
var peopleRoles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a' // Storage Queue Data Message Sender
  '19e7f393-937e-4f77-808e-94535e297925' // Storage Queue Data Reader
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
]

var grants = concat(
  map(workerRoles, role => { principalId: workerPrincipalId, role: role }),
  map(empty(peoplePrincipalId) ? [] : peopleRoles, role => { principalId: peoplePrincipalId, role: role })
)

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
    publicNetworkAccess: privateNetworking ? 'Disabled' : 'Enabled'
    networkAcls: {
      // Event Grid delivers as a trusted service with the system-assigned identity of its topic, past a closed network too
      // (learn.microsoft.com/azure/event-grid/handler-storage-queues). Flex Consumption comes from no fixed address.
      bypass: 'AzureServices'
      defaultAction: privateNetworking ? 'Deny' : 'Allow'
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

// The package of the app that faces people; without a split, of the one app (promoter-storage.bicep has the other's).
resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'deployment'
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: deadLetterContainer
}

resource writeOnce 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [
  for item in writeOnceContainers: {
    parent: blobs
    name: item
  }
]

// Unlocked: an owner of the account can still shorten or remove it. Locking cannot be undone, so it is left to an operator.
resource retention 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-01-01' = [
  for (item, index) in writeOnceContainers: if (manageImmutability) {
    parent: writeOnce[index]
    name: 'default'
    properties: {
      immutabilityPeriodSinceCreationInDays: immutabilityDays
      allowProtectedAppendWrites: false
    }
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'old-dead-letters'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${deadLetterContainer}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: deadLetterDays } } }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
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

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in grants: {
    name: guid(account.id, grant.principalId, grant.role)
    scope: account
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      principalId: grant.principalId
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
output packageUrl string = '${account.properties.primaryEndpoints.blob}${package.name}'
output deadLetterContainerName string = deadLetters.name
output modelEventsQueueName string = modelEvents.name
