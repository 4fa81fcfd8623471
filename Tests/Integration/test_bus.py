"""The bus over NATS: a manager and workers on a real server that is killed and comes back."""

import tempfile
import unittest

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.machines import Manager
from harness.nats import NATS, missing


@unittest.skipIf(missing(), missing() or "")
class Bus(ApolloTestCase):
    own_platform = True
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = NATS(token="hunter2")
        cls.addClassCleanup(cls.server.close)
        directory = tempfile.mkdtemp(prefix="m", dir=cls.directory)
        token = f"{directory}/nats.token"
        with open(token, "w") as file:
            file.write("hunter2\n")
        cls.settings = {
            "APOLLO_BUS_URL": cls.server.url,
            "APOLLO_BUS_TOKEN_FILE": token,
            "APOLLO_BUS_PREFIX": "apollo.test",
            "APOLLO_NODES_POLL": "200ms",
        }
        cls.platform = Manager(BINARY, directory, lease="30s", environment=cls.settings).start()
        cls.one = cls.platform.worker("one").start()

    def metrics(self):
        return self.api.get("/api/v1/nodes/one/metrics")

    def test_machines_are_asked_over_it_and_go_on_without(self):
        eventually(lambda: self.metrics().status == 200, "the worker answers over NATS")
        self.assertSays(self.api.get("/metrics").body.decode(), "apollo_bus_connected 1")
        doctor = self.apollo("doctor", "--check", "bus", env=self.settings)
        self.assertSays(doctor.out, "ok", self.server.url, "answers in")

        self.server.kill()
        eventually(lambda: self.metrics().status == 503, "the bus is away")
        answer = self.metrics()
        self.assertProblem(answer, 503, "unavailable", "the bus is away", self.server.url)
        node = eventually(lambda: self.one.node if "metricsProblem" in self.one.node else None, "it says why")
        self.assertSays(node["metricsProblem"], "the bus is away")
        self.assertEqual(node["state"], "ready")
        # Tasks run all the same.
        run = self.apollo("task", "run", "--exec", "/bin/echo", "--", "here")
        self.assertEqual((run.code, run.out), (0, "here\n"))
        wide = self.apollo("node", "ls", "--wide")
        self.assertSays(wide.out, "one does not say what it is busy with", "the bus is away")
        self.assertSays(self.api.get("/metrics").body.decode(), "apollo_bus_connected 0")
        doctor = self.apollo("doctor", "--check", "bus", env=self.settings)
        self.assertSays(doctor.out, "warning", "no NATS server answers there", "Nodes and tasks go on")

        self.server.start()
        eventually(lambda: self.metrics().status == 200, "all are back")
        eventually(lambda: "metricsProblem" not in self.one.node, "nothing is wrong any more")

    def test_a_worker_that_is_not_on_the_bus_is_a_node_all_the_same(self):
        other = self.platform.worker("two")
        self.platform.environment.pop("APOLLO_BUS_URL")
        try:
            other.start()
        finally:
            self.platform.environment["APOLLO_BUS_URL"] = self.server.url
        answer = eventually(
            lambda: (lambda a: a if a.status == 503 else None)(self.api.get("/api/v1/nodes/two/metrics")), "asked"
        )
        self.assertProblem(answer, 503, "unavailable", "nobody answers on the bus", "bus.url")
        # What it tells with its registration is known.
        self.assertIn("metrics", other.node)

    def test_settings_that_cannot_be_are_refused(self):
        for settings, words in (
            ({"APOLLO_BUS_URL": "nats://10.0.0.1:4222"}, ("without TLS", "tls://")),
            ({"APOLLO_BUS_URL": "nats://u:p@127.0.0.1"}, ("no password", "bus.token.file")),
            ({"APOLLO_BUS_URL": "nats://127.0.0.1", "APOLLO_BUS_TOKEN_FILE": "/nonexistent"}, ("holds no token",)),
            ({"APOLLO_BUS_URL": "nats://127.0.0.1", "APOLLO_BUS_PREFIX": "a b"}, ("bus.prefix",)),
            ({"APOLLO_BUS_URL": "nats://127.0.0.1", "APOLLO_BUS_TLS_KEY": "/x"}, ("only one is set",)),
        ):
            with self.subTest(settings=settings):
                doctor = self.apollo("doctor", "--check", "bus", env=settings)
                self.assertSays(doctor.out, "warning", *words)
