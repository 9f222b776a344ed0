# SPDX-License-Identifier: Apache-2.0
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.CreateModel(name="Order", fields=[
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("customer", models.CharField(db_index=True, max_length=80)),
        ("cents", models.PositiveIntegerField()),
        ("at", models.DateTimeField(auto_now_add=True))])]
