"""The web: the wallboard, the list of cameras, one camera's page, JSON, live events, and ``/metrics``."""
