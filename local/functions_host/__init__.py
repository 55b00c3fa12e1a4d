"""The Functions host of the laptop platform: runs a Python (v2 model) app with the real host's behaviour.

Command: `python -m local.functions_host APP_DIR --port N [--keys FILE] [--settings FILE]`. It serves the triggers http,
queue, timer and eventGrid and the outputs http and queue; an app with others is refused at start. Comments name the
Microsoft source that a behaviour was read in: "host" is Azure/azure-functions-host, "worker" is
Azure/azure-functions-python-worker, "queues" is Microsoft.Azure.WebJobs.Extensions.Storage.Queues in
Azure/azure-sdk-for-net, "timers" is Azure/azure-webjobs-sdk-extensions.
"""
