"""`apollo node rebalance`, and the platform that does so by itself."""

import tempfile

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.machines import Manager


class Rebalancing(ApolloTestCase):
    own_platform = True
    weight = 2

    def start(self, **settings):
        scratch = tempfile.mkdtemp(prefix="m", dir=self.directory)
        platform = Manager(BINARY, scratch, lease="30s", environment=settings).start()
        self.addCleanup(platform.terminate)
        return platform

    def tasks(self, platform, count, restart="always"):
        names = [self.unique("t") for _ in range(count)]
        for name in names:
            run = platform.apollo(
                "task", "run", "-d", "--name", name, "--restart", restart, "--cpu", "0.25",
                "--exec", "/bin/sh", "--", "-c", "exec sleep 600",
            )
            self.assertCode(run, 0)
            platform.await_state(name, "running")
        return names

    def counts(self, platform):
        return {n["name"]: n["allocated"]["tasks"] for n in platform.api.get("/api/v1/nodes").json()["items"]}

    def test_by_hand_with_a_look_before(self):
        platform = self.start()
        platform.worker("one").start()
        names = self.tasks(platform, 6)
        self.tasks(platform, 1, restart="never")
        platform.worker("two").start()
        plan = platform.apollo("node", "rebalance", "--plan")
        self.assertCode(plan, 0)
        self.assertSays(plan.out, "TASK", "FROM", "one", "two", "% full")
        self.assertEqual(self.counts(platform), {"one": 7, "two": 0})
        moved = platform.apollo("node", "rebalance", "--moves", "2", "--pause", "300ms", "-o", "json")
        self.assertCode(moved, 0)
        self.assertGreaterEqual(len(moved.json()), 2)
        self.assertTrue({move["name"] for move in moved.json()} <= set(names))
        counts = self.counts(platform)
        self.assertEqual(sum(counts.values()), 7)
        self.assertLessEqual(counts["one"] - counts["two"], 2)
        first = moved.json()[0]["name"]
        record = platform.api.get(f"/api/v1/tasks/{first}").json()
        self.assertEqual(record["attempts"][0]["outcome"], "drained")
        self.assertSays(record["attempts"][0]["reason"], "to rebalance", "two")
        self.assertEqual(platform.apollo("node", "rebalance", "--plan", "-o", "json").json(), [])

    def test_by_itself_when_a_node_joins(self):
        platform = self.start(APOLLO_REBALANCE_ENABLED="true", APOLLO_REBALANCE_PAUSE="300ms")
        platform.worker("one").start()
        self.tasks(platform, 6)
        platform.worker("two").start()
        eventually(lambda: self.counts(platform)["two"] >= 2, "tasks went to the node that joined")

    def test_who_may_not_manage_nodes_may_not_ask(self):
        platform = self.start()
        for method in ("GET", "POST"):
            self.assertProblem(platform.api.call(method, "/api/v1/rebalance", token="wrong"), 401, "unauthenticated")
        self.assertProblem(platform.api.get("/api/v1/rebalance?limit=0"), 400, "invalid", "limit")
