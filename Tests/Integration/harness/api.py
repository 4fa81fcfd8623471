"""The HTTP interface, spoken without the command line."""

import http.client
import json as json_module
import socket
import ssl
import urllib.parse

PATIENCE = 60.0


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json_module.loads(self.body)

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def __repr__(self):
        return f"{self.status} {self.headers.get('Content-Type')}: {self.text[:2000]}"


class API:
    """Calls of one platform with one token; a connection per call."""

    def __init__(self, address, token, authorities=None):
        """`authorities`: a file of those to trust, for https."""
        parts = urllib.parse.urlsplit(address)
        self.host, self.port, self.token = parts.hostname, parts.port, token
        self.authorities = authorities if parts.scheme == "https" else None

    def connect(self, within=PATIENCE):
        if self.authorities:
            context = ssl.create_default_context(cafile=self.authorities)
            return http.client.HTTPSConnection(self.host, self.port, timeout=within, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=within)

    def headers(self, headers=None, token=True):
        fields = {}
        if token:
            fields["Authorization"] = f"Bearer {self.token if token is True else token}"
        return {**fields, **(headers or {})}

    def call(self, method, path, body=None, json=None, headers=None, token=True, within=PATIENCE):
        """One request and its whole answer. `token` may be another token, or None for none."""
        fields = self.headers(headers, token)
        if json is not None:
            body = json_module.dumps(json).encode()
            fields.setdefault("Content-Type", "application/json")
        connection = self.connect(within)
        try:
            connection.request(method, path, body=body, headers=fields)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, **options):
        return self.call("POST", path, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    def raw(self, data, within=PATIENCE):
        """Sends bytes as they are, and returns all that comes back until the server closes."""
        with socket.create_connection((self.host, self.port), timeout=within) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # The server has answered and closed already.
            received = b""
            try:
                while piece := connection.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass  # What was not read when it closed resets the connection.
            return received

    def project(self, name):
        """Makes a project where there is none of that name, and returns the name."""
        answer = self.post("/api/v1/projects", json={"name": name})
        if answer.status not in (201, 409):
            raise AssertionError(f"no project: {answer!r}")
        return name

    # Tasks

    def submit(self, executable, *words, key=None, **fields):
        """Submits a process task and returns its record."""
        headers = {"Idempotency-Key": key} if key else None
        answer = self.post(
            "/api/v1/tasks", json={"executable": executable, "command": list(words), **fields}, headers=headers
        )
        if answer.status != 201:
            raise AssertionError(f"not accepted: {answer!r}")
        return answer.json()

    def shell(self, script, **fields):
        return self.submit("/bin/sh", "-c", script, **fields)

    def task(self, handle):
        answer = self.get(f"/api/v1/tasks/{handle}")
        if answer.status != 200:
            raise AssertionError(f"no task: {answer!r}")
        return answer.json()

    def tasks(self, query="limit=1000"):
        return self.get(f"/api/v1/tasks?{query}").json()["items"]

    def every_task(self):
        """All records there are, page by page."""
        found, cursor = [], ""
        while True:
            page = self.get(f"/api/v1/tasks?limit=500{cursor}").json()
            found += page["items"]
            if "nextCursor" not in page:
                return found
            cursor = f"&cursor={page['nextCursor']}"
