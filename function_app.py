"""What Azure Functions loads: every trigger of Clearance, gathered. Importing this reads no setting (ADR 0008)."""

import azure.functions as func

from functions import http, model_events, promotions, schedule

app = func.FunctionApp()
app.register_functions(model_events.triggers)
app.register_functions(promotions.triggers)
app.register_functions(schedule.triggers)
app.register_functions(http.triggers)
