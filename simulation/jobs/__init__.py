"""Jobs, and the runs of jobs and of single tasks."""
