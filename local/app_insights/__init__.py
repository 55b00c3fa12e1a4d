"""Application Insights' ingestion endpoint on one machine: takes what the real exporter sends, and shows it."""
