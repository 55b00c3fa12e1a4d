// Gives an identity one role on one registry: the app may import, a plant's pipeline may read. Neither may delete, which
// the built-in AzureML Registry User may.
@description('Name of the registry, in this resource group.')
param registryName string

@description('Object id of the identity.')
param principalId string

@description('Key of the role, as role.bicep made it here.')
param roleKey string

@description('Name of the azd environment.')
param environmentName string

resource registry 'Microsoft.MachineLearningServices/registries@2025-06-01' existing = {
  name: registryName
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' existing = {
  name: guid(resourceGroup().id, roleKey, environmentName)
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, principalId, role.id)
  scope: registry
  properties: {
    roleDefinitionId: role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
