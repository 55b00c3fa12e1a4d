"""The storage account that queue triggers listen on: the one that the host itself works with."""

CONNECTION = "AzureWebJobsStorage"
