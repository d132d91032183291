from django.apps import AppConfig
from django.core.checks import Tags, register

from config import celery as celery_app  # noqa: F401 - whoever sets up Django can ring for the workers
from config import checks


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Bellwether"

    def ready(self) -> None:
        register(checks.check_roles, Tags.security, deploy=True)
        register(checks.check_broker, Tags.security, deploy=True)
        register(checks.check_settings, Tags.security, deploy=True)
