// A private address for one service of one resource, and the name by which the network finds it.
@description('Name of the endpoint.')
param name string

@description('Region of the network.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of what is reached.')
param targetId string

@description('Which of its services: blob, queue, table or vault.')
param service string

@description('Private DNS zone of that service.')
param zoneName string

@description('Resource id of the network.')
param networkId string

@description('Resource id of the subnet for endpoints.')
param subnetId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: 'clearance'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: networkId }
    }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: service
        properties: { privateLinkServiceId: targetId, groupIds: [service] }
      }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        { name: service, properties: { privateDnsZoneId: zone.id } }
      ]
    }
  }
}
