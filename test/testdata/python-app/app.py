"""A web server on port 80 that answers with the container's host name and ends at once when it is told to."""
import http.server
import signal
import socket
import sys


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"hello from {socket.gethostname()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = http.server.HTTPServer(("", 80), Hello)
print("serving on port 80", flush=True)
server.serve_forever()
