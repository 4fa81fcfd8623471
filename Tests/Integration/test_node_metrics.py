"""What machines are busy with: `apollo node top`, `ls --wide`, `status`, the route, the families of Prometheus."""

import re
import tempfile

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.cgroups import bounded
from harness.machines import Manager

BUSY = "while :; do :; done"


def samples(text, family):
    """Value by labels of one family of /metrics."""
    found = re.findall(rf"^{family}\{{(.*)\}} (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


class NodeMetricsHere(ApolloTestCase):
    def test_the_machine_of_the_platform_tells(self):
        node = eventually(
            lambda: next((n for n in self.api.get("/api/v1/nodes").json()["items"] if "metrics" in n), None),
            "it was asked",
        )
        told = self.api.get(f"/api/v1/nodes/{node['name']}/metrics").json()
        self.assertGreater(told["memoryTotal"], told["memoryUsed"])
        self.assertGreater(told["diskTotal"], 0)
        self.assertGreaterEqual(told["takenAt"], node["metrics"]["takenAt"])
        self.assertNotIn("metricsProblem", node)
        (row,) = self.apollo("node", "top", "--once", "--interval", "300ms", "-o", "json").json()
        self.assertEqual((row["name"], row["state"]), (node["name"], "ready"))
        self.assertTrue(0 <= row["metrics"]["cpuBusy"] <= 1)
        self.assertProblem(self.api.get("/api/v1/nodes/nosuch/metrics"), 404, "not_found")
        self.assertCode(self.apollo("node", "top", "nosuch"), 66)
        self.assertCode(self.apollo("node", "top", "--interval", "1ms"), 2)

    def test_who_may_not_read_nodes_may_not_ask_them(self):
        for token, status in ((None, 401), ("wrong", 401)):
            self.assertEqual(self.api.get("/api/v1/nodes/any/metrics", token=token).status, status)


class NodeMetricsElsewhere(ApolloTestCase):
    own_platform = True
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = Manager(
            BINARY,
            tempfile.mkdtemp(prefix="m", dir=cls.directory),
            lease="2s",
            environment={"APOLLO_NODES_POLL": "200ms"},
        ).start()
        cls.one = cls.platform.worker("one").start()
        cls.two = cls.platform.worker("two").start()

    def test_every_machine_is_asked_and_shown(self):
        task = self.api.shell(BUSY, name=self.unique("t"))
        self.platform.await_state(task["name"], "running")
        node = self.platform.await_state(task["name"], "running")["attempts"][-1]["node"]
        told = self.api.get(f"/api/v1/nodes/{node}/metrics").json()
        self.assertEqual(told["tasks"], 1)
        top = self.apollo("node", "top", "--once", "--interval", "300ms")
        self.assertCode(top, 0)
        self.assertSays(top.out, "NAME", "CPU", "LOAD", "one", "two", " %")
        wide = self.apollo("node", "ls", "--wide")
        self.assertSays(wide.out, "BUSY", "MEMORY IN USE", "SAID", "ago")
        self.assertSays(self.apollo("node", "status", "one").out, "of the CPU, load", "Running")

        def attempts():
            found = samples(self.api.get("/metrics").body.decode(), "apollo_node_running_attempts")
            return found if sum(found.values()) == 1 else None

        found = eventually(attempts, "the metrics have the attempt")
        self.assertEqual(sorted(found), ['node="one"', 'node="two"'])
        self.assertCode(self.apollo("task", "stop", "--grace", "0", task["name"]), 0)

    def test_a_worker_with_less_than_its_machine_offers_no_more_than_it_has(self):
        with bounded(BINARY, self.directory, 2 << 30) as program:
            worker = self.platform.worker("small")
            worker.binary = program
            try:
                node = worker.start().node
                self.assertEqual(node["capacity"]["memory"], 2 << 30)
                self.assertEqual(self.api.get("/api/v1/nodes/small/metrics").json()["memoryTotal"], 2 << 30)
                task = self.api.shell(
                    "true",
                    resources={"memory": 3 << 30},
                    constraints=[{"label": "node.name", "values": ["small"]}],
                    name=self.unique("large"),
                )
                self.assertSays(task["reason"], "memory", "small")
            finally:
                worker.kill9()

    def test_a_machine_that_stands_still_says_why_and_is_lost_with_its_figures(self):
        three = self.platform.worker("three").start()
        eventually(lambda: "metrics" in three.node, "it was asked")
        three.kill9()
        three.await_state("lost")
        answer = self.api.get("/api/v1/nodes/three/metrics")
        self.assertProblem(answer, 503, "unavailable", "nobody answers", "three")
        text = self.api.get("/metrics").body.decode()
        self.assertEqual(samples(text, "apollo_node_up")['node="three"'], 0)
        self.assertNotIn('node="three"', samples(text, "apollo_node_memory_bytes"))
        top = self.apollo("node", "top", "--once", "--interval", "200ms")
        self.assertCode(top, 0)
        self.assertSays(top.out, "three", "lost", "one")
