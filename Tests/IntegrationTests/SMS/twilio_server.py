"""A provider of messages that behaves like Twilio's HTTP API, for tests.

    twilio_server.py FOLDER

Listens on a free port of 127.0.0.1, writes its number to FOLDER/port, and appends every message that it takes to
FOLDER/taken, a line of JSON each, before it answers: so the file is what a customer's phone would have got. Every
request goes to FOLDER/requests. How it behaves stands in FOLDER/behaviour.json, read with every request:

    {"answers": [429, 500, "slow", "hang", "lost", "drop", 21610, 200], "retry_after": 1, "status": "delivered",
     "error_code": 30005, "polls": 2, "list": true, "delay_s": 0}

`answers` holds for the posts in their order, the last one for all further ones. "slow" answers after 3 s; "hang" takes
the message and does not answer for a minute; "lost" takes it and closes the connection; "drop" closes it without taking
it; a number above 1000 refuses with this code; "taken500" takes the message and answers with 500. A message has its
final `status` (or those of `statuses`, by post) after it was asked for `polls` times.
"""
import base64
import json
import os
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

FOLDER = sys.argv[1]
ACCOUNT, TOKEN = "AC0123", "s3cret"
lock = threading.Lock()
messages = {}
order = []
posts = 0


def behaviour():
    try:
        with open(os.path.join(FOLDER, "behaviour.json"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def append(name, value):
    with open(os.path.join(FOLDER, name), "a", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, value, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def is_allowed(self):
        expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") == expected:
            return True
        self.answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        return False

    def path_parts(self):
        parsed = urlparse(self.path)
        prefix = f"/2010-04-01/Accounts/{ACCOUNT}/"
        if not parsed.path.startswith(prefix):
            return None, {}
        return parsed.path[len(prefix):], parse_qs(parsed.query)

    def take(self, fields):
        sid = f"SM{len(order):032x}"
        message = {"sid": sid, "to": fields["To"], "body": fields["Body"], "status": "queued", "error_code": None,
                   "num_segments": "1", "date_created": formatdate(usegmt=False), "polls": 0, "number": posts}
        messages[sid] = message
        order.insert(0, sid)
        append("taken", {"sid": sid, **fields})
        return message

    def do_POST(self):
        global posts
        length = int(self.headers.get("Content-Length", 0))
        fields = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        append("requests", {"method": "POST", "path": self.path, "time": time.time(), **fields})
        path, _ = self.path_parts()
        if path != "Messages.json":
            return self.answer(404, {"code": 20404, "message": "not found", "status": 404})
        if not self.is_allowed():
            return None
        how = behaviour()
        time.sleep(how.get("delay_s", 0))
        with lock:
            answers = how.get("answers", [200])
            kind = answers[min(posts, len(answers) - 1)]
            posts += 1
            message = self.take(fields) if kind in (200, "slow", "hang", "lost", "taken500") else None
        if kind == 429:
            return self.answer(429, {"code": 20429, "message": "Too Many Requests", "status": 429},
                               [("Retry-After", str(how.get("retry_after", 1)))])
        if kind in (500, 503, "taken500"):
            return self.answer(500 if kind == "taken500" else kind, {"message": "Internal Server Error"})
        if isinstance(kind, int) and kind > 1000:
            return self.answer(400, {"code": kind, "status": 400,
                                     "message": f"The 'To' number {fields['To']} is not accepted"})
        if kind == "slow":
            time.sleep(3)
        if kind == "hang":
            time.sleep(60)
        if kind in ("lost", "drop", "hang"):
            self.close_connection = True
            self.connection.close()
            return None
        return self.answer(201, self.shown(message))

    def do_GET(self):
        append("requests", {"method": "GET", "path": self.path, "time": time.time()})
        path, query = self.path_parts()
        if path is None or not self.is_allowed():
            return self.answer(404, {"message": "not found"}) if path is None else None
        how = behaviour()
        if path == "Messages.json":
            if not how.get("list", True):
                return self.answer(404, {"message": "not found"})
            to = query.get("To", [""])[0]
            with lock:
                found = [self.shown(messages[sid]) for sid in order if messages[sid]["to"] == to][:100]
            return self.answer(200, {"messages": found})
        sid = path.removeprefix("Messages/").removesuffix(".json")
        with lock:
            message = messages.get(sid)
            if message is not None:
                message["polls"] += 1
                if message["polls"] >= how.get("polls", 1):
                    statuses = how.get("statuses", [how.get("status", "delivered")])
                    message["status"] = statuses[min(message["number"] - 1, len(statuses) - 1)]
                    failed = message["status"] in ("failed", "undelivered")
                    message["error_code"] = how.get("error_code") if failed else None
        if message is None:
            return self.answer(404, {"code": 20404, "message": "not found", "status": 404})
        return self.answer(200, self.shown(message))

    def shown(self, message):
        return {name: value for name, value in message.items() if name not in ("polls", "number")}


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
with open(os.path.join(FOLDER, "port.new"), "w", encoding="utf-8") as file:
    file.write(str(server.server_address[1]))
os.rename(os.path.join(FOLDER, "port.new"), os.path.join(FOLDER, "port"))
server.serve_forever()
