"""`apollo debug` and `GET /api/v1/debug`."""

import json

from harness import ApolloTestCase
from harness.waiting import eventually


class Debug(ApolloTestCase):
    def activity(self, query=""):
        answer = self.api.get(f"/api/v1/debug{query}")
        self.assertEqual(answer.status, 200, repr(answer))
        return answer.json()

    def test_every_part_says_what_it_does(self):
        activity = self.activity()
        self.assertTrue(activity["loops"])
        for loop in activity["loops"]:
            self.assertRegex(loop["name"], r"\Aloop-\d+\Z")
            self.assertGreaterEqual(loop["turns"], 1)
        self.assertGreater(activity["residentBytes"], 1 << 20)
        self.assertIn("apollo", {thread["name"] for thread in activity["threads"]})
        names = {queue["name"] for queue in activity["queues"]}
        self.assertLessEqual({"database writes", "manager outbox", "worker directives", "bus subscriptions"}, names)

    def test_threads_that_block_say_what_they_do(self):
        threads = {one["name"]: one for one in self.activity()["blocking"]}
        self.assertLessEqual({"db-write", "db-read"}, set(threads))
        for one in threads.values():
            self.assertGreaterEqual(one["threads"], len(one["running"]))
            # Nothing waits without a time since when, and nothing has waited that does not wait.
            self.assertEqual("oldestWait" in one, one["waiting"] > 0, one)
            for call in one["running"]:
                self.assertGreaterEqual(call["seconds"], 0)
        text = self.api.get("/metrics").body.decode()
        for name in ("waiting", "oldest_wait_seconds", "running", "longest_run_seconds"):
            self.assertRegex(text, rf'(?m)^apollo_blocking_{name}{{thread="db-write"}} ')

    def test_a_stream_is_seen_with_its_path_and_without_its_query(self):
        connection = self.api.connect()
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/events?project=default", headers=self.api.headers())
        self.assertEqual(connection.getresponse().status, 200)

        def look():
            streams = [one for one in self.activity()["connections"] if one.get("path") == "/api/v1/events"]
            return streams if streams and streams[0]["state"] == "streaming" else None

        stream = eventually(look, "the stream is listed")[0]
        self.assertEqual((stream["method"], stream["requests"]), ("GET", 1))
        self.assertNotIn("project=default", json.dumps(self.activity()))

    def test_the_list_is_as_long_as_asked_for(self):
        held = [self.api.connect() for _ in range(5)]
        for connection in held:
            self.addCleanup(connection.close)
            connection.request("GET", "/api/v1/version", headers=self.api.headers())
            connection.getresponse().read()
        activity = self.activity("?limit=2")
        self.assertEqual(len(activity["connections"]), 2)
        self.assertGreaterEqual(activity["openConnections"], 6)

    def test_it_needs_a_token(self):
        self.assertProblem(self.api.get("/api/v1/debug", token=None), 401, "unauthenticated")

    def test_the_command_prints_tables_and_json(self):
        outcome = self.apollo("debug")
        self.assertCode(outcome, 0)
        self.assertSays(
            outcome.out, "LOOP", "LONGEST", "QUEUE", "database writes", "BLOCKING", "db-write", "THREAD",
            "GET /api/v1/debug",
        )  # fmt: skip
        outcome = self.apollo("debug", "--output", "json", "--project", "other")
        self.assertCode(outcome, 0)
        self.assertTrue(outcome.json()["loops"])

    def test_nodes_belong_to_no_project(self):
        self.assertCode(self.apollo("node", "ls", "--project", "other"), 0)
