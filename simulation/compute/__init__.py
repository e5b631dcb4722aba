"""What code runs on: clusters and their contexts with the commands in them, and SQL warehouses."""
