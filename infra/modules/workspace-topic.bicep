// The system topic of one workspace, in the workspace's own resource group and region, as Event Grid requires.
@description('Name of the topic.')
param name string

@description('Resource id of the workspace.')
param workspaceId string

@description('Region of the workspace.')
param location string

@description('Tags of every resource.')
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
