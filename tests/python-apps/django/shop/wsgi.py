# SPDX-License-Identifier: Apache-2.0
"""The database is empty at each start, so the application brings it up to date itself."""
import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

application = get_wsgi_application()
call_command("migrate", verbosity=0, interactive=False)
