"""The workspace on the web: the ASGI application, its server, and the log of requests."""
