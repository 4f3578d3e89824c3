"""Health for machines, and what people see when something of ours is broken."""

import sys

import structlog
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache

log = structlog.get_logger()

AWAY = (503, "Service unavailable", "unavailable", "The database cannot be reached. Try again.")
BROKEN = (500, "Internal server error", "internal_error", "This is our fault. It was logged.")


@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 while this process can answer at all."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when PostgreSQL answers and binds us by its policies, else 503.

    A role that bypasses row-level security would show every merchant's rows to each of them, so
    a process connected as one never becomes ready. Redis is not needed to serve people.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            (bypasses,) = cursor.fetchone()
    except (OperationalError, InterfaceError) as error:
        log.warning("readyz.database_away", error=str(error))
        return JsonResponse({"status": "unavailable", "database": "away"}, status=503)
    if bypasses:
        log.error("readyz.role_bypasses_policies")
        return JsonResponse({"status": "unavailable", "database": "wrong role"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a lost database is an honest 503 with Retry-After, the rest a 500.

    Rendered without a context: neither page may need what just broke.
    """
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, title, code, detail = AWAY if away else BROKEN
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(
            {
                "type": "about:blank",
                "title": title,
                "status": status,
                "code": code,
                "detail": detail,
                "errors": [],
            },
            content_type="application/problem+json",
        )
    else:
        response = HttpResponse(render_to_string(f"{status}.html"))
    response.status_code = status
    if away:
        response.headers["Retry-After"] = "5"
    return response
