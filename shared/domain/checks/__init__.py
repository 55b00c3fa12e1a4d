"""What `clearance doctor` makes of what it saw: facts in, findings out, nothing else."""
