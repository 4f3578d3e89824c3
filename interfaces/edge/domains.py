"""GET /tls-allowed: for which hosts the proxy in front may fetch a certificate."""

from urllib.parse import urlsplit

from django.conf import settings

from interfaces.edge.http import Request, Response, json_response
from interfaces.edge.links import Links


class Certificates:
    """Answers the proxy's question about a host."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def answer(self, request: Request) -> Response:
        """Answer 200 for our own host and the verified ones of merchants, else 404."""
        host = dict(request.query).get("domain", "").lower()
        own = urlsplit(settings.EDGE_URL).hostname
        is_served = bool(host) and (host == own or host in self._links.map.domains)
        return json_response(200 if is_served else 404, {"allowed": is_served})
