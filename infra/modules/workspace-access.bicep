// Read access to one workspace: versions, jobs, metrics and their artifact listings. Nothing is written there
// (invariant 11), so the role has no write action.
param workspaceName string
param appPrincipalId string
param environmentName string

resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-06-01' existing = {
  name: workspaceName
}

resource reader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'clearance-workspace-reader', environmentName)
  properties: {
    // Role names are unique in a tenant.
    roleName: 'Clearance workspace reader (${environmentName}, ${uniqueString(resourceGroup().id)})'
    description: 'Reads model versions, jobs, runs and their metrics. Writes nothing.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.MachineLearningServices/workspaces/read'
          'Microsoft.MachineLearningServices/workspaces/models/read'
          'Microsoft.MachineLearningServices/workspaces/models/*/read'
          'Microsoft.MachineLearningServices/workspaces/jobs/read'
          'Microsoft.MachineLearningServices/workspaces/jobs/*/read'
          'Microsoft.MachineLearningServices/workspaces/experiments/read'
          'Microsoft.MachineLearningServices/workspaces/experiments/*/read'
          'Microsoft.MachineLearningServices/workspaces/metadata/artifacts/read'
        ]
      }
    ]
    assignableScopes: [resourceGroup().id]
  }
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, appPrincipalId, reader.id)
  scope: workspace
  properties: {
    roleDefinitionId: reader.id
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}
