# SPDX-License-Identifier: Apache-2.0
from django.db import models


class Order(models.Model):
    customer = models.CharField(max_length=80, db_index=True)
    cents = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
