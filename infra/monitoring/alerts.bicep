// Alerts on what Clearance measures. Each query answers with a column Value; more than its threshold is an alert. No query
// names a time: it is the window of its rule here, and the time range of the workbook there.
@description('Begins the name of every rule.')
param namePrefix string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the Log Analytics workspace.')
param logsId string

@description('Resource ids of the action groups that alerts go to.')
param actionGroupIds string[]

@description('Hours that a promotion may wait.')
param oldestPendingHours int

@description('Targets of one registry that may be in trouble for an hour.')
param erroredTargets int

@description('Undelivered batches of events that may lie there.')
param deadLetters int

@description('Messages of one source that may be set aside in an hour.')
param quarantined int

@description('Versions of one workspace that may be found without an event in an hour.')
param missedRegistrations int

@description('Hours that the newest checkpoint may be old.')
param checkpointAgeHours int

@description('Messages that may lie in a queue for half an hour.')
param queueDepth int

var rules = [
  {
    name: 'oldest-pending'
    title: 'Clearance: a promotion waits too long'
    query: loadTextContent('queries/oldest-pending.kql')
    threshold: oldestPendingHours
    severity: 3
    window: 'PT15M'
    by: ['Status']
  }
  {
    name: 'errored-targets'
    title: 'Clearance: a registry has been in trouble for an hour'
    query: loadTextContent('queries/errored-targets.kql')
    threshold: erroredTargets
    severity: 2
    window: 'PT1H'
    by: ['Registry']
  }
  {
    name: 'dead-letters'
    title: 'Clearance: events could not be delivered'
    query: loadTextContent('queries/dead-letters.kql')
    threshold: deadLetters
    severity: 2
    window: 'PT15M'
    by: []
  }
  {
    name: 'quarantine-growth'
    title: 'Clearance: messages were set aside'
    query: loadTextContent('queries/quarantine-growth.kql')
    threshold: quarantined
    severity: 2
    window: 'PT1H'
    by: ['Source']
  }
  {
    name: 'missed-registrations'
    title: 'Clearance: registrations came without an event'
    query: loadTextContent('queries/missed-registrations.kql')
    threshold: missedRegistrations
    severity: 3
    window: 'PT1H'
    by: ['Workspace']
  }
  {
    name: 'checkpoint-age'
    title: 'Clearance: the newest checkpoint is too old'
    query: loadTextContent('queries/checkpoint-age.kql')
    threshold: checkpointAgeHours
    severity: 1
    window: 'PT15M'
    by: []
  }
  {
    name: 'checkpoint-failed'
    title: 'Clearance: a checkpoint was not written'
    query: loadTextContent('queries/checkpoint-failed.kql')
    threshold: 0
    severity: 1
    window: 'PT1H'
    by: []
  }
  {
    name: 'sweep-silent'
    title: 'Clearance: no sweep for a quarter of an hour'
    query: loadTextContent('queries/sweep-silent.kql')
    threshold: 0
    severity: 1
    window: 'PT15M'
    by: []
  }
  {
    name: 'queue-depth'
    title: 'Clearance: a queue is not worked off'
    query: loadTextContent('queries/queue-depth.kql')
    threshold: queueDepth
    severity: 2
    window: 'PT30M'
    by: ['Queue']
  }
]

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      description: 'What it means and what to do: docs/runbook.md, ${rule.name}.'
      severity: rule.severity
      enabled: true
      scopes: [logsId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      autoMitigate: true
      // The tables of a new workspace are there once something has been sent.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'Value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
            dimensions: map(rule.by, column => { name: column, operator: 'Include', values: ['*'] })
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: actionGroupIds }
    }
  }
]
