// One custom role of exactly the actions it is given, in the resource group of what it is for.
@description('What names the role to the modules that assign it.')
param key string

@description('Its name in the directory. Role names are unique in a tenant.')
param roleName string

@description('What it allows, in a sentence.')
param roleDescription string

@description('Its actions.')
param actions string[]

@description('Name of the azd environment.')
param environmentName string

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, key, environmentName)
  properties: {
    roleName: roleName
    description: roleDescription
    type: 'CustomRole'
    permissions: [{ actions: actions }]
    assignableScopes: [resourceGroup().id]
  }
}
