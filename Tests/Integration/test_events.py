"""`GET /api/v1/events`, and the commands that follow it."""

import json
import os
import signal

from harness import ApolloTestCase
from harness.waiting import eventually


class Stream:
    """Server-sent events of a platform, read one by one."""

    def __init__(self, api, path="/api/v1/events", **options):
        self.connection = api.connect()
        self.connection.request("GET", path, headers=api.headers(**options))
        self.response = self.connection.getresponse()

    def next(self):
        fields = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if not line and fields:
                return fields["event"], json.loads(fields["data"])
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value

    def until(self, is_wanted):
        """All events up to the first that is wanted."""
        seen = []
        while not seen or not is_wanted(*seen[-1]):
            seen.append(self.next())
        return seen

    def close(self):
        self.connection.close()


class Events(ApolloTestCase):
    def follow(self, path="/api/v1/events"):
        stream = Stream(self.api, path)
        self.addCleanup(stream.close)
        self.assertEqual(stream.response.status, 200)
        self.assertIn("text/event-stream", stream.response.headers["Content-Type"])
        self.assertEqual(stream.next(), ("ready", {}))
        return stream

    def test_a_task_is_told_from_its_start_to_its_end_and_its_removal(self):
        stream = self.follow()
        record = self.api.shell("exit 0")

        def is_end(event, data):
            return event == "task" and data["id"] == record["id"] and data["state"] == "completed"

        seen = stream.until(is_end)
        mine = [data for event, data in seen if event == "task" and data["id"] == record["id"]]
        self.assertEqual([data["revision"] for data in mine], sorted(data["revision"] for data in mine))
        # What is told is what is stored.
        self.assertEqual(mine[-1], self.api.task(record["id"]))
        self.assertEqual(self.api.delete(f"/api/v1/tasks/{record['id']}").status, 204)
        seen = stream.until(lambda event, data: event == "task-removed" and data["id"] == record["id"])
        self.assertEqual(seen[-1][1], {"id": record["id"], "project": "default"})

    def test_one_project_is_told_without_the_others(self):
        self.api.project("other")
        other = self.follow("/api/v1/events?project=other")
        self.api.shell("exit 0")
        made = self.api.post("/api/v1/tasks?project=other", json={"executable": "/bin/true"}).json()
        seen = other.until(lambda event, data: event == "task")
        self.assertEqual(seen[-1][1]["id"], made["id"])

    def test_without_a_token_nothing_is_told(self):
        self.assertProblem(self.api.get("/api/v1/events", token=None), 401, "unauthenticated")

    def test_a_project_that_cannot_be_one_is_refused(self):
        self.assertProblem(self.api.get("/api/v1/events?project=No%20Name"), 400, "invalid", "project")

    def test_the_command_prints_a_line_for_each_change(self):
        process = self.apollo.start("task", "events")
        try:
            lines = self.run_until_told(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        self.assertRegex(lines, r"(?m)^20\d\d-\S+Z task \S+ is (pending|scheduled|running|completed)")

    def test_the_command_prints_objects_for_programs(self):
        process = self.apollo.start("events", "--output", "json")
        try:
            line = self.run_until_told(process).splitlines()[0]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        change = json.loads(line)
        self.assertIn(change["event"], ("task", "node"))
        self.assertIn("state", change["data"])

    def run_until_told(self, process):
        """Runs tasks until the command, which may only just connect, tells of one."""
        os.set_blocking(process.stdout.fileno(), False)
        seen = b""

        def look():
            nonlocal seen
            self.api.shell("exit 0")
            seen += process.stdout.read() or b""
            return seen.decode() if b"\n" in seen else None

        return eventually(look, "the command tells of a task")
