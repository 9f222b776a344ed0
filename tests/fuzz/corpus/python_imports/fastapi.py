from fastapi import FastAPI
import os, uvicorn
app: FastAPI = FastAPI()
def create_app():
    return app
if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "1")))
