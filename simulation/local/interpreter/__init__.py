"""Python for one execution context or one task: what runs inside an interpreter process."""
