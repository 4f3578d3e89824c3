"""Leaves with status 0 if a server in this container answers: healthcheck.py PORT URL-SETTING."""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

port, setting = sys.argv[1:]
# As the reverse proxy would ask: Django answers to no other name.
headers = {"Host": urlsplit(os.environ[setting]).netloc, "X-Forwarded-Proto": "https"}
connection = HTTPConnection("127.0.0.1", int(port), timeout=4)
connection.request("GET", "/healthz", headers=headers)
sys.exit(connection.getresponse().status != 200)
