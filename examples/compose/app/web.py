"""The app: entries by GET, a new one by POST."""
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from client import query


class Web(BaseHTTPRequestHandler):
    def do_GET(self):
        entries = query("SELECT text FROM entries ORDER BY id")
        self.answer("\n".join([os.environ["GREETING"], *(f"- {text}" for [text] in entries)]))

    def do_POST(self):
        query("INSERT INTO entries (text) VALUES (?)", self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer("thank you")

    def answer(self, text):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{text}\n".encode())


print("web: ready")
HTTPServer(("", 8000), Web).serve_forever()
