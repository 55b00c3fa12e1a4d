// The network of a closed deployment: a subnet for each app, one for private endpoints, and the names inside it.
@description('Name of the network.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Address space, /22 or larger.')
param addressSpace string

@description('Resource id of the NAT gateway that the apps reach public addresses through, or empty.')
param natGatewayId string

// Flex Consumption asks for this delegation (learn.microsoft.com/azure/azure-functions/functions-networking-options).
var toFlexConsumption = [
  { name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }
]

// Azure ML, Entra, Event Grid and where telemetry goes in are public addresses. Since this version of the API a subnet of a
// new network reaches none unless it says how (learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access).
var natGateway = empty(natGatewayId) ? null : { id: natGatewayId }

resource network 'Microsoft.Network/virtualNetworks@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressSpace] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 24, 0)
          delegations: toFlexConsumption
          defaultOutboundAccess: empty(natGatewayId)
          natGateway: natGateway
        }
      }
      {
        name: 'promoter'
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 24, 1)
          delegations: toFlexConsumption
          defaultOutboundAccess: empty(natGatewayId)
          natGateway: natGateway
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: cidrSubnet(addressSpace, 24, 2), defaultOutboundAccess: false }
      }
    ]
  }

  resource appSubnet 'subnets' existing = { name: 'app' }
  resource promoterSubnet 'subnets' existing = { name: 'promoter' }
  resource endpointSubnet 'subnets' existing = { name: 'endpoints' }
}

output id string = network.id
output appSubnetId string = network::appSubnet.id
output promoterSubnetId string = network::promoterSubnet.id
output endpointSubnetId string = network::endpointSubnet.id
