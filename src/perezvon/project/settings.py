"""Django's settings. What the machine is comes from the environment; what an administrator may change is data."""

from __future__ import annotations

from pathlib import Path

from perezvon.project.environment import django_database, environment

ENV = environment()
SRC = Path(__file__).resolve().parents[1]

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "perezvon.project.urls"
ASGI_APPLICATION = "perezvon.project.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    "perezvon.foundation.people",
    "perezvon.foundation.commands",
    "perezvon.foundation.fields",
    "perezvon.foundation.files",
    "perezvon.foundation.history",
    "perezvon.foundation.outbox",
    "perezvon.foundation.partitions",
    "perezvon.foundation.records",
    "perezvon.foundation.search",
    "perezvon.foundation.jobs",
    "perezvon.foundation.conditions",
    "perezvon.foundation.notices",
    "perezvon.foundation.lists",
    "perezvon.foundation.messages",
    "perezvon.foundation.imports",
    "perezvon.foundation.personal",
    "perezvon.foundation.rest",
    "perezvon.foundation.ui",
    "perezvon.foundation.administration",
    "perezvon.foundation.calendars",
    "perezvon.foundation.configuration",
    "perezvon.modules.accounts",
    "perezvon.modules.topics",
    "perezvon.modules.bulletin",
    "perezvon.modules.catalogue",
    "perezvon.modules.documents",
    "perezvon.modules.knowledge",
    "perezvon.modules.customers",
    "perezvon.modules.interactions",
    "perezvon.modules.routing",
    "perezvon.modules.tasks",
    "perezvon.modules.scripting",
    "perezvon.modules.loans",
    "perezvon.modules.telephony",
    "perezvon.modules.cases",
    "perezvon.modules.desk",
    "perezvon.modules.reporting",
    "perezvon.modules.supervision",
    "perezvon.modules.quality",
]

MIDDLEWARE = [
    "perezvon.foundation.web.address.client_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "perezvon.foundation.web.middleware.language_of_the_person",
    "perezvon.modules.accounts.web.middleware.seen_now_and_then",
    "django_htmx.middleware.HtmxMiddleware",
    "perezvon.foundation.web.order.order_of_answers",
    "perezvon.foundation.web.middleware.security_headers",
    "perezvon.foundation.web.middleware.ErrorsInWords",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "perezvon.foundation.web.context.frame",
            ],
            "builtins": ["perezvon.foundation.ui.templatetags.ui"],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **django_database(ENV.database),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 20, "timeout": 10}},
        "CONN_HEALTH_CHECKS": True,
    }
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["perezvon.foundation.people.backend.People"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "perezvon.foundation.web.failures.form_too_old"
LOGIN_URL = "/sign-in/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.is_secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.proxies else None
PROXIES = ENV.proxies
PUBLIC_URL = ENV.public_url
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]  # TLS is ours or a proxy's to enforce, see environment

LANGUAGE_CODE = "ru"
# Ukrainian is prepared, not complete: what it lacks is said in Russian (F29.04).
LANGUAGES = [
    ("ru", "\u0420\u0443\u0441\u0441\u043a\u0438\u0439"),
    ("en", "English"),
    ("uk", "\u0423\u043a\u0440\u0430\u0457\u043d\u0441\u044c\u043a\u0430"),
]
LOCALE_PATHS = [SRC / "project" / "locale"]
FORMAT_MODULE_PATH = ["perezvon.project.formats"]
USE_TZ = True
TIME_ZONE = "Europe/Moscow"

STATIC_URL = "/static/"
STATIC_ROOT = ENV.home / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60 if DEBUG else 3600

RECORDINGS = ENV.recordings
FILES = ENV.home / "files"
RESULTS = ENV.home / "results"
IMPORTS = ENV.home / "imports"
IMPORT_MOST_MB, IMPORT_MOST_ROWS = 200, 1_100_000
TURN_URLS, TURN_SECRET = ENV.turn_urls, ENV.turn_secret
VOICE_GATEWAY = "perezvon.project.voice.make_gateway"
DIRECTORY = "perezvon.project.directory.make_directory"
IDENTITY_PROVIDER = "perezvon.project.directory.make_provider"
CUSTOMER_SOURCE = "perezvon.project.customer_source.make_customer_source"
MESSENGER = "perezvon.project.messenger.make_messenger"
RANKER = "perezvon.project.ranker.make_ranker"
CREDIT_BUREAU = "perezvon.project.credit_bureau.make_bureau"
SCANNER = "perezvon.project.scanner.make_scanner"
MESSENGERS = "perezvon.project.messenger.connectors"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING_CONFIG = None
