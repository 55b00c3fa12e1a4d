// ModelRegistered and RunCompleted of one workspace into the queue. What cannot be delivered for a day lands in the dead-letter container.
@description('Name of the workspace\'s system topic, in this resource group.')
param systemTopicName string

@description('Name of the subscription.')
param subscriptionName string

@description('Resource id of our storage account.')
param storageId string

@description('The queue that events go to.')
param queueName string

@description('The container for events that could not be delivered.')
param deadLetterContainerName string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: systemTopicName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: subscriptionName
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: [
        'Microsoft.MachineLearningServices.ModelRegistered'
        'Microsoft.MachineLearningServices.RunCompleted'
      ]
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: storageId
          queueName: queueName
          queueMessageTimeToLiveInSeconds: -1 // a message waits for the app however long it is down
        }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storageId, blobContainerName: deadLetterContainerName }
      }
    }
  }
}
