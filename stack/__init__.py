"""The one-command stack: installs, starts, watches and stops everything Fairlead runs on.

For development, the demo and tests. Production runs the same processes from docker-compose.yml.
"""
