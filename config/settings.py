"""Settings, from the environment alone. Every variable may also be given as NAME_FILE, the path of a file that holds it."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from celery.schedules import schedule
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from research.budget import Caps
from research.prices import price_table

django_stubs_ext.monkeypatch()  # so that classes may say at run time what their types are generic over

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)
EMBEDDED = env.bool("EMBEDDED", default=False)  # started by `manage.py up`, on this machine alone
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    secret_file = VAR_DIR / "secret_key"
    SECRET_KEY = secret_file.read_text().strip() if secret_file.exists() else "only-for-commands-that-sign-nothing"

# What it was before: what was signed or encrypted with it still holds.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.contrib.humanize",  # allauth's pages of passkeys load its tags
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    # The default configurations of these two rewrite the loaders, each over the other's head: ours are written out below.
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "accounts",
    "portfolios",
    "research",
    "alerts",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.FirmScope",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "alerts.context.shell",
            ],
        },
    },
]


def _database(variable: str) -> dict[str, Any]:
    database: dict[str, Any] = env.db_url(variable)
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{variable} must name a PostgreSQL database (postgres://…)")
    return database


def _limit(text: str) -> Decimal | None:
    """An amount that may be spent; null for none given. Refuses what is no number, for it would be no limit."""
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        raise ImproperlyConfigured(f"A limit of MODEL_… is a number, and “{text}” is none.") from None
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise ImproperlyConfigured(f"A limit of MODEL_… is a number from zero on, and “{text}” is none.")
    return amount


def _whole(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount)


DATABASES: dict[str, dict[str, Any]] = {}
if env.str("DATABASE_URL", default=""):
    DATABASES["default"] = _database("DATABASE_URL")
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 0,
        "max_size": env.int("DATABASE_POOL_SIZE", default=20),
        "timeout": 10,
    }
if env.str("DATABASE_OWNER_URL", default=""):
    # Migrations alone connect as the owner: the application's own role can neither create tables nor pass the row policies.
    DATABASES["owner"] = _database("DATABASE_OWNER_URL")

CACHES = {
    # What all processes must see alike, such as how often somebody tried to sign in. Not the broker's Redis: that evicts nothing.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    # Pages that are the same for everybody, under a key that changes with what is on them.
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 500}},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "alerts:today"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "change_password": "accounts.password_forms.NewPasswordForm",
    "reset_password_from_key": "accounts.password_forms.NewPasswordByLinkForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a new password, passkey and the like, to whose it is
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # for what would let somebody at an open screen take the account over
MFA_ADAPTER = "accounts.second_factors.SecondFactorAdapter"
MFA_FORMS = {"add_webauthn": "accounts.passkey_form.PasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Bellwether"

SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_COOKIES = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_COOKIES else 0
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0  # of X-Forwarded-For only what our own proxy wrote is believed
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE_COOKIES  # browsers give passkeys to http://localhost too
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "report-uri": ["/csp-report/"],
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = EMBEDDED or DEBUG

DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000  # pasted cells: as much as a file, and what goes round it

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_THOUSAND_SEPARATOR = True

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # safe: attempts are counted in the row when its lease is taken
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,  # longer than the longest task
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 0,  # of a publish: the sweep is its second try, and a page must not wait 6 s for the first
}
CELERY_TASK_DEFAULT_QUEUE = "pipeline"
CELERY_TASK_ROUTES = {
    "analyse_story": {"queue": "model"},
    "send_delivery": {"queue": "delivery"},
    "send_mail": {"queue": "delivery"},
}
CELERY_BEAT_SCHEDULE = {
    "poll-sources": {"task": "poll_sources", "schedule": schedule(5.0), "options": {"expires": 5}},
    "resume-due": {"task": "resume_due", "schedule": schedule(15.0), "options": {"expires": 15}},
    "ask-for-held": {"task": "ask_for_held", "schedule": schedule(600.0), "options": {"expires": 600}},
    "prune-events": {"task": "prune_events", "schedule": schedule(3600.0), "options": {"expires": 3600}},
}

OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="")
OPENAI_MODEL = env.str("OPENAI_MODEL", default="gpt-4o-mini")
MODEL_CONFIGURED = bool(OPENAI_API_KEY or OPENAI_BASE_URL)
MODEL_DEADLINE_SECONDS = env.float("MODEL_DEADLINE_SECONDS", default=90.0)
MODEL_REPLY_TOKENS = env.int("MODEL_REPLY_TOKENS", default=4000)
# Of all stories together, in days and months of UTC; a firm's own limits are rows, in the administration pages.
MODEL_CAPS = Caps(
    day_cost=_limit(env.str("MODEL_DAILY_COST", default="")),
    month_cost=_limit(env.str("MODEL_MONTHLY_COST", default="")),
    day_tokens=_whole(_limit(env.str("MODEL_DAILY_TOKENS", default=""))),
    month_tokens=_whole(_limit(env.str("MODEL_MONTHLY_TOKENS", default=""))),
)
try:
    MODEL_PRICES = price_table(env.json("MODEL_PRICES", default={}))
except ValueError as error:
    raise ImproperlyConfigured(f"MODEL_PRICES: {error}") from error
READ_EVERYTHING = env.bool("READ_EVERYTHING", default=False)
OUTBOUND_ALLOW = frozenset(env.list("OUTBOUND_ALLOW", default=[]))

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:2525")
if EMAIL_CONFIG["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_CONFIG["EMAIL_BACKEND"] = "accounts.smtp.EmailBackend"  # the same with an end
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 15  # of each wait for the mail server
EMAIL_DEADLINE_SECONDS = 60  # of all of them together
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Bellwether <alerts@bellwether.example>")
STAFF_EMAIL = env.str("STAFF_EMAIL", default="")
SECURITY_EMAIL = env.str("SECURITY_EMAIL", default="") or STAFF_EMAIL
MAIL_DIR = VAR_DIR / "mail"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("httpcore", "httpx2", "mail.log", "celery.beat", "celery.worker.strategy", "celery.app.trace")
    },
}
