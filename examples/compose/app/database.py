"""The database: SQL by POST, rows as JSON. Whoever asks says the password."""
import json
import sqlite3
from http.server import BaseHTTPRequestHandler, HTTPServer

password = open("/run/secrets/password").read().strip()
connection = sqlite3.connect("/var/lib/guestbook/data.db")


class Database(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, "ready")

    def do_POST(self):
        if self.headers["Authorization"] != password:
            return self.answer(401, "wrong password")
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            with connection:
                rows = connection.execute(query["sql"], query.get("values", [])).fetchall()
            self.answer(200, rows)
        except sqlite3.Error as error:
            self.answer(400, str(error))

    def answer(self, status, value):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())


print("database: ready")
HTTPServer(("", 7000), Database).serve_forever()
