// One workbook: what waits, what is in trouble, what each rule refuses, and the trace of one promotion. Its queries are the
// files beside it; the alerts use the same.
@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the Log Analytics workspace.')
param logsId string

var logs = 'microsoft.operationalinsights/workspaces'

var charts = [
  {
    heading: 'Now'
    queries: [
      { title: 'Longest in each status (hours)', query: loadTextContent('queries/oldest-pending.kql'), show: 'table' }
      { title: 'Open promotions', query: loadTextContent('queries/promotions-by-status.kql'), show: 'timechart' }
      { title: 'Targets in trouble', query: loadTextContent('queries/errored-targets.kql'), show: 'table' }
      { title: 'Undelivered events', query: loadTextContent('queries/dead-letters.kql'), show: 'table' }
      { title: 'Age of the newest checkpoint (hours)', query: loadTextContent('queries/checkpoint-age.kql'), show: 'table' }
    ]
  }
  {
    heading: 'Machinery'
    queries: [
      { title: 'Messages in queues', query: loadTextContent('queries/queues-over-time.kql'), show: 'timechart' }
      { title: 'Messages never worked off', query: loadTextContent('queries/queue-depth.kql'), show: 'table' }
      { title: 'Lateness of the sweep (seconds)', query: loadTextContent('queries/sweep-lag.kql'), show: 'timechart' }
      { title: 'Whether the sweep is silent', query: loadTextContent('queries/sweep-silent.kql'), show: 'table' }
      { title: 'Set aside', query: loadTextContent('queries/quarantine-growth.kql'), show: 'table' }
      { title: 'Registered without an event', query: loadTextContent('queries/missed-registrations.kql'), show: 'table' }
      { title: 'Checkpoints not written', query: loadTextContent('queries/checkpoint-failed.kql'), show: 'table' }
      { title: 'Functions that failed', query: loadTextContent('queries/failed-invocations.kql'), show: 'table' }
      { title: 'Steps', query: loadTextContent('queries/slow-steps.kql'), show: 'table' }
    ]
  }
  {
    heading: 'Rules and people'
    queries: [
      { title: 'Evaluations', query: loadTextContent('queries/evaluations.kql'), show: 'timechart' }
      { title: 'What each gate refuses', query: loadTextContent('queries/denials-by-gate.kql'), show: 'table' }
      { title: 'How long people take', query: loadTextContent('queries/waiting-for-people.kql'), show: 'table' }
      { title: 'How long a promotion takes', query: loadTextContent('queries/time-to-promote.kql'), show: 'table' }
      { title: 'Trouble by registry', query: loadTextContent('queries/trouble-by-registry.kql'), show: 'table' }
      { title: 'Conflicts', query: loadTextContent('queries/conflicts.kql'), show: 'table' }
    ]
  }
  {
    heading: 'One promotion'
    queries: [
      { title: 'Its trace', query: loadTextContent('queries/steps-of-a-promotion.kql'), show: 'table' }
      { title: 'Its log lines', query: loadTextContent('queries/log-lines.kql'), show: 'table' }
    ]
  }
]

var parameters = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    queryType: 0
    resourceType: logs
    parameters: [
      {
        id: guid(logsId, 'TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [
            { durationMs: 3600000 }
            { durationMs: 86400000 }
            { durationMs: 604800000 }
            { durationMs: 2592000000 }
          ]
        }
      }
      {
        id: guid(logsId, 'Promotion')
        version: 'KqlParameterItem/1.0'
        name: 'Promotion'
        label: 'Promotion (workspace:name:version)'
        type: 1
        isRequired: false
      }
    ]
  }
}

var sections = map(charts, section =>
  concat(
    [{ type: 1, name: section.heading, content: { json: '## ${section.heading}' } }],
    map(section.queries, chart => {
      type: 3
      name: chart.title
      content: {
        version: 'KqlItem/1.0'
        title: chart.title
        query: chart.query
        visualization: chart.show
        size: 0
        timeContextFromParameter: 'TimeRange'
        queryType: 0
        resourceType: logs
        crossComponentResources: [logsId]
      }
    })
  ))

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'clearance-workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Clearance'
    category: 'workbook'
    sourceId: logsId
    version: '1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([parameters], flatten(sections))
      fallbackResourceIds: [logsId]
      '$schema': 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json'
    })
  }
}
