// Gives an identity the role that reads one workspace. Nothing is written there (invariant 11): the role has no write.
@description('Name of the workspace, in this resource group.')
param workspaceName string

@description('Object id of the identity.')
param principalId string

@description('Key of the role, as role.bicep made it here.')
param roleKey string

@description('Name of the azd environment.')
param environmentName string

resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-06-01' existing = {
  name: workspaceName
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' existing = {
  name: guid(resourceGroup().id, roleKey, environmentName)
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, principalId, role.id)
  scope: workspace
  properties: {
    roleDefinitionId: role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
