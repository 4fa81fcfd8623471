"""The bus over NATS: a manager and workers on a real server that is killed and comes back."""

import os
import tempfile
import time
import unittest

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.machines import Manager
from harness.nats import NATS, missing
from harness.nkeys import Operator
from harness.nkeys import missing as keyless


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


@unittest.skipIf(missing() or keyless(), missing() or keyless() or "")
class BusWithCredentials(ApolloTestCase):
    """A server that knows its users by an operator and accounts, as nsc makes them."""

    own_platform = True
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = Operator()
        cls.server = NATS(configuration=cls.operator.configuration)
        cls.addClassCleanup(cls.server.close)
        directory = tempfile.mkdtemp(prefix="m", dir=cls.directory)
        cls.file = cls.operator.credentials(f"{directory}/apollo.creds", subjects=("apollo.>", "_INBOX.>"))
        cls.platform = Manager(BINARY, directory, lease="30s", environment=cls.settings_with(cls.file)).start()
        cls.one = cls.platform.worker("one").start()

    @classmethod
    def settings_with(cls, file):
        return {
            "APOLLO_BUS_URL": cls.server.url,
            "APOLLO_BUS_CREDENTIALS_FILE": file,
            "APOLLO_BUS_PREFIX": "apollo",
            "APOLLO_NODES_POLL": "200ms",
        }

    def doctor(self, file):
        return self.apollo("doctor", "--check", "bus", env=self.settings_with(file)).out

    def test_who_the_file_says_is_let_in_and_asks_machines(self):
        eventually(lambda: self.api.get("/api/v1/nodes/one/metrics").status == 200, "the worker answers over NATS")
        self.assertSays(self.api.get("/metrics").body.decode(), "apollo_bus_connected 1")
        self.assertSays(self.doctor(self.file), "ok", self.server.url, "answers in")
        # Also after the server is back, with the same file.
        self.server.kill()
        self.server.start()
        eventually(lambda: self.api.get("/api/v1/nodes/one/metrics").status == 200, "it is let in again")

    def test_who_is_not_known_or_not_any_more_is_refused_with_words(self):
        stranger = Operator().credentials(self.scratch("stranger.creds"))
        late = self.operator.credentials(self.scratch("late.creds"), exp=int(time.time()) - 60)
        for file in (stranger, late):
            with self.subTest(file=os.path.basename(file)):
                self.assertSays(self.doctor(file), "warning", "refuses who we say we are", "bus.credentials.file")

    def test_a_file_that_holds_no_credentials_is_named(self):
        # Without a file there is nothing to show; with an empty one the server says so.
        for text, said in ((None, "{file}"), ("", "bus.credentials.file"), ("hunter2\n", "{file}")):
            file = self.scratch("wrong.creds")
            if text is not None:
                with open(file, "w") as opened:
                    opened.write(text)
            with self.subTest(text=text):
                self.assertSays(self.doctor(file), "warning", said.format(file=file))
