"""All settings, read from the environment once. docs/operations.md lists every variable."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str | None = None) -> str:
    """Return a variable's text; a variable without a default must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name}; docs/operations.md says what it is for.")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    """Return the comma-separated values of a variable."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """Return Django's form of a postgresql:// URL."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # A pooler in transaction mode may stand between.
        "OPTIONS": {"connect_timeout": 3, "application_name": "fairlead"},
    }


# Where we are -----------------------------------------------------------------------------------

DEVELOPMENT = env("FAIRLEAD_ENV", "production") == "development"
DEBUG = False  # Debug pages show settings; logs and tracebacks in the console do the same work.
DATA_DIR = Path(env("FAIRLEAD_DATA_DIR", str(BASE_DIR / "var")))
APP_URL = env("FAIRLEAD_APP_URL", "http://127.0.0.1:8000").rstrip("/")
EDGE_URL = env("FAIRLEAD_EDGE_URL", "http://127.0.0.1:8001").rstrip("/")
SHOP_URL = env("FAIRLEAD_SHOP_URL", "http://127.0.0.1:8002").rstrip("/")
# Where uploaded files are handed out: in production a host of its own, so that nothing in a file
# could ever act in our name. Default: the app's.
FILES_URL = env("FAIRLEAD_FILES_URL", "").rstrip("/") or APP_URL
# Tracking domains: where their DNS must lead (default: to the edge's host), and whom we ask.
EDGE_ADDRESSES = env_list("FAIRLEAD_EDGE_ADDRESSES")
# Portal domains: the same of web (default: its host).
APP_ADDRESSES = env_list("FAIRLEAD_APP_ADDRESSES")
DNS_SERVERS = env_list("FAIRLEAD_DNS_SERVERS")  # "192.0.2.53" or "192.0.2.53:5353"
# Payouts: where a provider is instead of its own address (a sandbox of the operator's, a fake), and
# places inside our network that merchants' own endpoints may name ("127.0.0.1:8002").
PROVIDER_URLS = {
    name: env(f"FAIRLEAD_{name}_URL", "").rstrip("/") for name in ("PAYPAL", "WISE", "STRIPE")
}
WISE_PUBLIC_KEY = env("FAIRLEAD_WISE_PUBLIC_KEY", "").replace("\\n", "\n")  # PEM, of its notices.
OUTGOING_HOSTS = frozenset(env_list("FAIRLEAD_OUTGOING_HOSTS"))
# Networks of our own proxies: only what they say in X-Forwarded-For is believed, by the edge.
TRUSTED_PROXIES = env_list("FAIRLEAD_TRUSTED_PROXIES")
# A MaxMind database of countries (.mmdb); without one, every visitor's country is unknown.
GEOIP_FILE = Path(env("FAIRLEAD_GEOIP_FILE")) if env("FAIRLEAD_GEOIP_FILE", "") else None
# The register of VAT ids (empty: the European Commission's), and our own VAT id when we ask it.
VIES_URL = env("FAIRLEAD_VIES_URL", "").rstrip("/")
VIES_REQUESTER = env("FAIRLEAD_VIES_REQUESTER", "")
CLICK_RETENTION_DAYS_MIN = 7
CLICK_RETENTION_DAYS = int(env("FAIRLEAD_CLICK_RETENTION_DAYS", "90"))
if CLICK_RETENTION_DAYS < CLICK_RETENTION_DAYS_MIN:
    raise ImproperlyConfigured("FAIRLEAD_CLICK_RETENTION_DAYS must be at least 7.")
# Sign-in counts proxies instead of naming them: ours is one, or none.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUSTED_PROXIES else 0
CLOCK_OFFSET_SECONDS = int(env("FAIRLEAD_CLOCK_OFFSET_SECONDS", "0"))
if CLOCK_OFFSET_SECONDS and not DEVELOPMENT:
    raise ImproperlyConfigured("FAIRLEAD_CLOCK_OFFSET_SECONDS is for development and tests.")

# Where tests kill a process ("name of the place:how many times passed"), payouts/sending/faults.py.
FAULT = env("FAIRLEAD_FAULT", "")
if FAULT and not DEVELOPMENT:
    raise ImproperlyConfigured("FAIRLEAD_FAULT is for development and tests.")

# Payouts over the network -----------------------------------------------------------------------

# Whoever began a call has it for so long: longer than a task may run.
PAYOUT_LEASE_SECONDS = float(env("FAIRLEAD_PAYOUT_LEASE_SECONDS", "360"))
# "We do not know it" means nothing for so long after a call without an answer.
PAYOUT_SETTLE_SECONDS = float(env("FAIRLEAD_PAYOUT_SETTLE_SECONDS", "1800"))
PAYOUT_POLL_SECONDS = float(env("FAIRLEAD_PAYOUT_POLL_SECONDS", "10"))  # At the soonest.

# Secrets ----------------------------------------------------------------------------------------

SECRET_KEY = env("FAIRLEAD_SECRET_KEY")
# "2:<hex>,1:<hex>": 32-byte keys; the highest number signs new click tokens, all verify.
CLICK_KEYS = {
    int(number): bytes.fromhex(key)
    for number, key in (pair.split(":", 1) for pair in env_list("FAIRLEAD_CLICK_KEYS"))
}
# Fernet keys, newest first: the first encrypts payee details, all of them decrypt.
FIELD_KEYS = env_list("FAIRLEAD_FIELD_KEYS")

# The Django frame -------------------------------------------------------------------------------

OWN_HOSTS = env_list("FAIRLEAD_ALLOWED_HOSTS", urlsplit(APP_URL).hostname or "")
# On this host nothing but files is served; empty: they have none of their own.
FILES_HOST = urlsplit(FILES_URL).hostname or ""
if urlsplit(APP_URL).hostname == FILES_HOST:
    FILES_HOST = ""
if DEVELOPMENT:
    OWN_HOSTS += ["127.0.0.1", "localhost", "testserver"]
# Merchants have hosts of their own; the first middleware refuses what is neither theirs nor ours.
ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = [APP_URL]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

INSTALLED_APPS = [
    "common",
    "users",
    "merchants",
    "ledger",
    "programs",
    "affiliates",
    "mailing",
    "tracking",
    "materials",
    "cobranding",
    "collaborations",
    "commissions",
    "payouts",
    "reports",
    "messaging",
    "recruiting",
    "partnerships",
    "automations",
    "channel",
    "demo",
    "interfaces.api",
    "interfaces.console",
    "interfaces.portal",
    "interfaces.operator",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "django_tables2",
]

MIDDLEWARE = [
    "common.middleware.RequestLogMiddleware",
    "common.middleware.OriginMiddleware",
    "interfaces.portal.host.PortalHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "interfaces.portal.host.SessionHostMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "interfaces.languages.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "interfaces.portal.host.host_brand",
            ],
        },
    }
]

# PostgreSQL: three roles, three aliases (merchants/tenancy.py says who may use which) -----------

DATABASES = {
    "default": database(env("DATABASE_URL")),
    "ops": database(env("DATABASE_OPS_URL")),
    "owner": database(env("DATABASE_OWNER_URL", env("DATABASE_URL"))),
}
DATABASES["owner"]["CONN_MAX_AGE"] = 0
DATABASE_ROUTERS = ["merchants.tenancy.PolicyRouter"]

# Redis or Valkey: broker, cache, rate limits. Its absence must cost nobody a page ---------------

REDIS_URL = env("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "common.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
SESSION_ENGINE = "users.sessions"

# Sign-in ----------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "users.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Fairlead"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT
MFA_ADAPTER = "users.adapters.MfaAdapter"

# Mail -------------------------------------------------------------------------------------------

EMAIL_BACKEND = env(
    "FAIRLEAD_EMAIL_BACKEND",
    "django.core.mail.backends.filebased.EmailBackend"
    if DEVELOPMENT
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = env("FAIRLEAD_SMTP_HOST", "localhost")
EMAIL_PORT = int(env("FAIRLEAD_SMTP_PORT", "25"))
EMAIL_HOST_USER = env("FAIRLEAD_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env("FAIRLEAD_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env("FAIRLEAD_SMTP_TLS", "0") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("FAIRLEAD_MAIL_FROM", "Fairlead <no-reply@localhost>")

# HTTPS and headers ------------------------------------------------------------------------------

SECURE_COOKIES = APP_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    f"img-src 'self' data: {FILES_URL}; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Languages, time, static files ------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each by its own name: whoever looks for theirs may not read the one they see.
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "assets" / "static"
STATICFILES_DIRS = [BASE_DIR / "assets" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "media"

# Celery: what was measured to matter (docs/architecture.md, "Background work") ------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "tracking"
CELERY_TASK_ROUTES = {  # What is not named here goes to the default queue.
    "commissions.approve_due": {"queue": "money"},
    "commissions.release_grants": {"queue": "money"},
    "commissions.give_bonuses": {"queue": "reports"},
    "commissions.pay_flat_fees": {"queue": "reports"},
    "commissions.pay_traffic": {"queue": "reports"},
    "commissions.tell_of_budgets": {"queue": "outbound"},
    "commissions.run_decisions": {"queue": "money"},
    "commissions.tell_of_claims": {"queue": "outbound"},
    "mailing.*": {"queue": "outbound"},
    "messaging.tell_of_messages": {"queue": "outbound"},
    "recruiting.mail_letters": {"queue": "outbound"},
    "messaging.run_broadcasts": {"queue": "reports"},
    "automations.run": {"queue": "reports"},
    "partnerships.look_after": {"queue": "outbound"},
    "partnerships.note_goals": {"queue": "reports"},
    "materials.fetch_product_feeds": {"queue": "outbound"},
    "collaborations.look_at_pages": {"queue": "outbound"},
    "merchants.*": {"queue": "outbound"},
    "payouts.check_vat_ids": {"queue": "outbound"},
    "payouts.issue_papers": {"queue": "reports"},
    "api.*": {"queue": "reports"},
    "reports.*": {"queue": "reports"},
    "portal.*": {"queue": "outbound"},
    "commissions.note_rate_changes": {"queue": "reports"},
    "commissions.climb_ladders": {"queue": "reports"},
    "commissions.tell_of_tiers": {"queue": "outbound"},
    "commissions.expire_proposals": {"queue": "reports"},
    "commissions.tell_of_proposals": {"queue": "outbound"},
    "tracking.run_imports": {"queue": "reports"},
    "commissions.score_branches": {"queue": "reports"},
    "commissions.run_replays": {"queue": "reports"},
    "payouts.prepare_batches": {"queue": "money"},
    "payouts.reserve_batches": {"queue": "money"},
    "payouts.tell_of_payouts": {"queue": "outbound"},
    "payouts.tell_of_expiries": {"queue": "outbound"},
    "payouts.submit": {"queue": "outbound"},
    "payouts.resolve": {"queue": "outbound"},
    "payouts.poll": {"queue": "outbound"},
    "payouts.process_notices": {"queue": "money"},
    "payouts.check_rails": {"queue": "outbound"},
    "payouts.reconcile": {"queue": "outbound"},
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
CELERY_REDBEAT_REDIS_URL = REDIS_URL
# A beat that died leaves its lock behind: its successor waits no longer than this.
CELERY_REDBEAT_LOCK_TIMEOUT = 5
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
# An unread nudge is worthless once the next is due, so it expires: a stopped worker finds no pile.
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds * 2}}
    for name, task, seconds in (
        ("process-conversions", "commissions.process_conversions", 1.0),
        ("process-refunds", "commissions.process_refunds", 1.0),
        ("process-customers", "commissions.process_customers", 1.0),
        ("process-status-reports", "commissions.process_status_reports", 1.0),
        ("attach-waiting", "commissions.attach_waiting", 60.0),
        ("approve-due-commissions", "commissions.approve_due", 10.0),
        ("release-grants", "commissions.release_grants", 10.0),
        ("tell-of-budgets", "commissions.tell_of_budgets", 10.0),
        ("give-bonuses", "commissions.give_bonuses", 60.0),
        ("pay-flat-fees", "commissions.pay_flat_fees", 600.0),
        ("pay-traffic", "commissions.pay_traffic", 300.0),
        ("run-bulk-jobs", "commissions.run_bulk_jobs", 2.0),
        ("run-decisions", "commissions.run_decisions", 2.0),
        ("tell-of-claims", "commissions.tell_of_claims", 10.0),
        ("note-rate-changes", "commissions.note_rate_changes", 10.0),
        ("climb-ladders", "commissions.climb_ladders", 10.0),
        ("expire-proposals", "commissions.expire_proposals", 60.0),
        ("tell-of-proposals", "commissions.tell_of_proposals", 30.0),
        ("tell-of-tiers", "commissions.tell_of_tiers", 30.0),
        ("mail-rate-notices", "portal.mail_rate_notices", 30.0),
        ("mail-applications", "portal.mail_applications", 10.0),
        ("mail-changes", "portal.mail_changes", 30.0),
        ("remind-of-policies", "reports.remind_of_policies", 3600.0),
        ("tell-of-methods", "portal.tell_of_methods", 10.0),
        ("send-digests", "mailing.send_digests", 60.0),
        ("tell-of-tasks", "mailing.tell_of_tasks", 60.0),
        ("tell-of-domains", "mailing.tell_of_domains", 60.0),
        ("run-broadcasts", "messaging.run_broadcasts", 2.0),
        ("fetch-product-feeds", "materials.fetch_product_feeds", 60.0),
        ("look-at-pages", "collaborations.look_at_pages", 30.0),
        ("tell-of-messages", "messaging.tell_of_messages", 10.0),
        ("mail-letters", "recruiting.mail_letters", 10.0),
        ("pay-bounties", "recruiting.pay_bounties", 300.0),
        ("note-goals", "partnerships.note_goals", 3600.0),
        ("run-automations", "automations.run", 30.0),
        ("look-after-partnerships", "partnerships.look_after", 300.0),
        ("expire-deals", "channel.expire_deals", 60.0),
        ("judge-health", "reports.judge_health", 6 * 3600.0),
        ("make-click-partitions", "tracking.make_click_partitions", 3600.0),
        ("drop-old-days", "tracking.drop_old_days", 3600.0),
        ("forget-counts", "tracking.forget_counts", 3600.0),
        ("run-imports", "tracking.run_imports", 2.0),
        ("forget-intake-calls", "tracking.forget_intake_calls", 3600.0),
        ("draw-experiments", "commissions.draw_experiments", 5.0),
        ("run-replays", "commissions.run_replays", 2.0),
        ("score-branches", "commissions.score_branches", 3600.0),
        ("prepare-batches", "payouts.prepare_batches", 2.0),
        ("reserve-batches", "payouts.reserve_batches", 2.0),
        ("tell-of-payouts", "payouts.tell_of_payouts", 10.0),
        ("submit-payouts", "payouts.submit", 2.0),
        ("resolve-payouts", "payouts.resolve", 10.0),
        ("poll-payouts", "payouts.poll", 10.0),
        ("process-notices", "payouts.process_notices", 2.0),
        ("check-rails", "payouts.check_rails", 3.0),
        ("reconcile-rails", "payouts.reconcile", 3600.0),
        ("check-vat-ids", "payouts.check_vat_ids", 10.0),
        ("tell-of-expiries", "payouts.tell_of_expiries", 3600.0),
        ("issue-papers", "payouts.issue_papers", 5.0),
        ("check-domains", "merchants.check_domains", 600.0),
        ("forget-answers", "api.forget_answers", 3600.0),
    )
}

# The JSON API -----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["interfaces.api.auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["interfaces.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["interfaces.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["interfaces.api.throttling.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"key": env("FAIRLEAD_API_RATE", "6000/min")},
    "EXCEPTION_HANDLER": "interfaces.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fairlead API",
    "DESCRIPTION": "Programs, affiliates, links, conversions, commissions and payouts.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Closed groups: two hundred calls at once keep a browser busy for half a minute.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "filter": True},
    "COMPONENT_SPLIT_PATCH": False,  # Shapes of requests are classes of their own.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],  # Enumerations stay where they are used.
}

# Logs -------------------------------------------------------------------------------------------

LOG_LEVEL = env("FAIRLEAD_LOG_LEVEL", "INFO")
LOGGING_CONFIG = "common.logs.configure"
LOGGING = {"level": LOG_LEVEL, "json": not DEVELOPMENT}
