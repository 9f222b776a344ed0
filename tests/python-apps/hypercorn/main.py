# SPDX-License-Identifier: Apache-2.0
"""Starlette behind hypercorn, in a package layout of its own."""
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

import proof


async def healthz(request):
    return PlainTextResponse("ok")


def prove(request):
    return JSONResponse(proof.proofs()[request.path_params["part"]])


async def version(request):
    return PlainTextResponse(request.scope["http_version"])


app = Starlette(routes=[Route("/healthz", healthz), Route("/version", version), Route("/proof/{part}", prove)])
