"""Sessions in the database, each bound to the host where it began (interfaces/portal/host.py)."""

from typing import Any

from django.contrib.sessions.backends import db

HOST = "_host"


class SessionStore(db.SessionStore):
    """A session that is empty on every host but its own; `host` is set by the middleware."""

    host = ""

    def load(self) -> dict[str, Any]:
        """Return what is stored; nothing, and another session from now on, on another host."""
        data: dict[str, Any] = super().load()
        if data.pop(HOST, "") != self.host:
            self._session_key = None
            return {}
        return data

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return what is stored, with the host."""
        bound = session_dict | {HOST: self.host} if self.host else session_dict
        return super().encode(bound)
