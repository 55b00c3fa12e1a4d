// App Service Authentication in front of the app that faces people: everything is for people who are signed in, but the
// two paths that prove themselves or give nothing away.
@description('Name of the app.')
param appName string

@description('Client id of the app registration that people sign in with.')
param authClientId string

// `/*` at the end stands for all that follows, as in the reference of
// learn.microsoft.com/azure/app-service/configure-authentication-file-based.
var openPaths = [
  '/api/webhooks/decisions/*' // each request is signed, and the app checks the signature
  '/api/health' // it says which ports answer, and explains only to operators
]

resource site 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource signIn 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      // A browser is sent to sign in. A bearer token that does not hold is answered with 401.
      unauthenticatedClientAction: 'RedirectToLoginPage'
      redirectToProvider: 'azureactivedirectory'
      excludedPaths: openPaths
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: authClientId
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [authClientId, 'api://${authClientId}'] }
      }
    }
    login: { tokenStore: { enabled: true } } // without it the app is not handed the ID token that it verifies
  }
}
