// The system topic of one workspace, in the workspace's own resource group and region, as Event Grid requires.
param name string
param workspaceId string
param location string
param tags object

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  // Its identity writes to the queue and to the dead-letter container; no key is involved.
  identity: { type: 'SystemAssigned' }
  properties: {
    source: workspaceId
    topicType: 'Microsoft.MachineLearningServices.Workspaces'
  }
}
