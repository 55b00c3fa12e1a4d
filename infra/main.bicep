// Clearance in one subscription, with read access to the workspaces and import access to the registries it is given.
// azd deploys it (`azd up`); docs/decisions/0014-plain-bicep.md says what has not been run, docs/permissions.md why each
// right is there, docs/parameters.md what can be set.
targetScope = 'subscription'

@description('An Azure ML workspace whose model versions Clearance gates.')
type workspace = {
  @description('Short name that stands in promotion ids, policies and URLs.')
  alias: string
  @description('Resource id of the workspace.')
  id: string
  @description('Region of the workspace; its system topic must live there.')
  location: string
  @description('Name of the Event Grid system topic that the workspace has already: it can have one only. That topic needs a system-assigned identity.')
  existingSystemTopicName: string?
}

@description('A shared registry that Clearance imports into.')
type registry = {
  @description('Resource id of the registry.')
  id: string
}

@description('Whoever deploys from the registries: the pipeline of a plant.')
type consumer = {
  @description('Name of the plant or pipeline, for people.')
  name: string
  @description('Object id of the identity of its pipeline.')
  principalId: string
  @description('Resource ids of the registries that it reads.')
  registries: string[]
}

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; part of every resource name.')
param environmentName string

@minLength(1)
@metadata({ azd: { type: 'location' } })
@description('Region of the app, its storage and its topic.')
param location string

// --- what is governed ------------------------------------------------------------------------------------------------

@description('The workspaces to gate.')
param workspaces workspace[] = []

@description('The registries to import into.')
param registries registry[] = []

@description('Identities that may read registries, and nothing else: one for each plant that deploys from them.')
param consumers consumer[] = []

@description('Whether the app may list and read files of models and runs, by a SAS that the workspace hands out. False takes that right away: files are then not compared, and policies cannot ask for files of a run.')
param readFiles bool = true

@description('Whether this deployment makes and assigns the roles on workspaces and registries. Set false where another team owns them: ROLE_COMMANDS then holds what that team runs.')
param assignRoles bool = true

// --- people ----------------------------------------------------------------------------------------------------------

@description('Client id of the Entra app registration that people sign in with. Without it no person can sign in; the webhook and health are served all the same.')
param authClientId string = ''

@description('Name of the secret, in the vault made here, that holds the webhook senders with their keys as JSON (docs/configuration.md). Empty until an operator has written it: without it no webhook is accepted.')
param sendersSecretName string = ''

// --- shape of the deployment -----------------------------------------------------------------------------------------

@description('Whether a second app, with an identity of its own, does all work on workspaces and registries, so that the app that faces people holds no right there. Set it by `azd env set CLEARANCE_SPLIT_PROMOTION true`, for azd reads the same variable. Turned off again, it leaves the second app and its storage account behind: delete both.')
param splitPromotion bool = false

@description('Address ranges (CIDR) from which operators reach the admin endpoints of the second app. Empty closes it to everybody.')
param promoterAddresses string[] = []

@description('Whether storage and vault are reached by private endpoints only. What stays public: the HTTPS endpoint and the deployment endpoint of each app, the topic, and where telemetry goes in.')
param privateNetworking bool = false

@description('Address space of the network that privateNetworking makes: /22 or larger, overlapping with nothing it is to be peered with.')
param addressSpace string = '10.44.0.0/22'

@description('Resource id of a NAT gateway, in this region, through which the apps reach public addresses with privateNetworking. Empty: by the outbound access that Azure gives a subnet by itself.')
param natGatewayId string = ''

@minValue(1)
@maxValue(1000)
@description('Most instances that one function may scale out to.')
param maximumInstanceCount int = 40

@description('Further app settings by name, as in docs/configuration.md: waits, for example, or the public URL of a domain of your own. They win over those set here.')
param extraSettings object = {}

@description('Growing number of the loaded policy: UTC seconds of this deployment. Never set it to a smaller one.')
param policyBuild int = dateTimeToEpoch(utcNow())

// --- what is kept ----------------------------------------------------------------------------------------------------

@minValue(1)
@maxValue(146000)
@description('Days for which evidence and checkpoints can be neither changed nor deleted. The policy is unlocked until an operator locks it.')
param immutabilityDays int = 365

@description('Whether this deployment writes the immutability policies. Set false once they are locked.')
param manageImmutability bool = true

@minValue(1)
@description('Days after which the blob of an event that could not be delivered is deleted.')
param deadLetterDays int = 90

@minValue(30)
@maxValue(730)
@description('Days that logs are kept.')
param logRetentionDays int = 90

// --- alerts ----------------------------------------------------------------------------------------------------------

@description('Resource ids of the action groups that alerts go to. Without any, alerts only show in the portal.')
param alertActionGroupIds string[] = []

@minValue(0)
@description('Hours that a promotion may stay received, awaiting approval, promoting or in conflict before an alert.')
param alertOldestPendingHours int = 24

@minValue(0)
@description('Targets of one registry that may be in trouble for a whole hour before an alert.')
param alertErroredTargets int = 0

@minValue(0)
@description('Undelivered batches of events that may lie in the container of dead letters before an alert.')
param alertDeadLetters int = 0

@minValue(0)
@description('Messages of one source that may be set aside in an hour before an alert.')
param alertQuarantined int = 0

@minValue(0)
@description('Versions of one workspace that may be found without an event in an hour before an alert.')
param alertMissedRegistrations int = 0

@minValue(24)
@description('Hours that the newest checkpoint may be old before an alert; one is written every night.')
param alertCheckpointAgeHours int = 26

@minValue(0)
@description('Messages that may lie in a queue for half an hour before an alert.')
param alertQueueDepth int = 100

// --- names and roles -------------------------------------------------------------------------------------------------

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, application: 'clearance' }
var appName = 'func-clearance-${token}'
var promoterName = 'func-clr-promoter-${token}'
var signsIn = !empty(authClientId)

var functions = loadJsonContent('functions.json')

var workspaceRole = loadJsonContent('roles/workspace-reader.json')
var importRole = loadJsonContent('roles/registry-importer.json')
var consumerRole = loadJsonContent('roles/registry-reader.json')

var workspaceActions = map(
  concat(workspaceRole.actions, readFiles ? workspaceRole.fileActions : []),
  item => item.action
)
var importActions = map(importRole.actions, item => item.action)
var consumerActions = map(consumerRole.actions, item => item.action)

@description('The resource group of a resource: where its role is defined.')
func groupOf(id string) string => join(take(split(id, '/'), 5), '/')

@description('Role names are unique in a tenant.')
func roleName(name string, edition string, group string) string =>
  '${name} (${edition}, ${uniqueString(toLower(group))})'

var consumerReads = flatten(map(
  consumers,
  consumer => map(consumer.registries, id => { principalId: consumer.principalId, registryId: id })
))

// `union` keeps one of equals: a role is defined once in each resource group.
var roleDefinitions = concat(
  map(union([], map(workspaces, item => groupOf(item.id))), group => {
    key: workspaceRole.key
    name: workspaceRole.name
    description: workspaceRole.description
    actions: workspaceActions
    group: group
  }),
  map(union([], map(registries, item => groupOf(item.id))), group => {
    key: importRole.key
    name: importRole.name
    description: importRole.description
    actions: importActions
    group: group
  }),
  map(union([], map(consumerReads, item => groupOf(item.registryId))), group => {
    key: consumerRole.key
    name: consumerRole.name
    description: consumerRole.description
    actions: consumerActions
    group: group
  })
)

// --- the apps and what they stand on ---------------------------------------------------------------------------------

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-clearance-${environmentName}'
  location: location
  tags: tags
}

// It holds the rights on workspaces and registries. In a split deployment it belongs to the promoter, and the app that
// faces people gets another one: so that a right granted before the split does not stay behind with that app.
module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: 'id-clearance-${token}', location: location, tags: tags }
}

module peopleIdentity 'modules/identity.bicep' = if (splitPromotion) {
  scope: group
  params: { name: 'id-clearance-people-${token}', location: location, tags: tags }
}

module signInIdentity 'modules/identity.bicep' = if (signsIn) {
  scope: group
  params: { name: 'id-clearance-signin-${token}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    logsName: 'log-clearance-${token}'
    componentName: 'appi-clearance-${token}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    senderPrincipalIds: splitPromotion
      ? [identity.outputs.principalId, peopleIdentity!.outputs.principalId]
      : [identity.outputs.principalId]
  }
}

module workbook 'monitoring/workbook.bicep' = {
  scope: group
  params: { location: location, tags: tags, logsId: monitoring.outputs.logsId }
}

module alerts 'monitoring/alerts.bicep' = {
  scope: group
  params: {
    namePrefix: 'alert-clearance-${environmentName}'
    location: location
    tags: tags
    logsId: monitoring.outputs.logsId
    actionGroupIds: alertActionGroupIds
    oldestPendingHours: alertOldestPendingHours
    erroredTargets: alertErroredTargets
    deadLetters: alertDeadLetters
    quarantined: alertQuarantined
    missedRegistrations: alertMissedRegistrations
    checkpointAgeHours: alertCheckpointAgeHours
    queueDepth: alertQueueDepth
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'stclr${token}'
    location: location
    tags: tags
    workerPrincipalId: identity.outputs.principalId
    peoplePrincipalId: splitPromotion ? peopleIdentity!.outputs.principalId : ''
    logsId: monitoring.outputs.logsId
    privateNetworking: privateNetworking
    immutabilityDays: immutabilityDays
    manageImmutability: manageImmutability
    deadLetterDays: deadLetterDays
  }
}

module promoterStorage 'modules/promoter-storage.bicep' = if (splitPromotion) {
  scope: group
  params: {
    name: 'stclrp${token}'
    location: location
    tags: tags
    workerPrincipalId: identity.outputs.principalId
    privateNetworking: privateNetworking
  }
}

module topic 'modules/topic.bicep' = {
  scope: group
  params: {
    name: 'evgt-clearance-${token}'
    location: location
    tags: tags
    publisherPrincipalId: identity.outputs.principalId
    logsId: monitoring.outputs.logsId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: 'kv-clr-${token}'
    location: location
    tags: tags
    readerPrincipalId: splitPromotion ? peopleIdentity!.outputs.principalId : identity.outputs.principalId
    logsId: monitoring.outputs.logsId
    privateNetworking: privateNetworking
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    name: 'vnet-clearance-${token}'
    location: location
    tags: tags
    addressSpace: addressSpace
    natGatewayId: natGatewayId
  }
}

module storageEndpoints 'modules/private-endpoint.bicep' = [
  for service in ['blob', 'queue', 'table']: if (privateNetworking) {
    name: 'endpoint-${service}'
    scope: group
    params: {
      name: 'pep-clearance-${service}-${token}'
      location: location
      tags: tags
      targetId: storage.outputs.id
      service: service
      zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
      networkId: network!.outputs.id
      subnetId: network!.outputs.endpointSubnetId
    }
  }
]

module promoterStorageEndpoint 'modules/private-endpoint.bicep' = if (splitPromotion && privateNetworking) {
  name: 'endpoint-promoter-blob'
  scope: group
  params: {
    name: 'pep-clearance-promoter-blob-${token}'
    location: location
    tags: tags
    targetId: promoterStorage!.outputs.id
    service: 'blob'
    zoneName: 'privatelink.blob.${environment().suffixes.storage}'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
  }
  dependsOn: [storageEndpoints] // both write the zone of blobs: one after the other
}

module vaultEndpoint 'modules/private-endpoint.bicep' = if (privateNetworking) {
  name: 'endpoint-vault'
  scope: group
  params: {
    name: 'pep-clearance-vault-${token}'
    location: location
    tags: tags
    targetId: vault.outputs.id
    service: 'vault'
    zoneName: 'privatelink.vaultcore.azure.net'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: appName
    planName: 'plan-clearance-${token}'
    serviceName: 'app'
    location: location
    tags: tags
    identityId: splitPromotion ? peopleIdentity!.outputs.id : identity.outputs.id
    identityClientId: splitPromotion ? peopleIdentity!.outputs.clientId : identity.outputs.clientId
    signInIdentityId: signsIn ? signInIdentity!.outputs.id : ''
    signInIdentityClientId: signsIn ? signInIdentity!.outputs.clientId : ''
    storageName: storage.outputs.name
    hostBlobEndpoint: ''
    packageUrl: storage.outputs.packageUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    topicEndpoint: splitPromotion ? '' : topic.outputs.endpoint
    senders: empty(sendersSecretName)
      ? '{}'
      : '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/${sendersSecretName}/)'
    publicUrl: 'https://${appName}.azurewebsites.net'
    workspaces: workspaces
    registries: registries
    readFiles: readFiles
    authClientId: authClientId
    policyBuild: policyBuild
    disabledFunctions: splitPromotion ? concat(functions.off, functions.work) : functions.off
    extraSettings: extraSettings
    maximumInstanceCount: maximumInstanceCount
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    facesPeople: true
    allowedAddresses: []
  }
  dependsOn: [storageEndpoints, vaultEndpoint]
}

module signIn 'modules/sign-in.bicep' = if (signsIn) {
  scope: group
  params: { appName: app.outputs.name, authClientId: authClientId }
}

module promoter 'modules/app.bicep' = if (splitPromotion) {
  scope: group
  params: {
    name: promoterName
    planName: 'plan-clr-promoter-${token}'
    serviceName: 'promoter'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    signInIdentityId: ''
    signInIdentityClientId: ''
    storageName: storage.outputs.name
    hostBlobEndpoint: promoterStorage!.outputs.blobEndpoint
    packageUrl: promoterStorage!.outputs.packageUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    topicEndpoint: topic.outputs.endpoint
    senders: '{}' // it takes no webhook, so it holds no key
    publicUrl: 'https://${appName}.azurewebsites.net'
    workspaces: workspaces
    registries: registries
    readFiles: readFiles
    authClientId: '' // nobody signs in there
    policyBuild: policyBuild
    disabledFunctions: concat(functions.off, functions.people)
    extraSettings: extraSettings
    maximumInstanceCount: maximumInstanceCount
    subnetId: privateNetworking ? network!.outputs.promoterSubnetId : ''
    facesPeople: false
    allowedAddresses: promoterAddresses
  }
  dependsOn: [storageEndpoints, promoterStorageEndpoint]
}

// --- roles on what may belong to others ------------------------------------------------------------------------------

module roles 'modules/role.bicep' = [
  for (item, index) in roleDefinitions: if (assignRoles) {
    name: 'clearance-role-${index}'
    scope: resourceGroup(split(item.group, '/')[2], split(item.group, '/')[4])
    params: {
      key: item.key
      roleName: roleName(item.name, environmentName, item.group)
      roleDescription: item.description
      actions: item.actions
      environmentName: environmentName
    }
  }
]

module workspaceAccess 'modules/workspace-access.bicep' = [
  for (item, index) in workspaces: if (assignRoles) {
    name: 'clearance-workspace-access-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      workspaceName: last(split(item.id, '/'))
      principalId: identity.outputs.principalId
      roleKey: workspaceRole.key
      environmentName: environmentName
    }
    dependsOn: [roles]
  }
]

module registryAccess 'modules/registry-access.bicep' = [
  for (item, index) in registries: if (assignRoles) {
    name: 'clearance-registry-access-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      registryName: last(split(item.id, '/'))
      principalId: identity.outputs.principalId
      roleKey: importRole.key
      environmentName: environmentName
    }
    dependsOn: [roles]
  }
]

module consumerAccess 'modules/registry-access.bicep' = [
  for (item, index) in consumerReads: if (assignRoles) {
    name: 'clearance-consumer-access-${index}'
    scope: resourceGroup(split(item.registryId, '/')[2], split(item.registryId, '/')[4])
    params: {
      registryName: last(split(item.registryId, '/'))
      principalId: item.principalId
      roleKey: consumerRole.key
      environmentName: environmentName
    }
    dependsOn: [roles]
  }
]

// --- per workspace: its system topic, the right to deliver, and only then the subscription ---------------------------

module workspaceTopic 'modules/workspace-topic.bicep' = [
  for (item, index) in workspaces: if (empty(item.?existingSystemTopicName)) {
    name: 'clearance-workspace-topic-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      name: 'evgs-clearance-${uniqueString(item.id)}'
      workspaceId: item.id
      location: item.location
      tags: tags
    }
  }
]

module deliveryRoles 'modules/delivery-roles.bicep' = [
  for (item, index) in workspaces: {
    name: 'delivery-roles-${index}'
    scope: group
    params: {
      storageName: storage.outputs.name
      systemTopicName: empty(item.?existingSystemTopicName)
        ? 'evgs-clearance-${uniqueString(item.id)}'
        : item.existingSystemTopicName!
      systemTopicSubscriptionId: split(item.id, '/')[2]
      systemTopicResourceGroup: split(item.id, '/')[4]
    }
    dependsOn: [workspaceTopic]
  }
]

module workspaceSubscription 'modules/workspace-subscription.bicep' = [
  for (item, index) in workspaces: {
    name: 'clearance-workspace-subscription-${index}'
    scope: resourceGroup(split(item.id, '/')[2], split(item.id, '/')[4])
    params: {
      systemTopicName: empty(item.?existingSystemTopicName)
        ? 'evgs-clearance-${uniqueString(item.id)}'
        : item.existingSystemTopicName!
      subscriptionName: 'clearance-${environmentName}'
      storageId: storage.outputs.id
      queueName: storage.outputs.modelEventsQueueName
      deadLetterContainerName: storage.outputs.deadLetterContainerName
    }
    dependsOn: [deliveryRoles]
  }
]

// --- what others have to run: from the same lists as the modules above -----------------------------------------------

var roleCommands = assignRoles ? [] : concat(
  map(
    roleDefinitions,
    item =>
      'az role definition create --role-definition \'${string({ Name: roleName(item.name, environmentName, item.group), IsCustom: true, Description: item.description, Actions: item.actions, AssignableScopes: [item.group] })}\''
  ),
  map(
    workspaces,
    item =>
      'az role assignment create --assignee-object-id {app} --assignee-principal-type ServicePrincipal --role "${roleName(workspaceRole.name, environmentName, groupOf(item.id))}" --scope ${item.id}'
  ),
  map(
    registries,
    item =>
      'az role assignment create --assignee-object-id {app} --assignee-principal-type ServicePrincipal --role "${roleName(importRole.name, environmentName, groupOf(item.id))}" --scope ${item.id}'
  ),
  map(
    consumerReads,
    item =>
      'az role assignment create --assignee-object-id ${item.principalId} --assignee-principal-type ServicePrincipal --role "${roleName(consumerRole.name, environmentName, groupOf(item.registryId))}" --scope ${item.registryId}'
  )
)

var signInCommands = !signsIn ? [] : [
  'az ad app federated-credential create --id ${authClientId} --parameters \'{"name":"clearance-${environmentName}","issuer":"${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0","subject":"{signIn}","audiences":["api://AzureADTokenExchange"]}\''
  'az ad app update --id ${authClientId} --web-redirect-uris https://${appName}.azurewebsites.net/.auth/login/aad/callback --enable-id-token-issuance true'
]

@description('Region of the app.')
output AZURE_LOCATION string = location

@description('The Entra tenant whose people sign in.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('The resource group that everything but topics and roles of others is in.')
output RESOURCE_GROUP string = group.name

@description('The app that faces people; without a split it does everything.')
output AZURE_FUNCTION_APP_NAME string = app.outputs.name

@description('The app that does the work of a split deployment, else empty.')
output AZURE_PROMOTER_APP_NAME string = splitPromotion ? promoter!.outputs.name : ''

@description('Where people reach the pages.')
output CLEARANCE_URL string = 'https://${appName}.azurewebsites.net'

@description('Object id of the identity that reads workspaces and imports into registries.')
output CLEARANCE_PRINCIPAL_ID string = identity.outputs.principalId

@description('Object id of the identity of the app that faces people in a split deployment, else empty. It must hold no right on any workspace or registry.')
output CLEARANCE_PEOPLE_PRINCIPAL_ID string = splitPromotion ? peopleIdentity!.outputs.principalId : ''

@description('Name of the vault that operators write the webhook senders to.')
output CLEARANCE_KEY_VAULT string = vault.outputs.name

@description('Name of the storage account.')
output CLEARANCE_STORAGE_ACCOUNT string = storage.outputs.name

@description('Resource id of the storage account that the package of the promoter lies in, in a split deployment, else empty. The identity of the app that faces people must hold no right on it.')
output CLEARANCE_PROMOTER_STORAGE_ID string = splitPromotion ? promoterStorage!.outputs.id : ''

@description('What the owner of workspaces and registries runs, in a POSIX shell, where assignRoles is false; else empty.')
output ROLE_COMMANDS array = [
  for command in roleCommands: replace(command, '{app}', identity.outputs.principalId)
]

@description('What the owner of the app registration runs once, in a POSIX shell, so that people can sign in; else empty.')
output SIGN_IN_COMMANDS array = [
  for command in signInCommands: replace(command, '{signIn}', signsIn ? signInIdentity!.outputs.principalId : '')
]
