// Import access to one registry: read and write assets. The built-in AzureML Registry User may delete too; this may not.
param registryName string
param appPrincipalId string
param environmentName string

resource registry 'Microsoft.MachineLearningServices/registries@2025-06-01' existing = {
  name: registryName
}

resource importer 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'clearance-registry-importer', environmentName)
  properties: {
    // Role names are unique in a tenant.
    roleName: 'Clearance registry importer (${environmentName}, ${uniqueString(resourceGroup().id)})'
    description: 'Reads a registry and imports model versions into it. Deletes nothing.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.MachineLearningServices/registries/read'
          'Microsoft.MachineLearningServices/registries/assets/read'
          'Microsoft.MachineLearningServices/registries/assets/write'
          'Microsoft.MachineLearningServices/registries/assets/stage/write'
        ]
      }
    ]
    assignableScopes: [resourceGroup().id]
  }
}

resource importAssets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, appPrincipalId, importer.id)
  scope: registry
  properties: {
    roleDefinitionId: importer.id
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}
