# SPDX-License-Identifier: Apache-2.0
"""Flask: a template with inheritance, and a session that is signed."""
from flask import Flask, jsonify, render_template, request, session

import proof


def create_app():
    made = Flask(__name__)
    made.secret_key = "for tests"

    @made.get("/healthz")
    def healthz():
        return "ok"

    @made.get("/hello/<name>")
    def hello(name):
        session["visits"] = session.get("visits", 0) + 1
        return render_template("hello.html", name=name, visits=session["visits"], agent=request.headers.get("User-Agent"))

    @made.get("/proof/<part>")
    def prove(part):
        return jsonify(proof.proofs()[part])

    return made


app = create_app()
