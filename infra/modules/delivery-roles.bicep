// What the system topic of one workspace may do in our storage: send to the queue, and write dead letters.
param storageName string
param systemTopicName string
param systemTopicSubscriptionId string
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
