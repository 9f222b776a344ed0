# SPDX-License-Identifier: Apache-2.0
"""A FastAPI application with a native extension: keeps notes, encrypted."""
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

import proof

app = FastAPI(title="notes")
keys = Fernet(Fernet.generate_key())
notes: dict[int, bytes] = {}


class Note(BaseModel):
    text: str


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


@app.post("/notes", status_code=201)
async def create(note: Note):
    number = len(notes) + 1
    notes[number] = keys.encrypt(note.text.encode())
    return {"id": number}


@app.get("/notes/{number}")
async def read(number: int):
    if number not in notes:
        raise HTTPException(404, "no such note")
    digest = hashes.Hash(hashes.SHA256())
    text = keys.decrypt(notes[number])
    digest.update(text)
    return {"text": text.decode(), "sha256": digest.finalize().hex(), "encrypted": text not in notes[number]}


@app.get("/proof/{part}")
def prove(part: str):
    return proof.proofs()[part]
