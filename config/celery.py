"""The Celery application. Its messages carry only wake-ups: names of steps and ids of rows."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("bellwether")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = ["config.pipeline"]
app.set_default()  # for every thread of the web server too, not only the one that imports this
