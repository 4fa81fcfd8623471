"""The paths of the system that the orchestrator grew from: of a manager alone, and of a worker alone."""

import os
import tempfile

from harness import ApolloTestCase, eventually
from harness.api import API
from harness.case import BINARY
from harness.machines import Manager


class OriginalPaths(ApolloTestCase):
    own_platform = True
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=cls.directory), lease="30s").start()
        cls.one = cls.platform.worker("one").start()
        cls.directory_of_worker = os.path.join(cls.one.data, "worker")

    def worker_api(self):
        def read(name):
            with open(os.path.join(self.directory_of_worker, name)) as file:
                return file.read().strip()

        return API(read("address"), read("admin.token"))

    def test_a_manager_starts_shows_and_stops_tasks_there(self):
        made = self.api.post("/tasks", json={"executable": "/bin/sleep", "command": ["600"]})
        self.assertEqual(made.status, 201, made)
        task = made.json()
        self.platform.await_state(task["name"], "running")
        self.assertIn(task["id"], [item["id"] for item in self.api.get("/tasks").json()["items"]])
        self.assertEqual(self.api.get("/tasks").json(), self.api.get("/api/v1/tasks").json())
        self.assertEqual(self.api.get(f"/tasks/{task['id']}").json()["name"], task["name"])
        self.assertEqual([node["name"] for node in self.api.get("/nodes").json()["items"]], ["one"])
        self.assertEqual(self.api.delete(f"/tasks/{task['id']}").status, 200)
        self.assertEqual(self.platform.await_end(task["name"])["state"], "stopped")
        # It is stopped, and not forgotten.
        self.assertEqual(self.api.get(f"/tasks/{task['id']}").status, 200)

    def test_who_has_no_token_gets_nothing_there(self):
        for method, path in (
            ("POST", "/tasks"), ("GET", "/tasks"), ("GET", "/tasks/x"), ("DELETE", "/tasks/x"), ("GET", "/nodes"),
        ):
            for token in (None, "wrong"):
                answer = self.api.call(method, path, token=token)
                self.assertProblem(answer, 401, "unauthenticated")
        self.assertProblem(self.api.post("/tasks", json={"executable": "x", "nonsense": 1}), 400, "invalid", "nonsense")
        self.assertProblem(self.api.delete("/tasks/nosuch"), 404, "not_found")

    def test_a_platform_in_one_process_has_none_of_them(self):
        alone = self.make_platform().start()
        self.addCleanup(alone.terminate)
        for path in ("/tasks", "/nodes", "/stats"):
            self.assertEqual(alone.api.get(path).status, 404, path)

    def test_a_worker_tells_what_it_runs_and_what_it_is_busy_with(self):
        api = self.worker_api()
        task = self.api.shell("exec sleep 600", name=self.unique("t"))
        attempt = self.platform.await_state(task["name"], "running")["attempts"][-1]
        found = next(item for item in api.get("/tasks").json()["items"] if item["attempt"] == attempt["id"])
        self.assertEqual((found["task"], found["state"], found["runtime"]), (task["id"], "running", "process"))
        stats = api.get("/stats").json()
        self.assertGreaterEqual(stats["tasks"], 1)
        self.assertGreater(stats["memoryTotal"], stats["memoryUsed"])
        self.assertEqual(api.get("/healthz", token=None).status, 200)
        self.assertCode(self.apollo("task", "stop", "--grace", "0", task["name"]), 0)

    def test_a_worker_tells_nobody_else_and_takes_no_orders_there(self):
        api = self.worker_api()
        for path in ("/tasks", "/stats"):
            # The manager's token is not the worker's.
            for token in (None, "wrong", self.platform.token):
                self.assertProblem(api.get(path, token=token), 401, "unauthenticated")
        for method in ("POST", "DELETE"):
            self.assertProblem(api.call(method, "/tasks"), 405, "invalid")
        mode = os.stat(os.path.join(self.directory_of_worker, "admin.token")).st_mode
        self.assertEqual(mode & 0o077, 0)

    def test_beyond_loopback_a_worker_tells_by_tls_with_its_certificate(self):
        self.platform.environment["APOLLO_WORKER_HTTP_ADDRESS"] = "0.0.0.0"
        try:
            two = self.platform.worker("two").start()
        finally:
            self.platform.environment.pop("APOLLO_WORKER_HTTP_ADDRESS")
        path = os.path.join(two.data, "worker", "address")
        eventually(lambda: os.path.exists(path), "it listens")
        with open(path) as file:
            self.assertTrue(file.read().startswith("https://"))
