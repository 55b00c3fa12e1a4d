"""`python -m local.bench` (`make bench`): how many round trips, how fast, how soon started; docs/performance.md."""
