# SPDX-License-Identifier: Apache-2.0
"""Keeps notes in memory."""
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="notes")
notes: dict[int, str] = {}


class Note(BaseModel):
    text: str


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/notes", status_code=201)
async def create(note: Note):
    notes[len(notes) + 1] = note.text
    return {"id": len(notes)}


@app.get("/notes/{number}")
async def read(number: int):
    if number not in notes:
        raise HTTPException(404, "no such note")
    return {"text": notes[number]}
