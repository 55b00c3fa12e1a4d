// Kept apart from delivery-roles.bicep because a principal id read at deployment can name an assignment only as a
// parameter of a module.
@description('Name of our storage account.')
param storageName string

@description('Object id of the identity of the workspace\'s system topic.')
param topicPrincipalId string

var queueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageName
  resource queues 'queueServices' existing = {
    name: 'default'
    resource modelEvents 'queues' existing = { name: 'model-events' }
  }
  resource blobs 'blobServices' existing = {
    name: 'default'
    resource deadLetters 'containers' existing = { name: 'dead-letters' }
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::queues::modelEvents.id, topicPrincipalId, queueDataMessageSender)
  scope: account::queues::modelEvents
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataMessageSender)
    principalId: topicPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource deadLetter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::deadLetters.id, topicPrincipalId, blobDataContributor)
  scope: account::blobs::deadLetters
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: topicPrincipalId
    principalType: 'ServicePrincipal'
  }
}
