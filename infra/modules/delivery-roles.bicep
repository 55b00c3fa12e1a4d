// What the system topic of one workspace may do in our storage: send to the queue, and write dead letters.
@description('Name of our storage account.')
param storageName string

@description('Name of the workspace\'s system topic.')
param systemTopicName string

@description('Subscription that the topic is in.')
param systemTopicSubscriptionId string

@description('Resource group that the topic is in.')
param systemTopicResourceGroup string

module assignments 'delivery-role-assignments.bicep' = {
  params: {
    storageName: storageName
    topicPrincipalId: topic.identity.principalId
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: systemTopicName
  scope: resourceGroup(systemTopicSubscriptionId, systemTopicResourceGroup)
}
