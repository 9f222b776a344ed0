# SPDX-License-Identifier: Apache-2.0
import json

from django.db.models import Sum
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import formats, translation
from django.views.decorators.http import require_POST

import proof
from shop.orders.models import Order


def healthz(request):
    return HttpResponse("ok")


@require_POST
def create(request):
    order = Order.objects.create(**json.loads(request.body))
    return JsonResponse({"id": order.id}, status=201)


def total(request):
    found = Order.objects.filter(customer=request.GET["customer"]).aggregate(sum=Sum("cents"))
    with translation.override("de"):
        return JsonResponse({"cents": found["sum"], "text": formats.number_format(found["sum"] / 100, 2)})


def prove(request, part):
    return JsonResponse(proof.proofs()[part])


urlpatterns = [path("healthz", healthz), path("orders", create), path("total", total), path("proof/<part>", prove)]
