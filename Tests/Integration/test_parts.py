"""Two managers, two workers and their database, each in a network namespace: each part is killed, stands still and is
cut off in turn, while tasks are submitted and one runs on. What was acknowledged is there afterwards and ran once."""

import os
import signal
import tempfile
import unittest

from harness import ApolloTestCase, eventually, processes
from harness.case import BINARY
from harness.cluster import Cluster
from harness.failover import Ledger, Submitter
from harness.postgresql import PostgreSQL, missing
from test_machines import can_make_namespaces


@unittest.skipIf(missing(), missing() or "")
@unittest.skipUnless(can_make_namespaces(), "needs root and network namespaces")
class PartsTestCase(ApolloTestCase):
    own_platform = True
    weight = 10

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = PostgreSQL()
        try:
            cls.cluster = Cluster(BINARY, cls.directory, cls.server)
        except BaseException:
            cls.server.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()
        cls.server.close()
        super().tearDownClass()

    def through(self, fault, seen, heal, once=True):
        """Makes a fault under a stream of submissions, waits until it is `seen`, and mends it."""
        cluster = self.cluster
        leader = cluster.await_whole()
        marks = self.scratch("marks")
        holder = leader.api.shell(f"echo $$ > {marks}; exec sleep 600", name=self.unique("holder"))["name"]
        leader.await_state(holder, "running")
        pid = int(eventually(lambda: os.path.exists(marks) and open(marks).read(), "the holder runs"))
        ledger = Ledger(self.scratch("ledger"))
        stream = Submitter(cluster.managers, ledger, stem=self.unique("t"))
        stream.start()
        eventually(lambda: len(stream.acknowledged) > 10, "tasks are accepted")
        fault()
        try:
            seen()
        finally:
            heal()
        leader = cluster.await_whole()
        before = len(stream.acknowledged)
        eventually(lambda: len(stream.acknowledged) > before + 10, "tasks are accepted again")
        ledger.check(self, leader, stream.finish(), once)
        self.assertTrue(processes.is_alive(pid), "what ran runs on")
        record = leader.api.task(holder)
        self.assertEqual((record["state"], record["attemptCount"]), ("running", 1), record)
        stopped = leader.api.post(f"/api/v1/tasks/{holder}/stop")
        self.assertIn(stopped.status, (200, 202), f"{stopped!r}")
        leader.await_end(holder)
        eventually(lambda: not processes.is_alive(pid), "a stop arrives")
        return leader


class ManagerParts(PartsTestCase):
    """The manager that leads, and the database of both."""

    def other_leads(self, leader):
        other = next(manager for manager in self.cluster.managers if manager is not leader)
        return lambda: other.await_role("leader")

    def test_the_leader_is_killed(self):
        leader = self.cluster.await_whole()
        self.through(leader.kill9, self.other_leads(leader), lambda: leader.start("--port", Cluster.PORT))

    def test_the_leader_stands_still(self):
        leader = self.cluster.await_whole()
        process = leader.process
        self.through(
            lambda: process.send_signal(signal.SIGSTOP),
            self.other_leads(leader),
            lambda: process.send_signal(signal.SIGCONT),
        )
        self.assertIs(leader.process, process)

    def test_the_leader_is_cut_off(self):
        leader = self.cluster.await_whole()
        switch = self.cluster.switch
        self.through(
            lambda: switch.cut(leader.name), self.other_leads(leader), lambda: switch.mend(leader.name)
        )

    def none_leads(self):
        def look():
            answers = [manager.api.get("/api/v1/tasks") for manager in self.cluster.managers]
            # Whoever knows no better sends to the one that led last, which says why it does no longer.
            if 200 in {answer.status for answer in answers}:
                return False
            refusals = [answer for answer in answers if answer.status != 307]
            for answer in refusals:
                self.assertProblem(answer, 503, "unavailable", "database")
                self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            return bool(refusals)

        eventually(look, "nobody leads, and says why", within=90)

    def test_the_database_is_killed(self):
        self.through(self.server.kill, self.none_leads, self.server.start)

    def test_the_database_stands_still(self):
        self.through(self.server.pause, self.none_leads, self.server.resume)

    def test_the_database_is_cut_off(self):
        switch = self.cluster.switch
        self.through(lambda: switch.cut("db"), self.none_leads, lambda: switch.mend("db"))


    def test_names_are_found_by_resolvers_of_every_machine_also_after_the_leader_is_gone(self):
        cluster = self.cluster
        leader = cluster.await_whole()
        job = {
            "name": "web",
            "tasks": [
                {
                    "name": "server", "instances": 4, "executable": "/bin/sleep", "command": ["1000"],
                    "spread": {"over": "node.name"}, "ports": [{"name": "http", "container": 80, "address": "0.0.0.0"}],
                }
            ],
        }
        self.assertEqual(leader.api.post("/api/v1/jobs", json=job).status, 201)
        both = [worker.address for worker in cluster.workers]
        for worker in cluster.workers:
            eventually(lambda: cluster.resolve("web.apollo.internal", worker) == both, f"{worker.name} knows both")
        leader.kill9()
        for worker in cluster.workers:
            self.assertEqual(cluster.resolve("web.apollo.internal", worker), both, "what was known stays so")
        leader.begin("--port", Cluster.PORT)
        leader = cluster.await_whole()
        self.assertEqual(leader.api.post("/api/v1/jobs/web/scale", json={"instances": 0}).status, 200)
        for worker in cluster.workers:
            eventually(lambda: cluster.resolve("web.apollo.internal", worker) == [], f"{worker.name} knows of none")
        self.assertEqual(leader.api.post("/api/v1/jobs/web/scale", json={"instances": 1}).status, 200)
        one = eventually(
            lambda: [found for worker in cluster.workers if (found := cluster.resolve("web.apollo.internal", worker))],
            "one answers",
        )[0]
        self.assertEqual(len(one), 1)
        for worker in cluster.workers:
            eventually(lambda: cluster.resolve("web.apollo.internal", worker) == one, f"{worker.name} knows the one")
        self.assertIn(leader.api.post("/api/v1/jobs/web/stop").status, (200, 202))


class WorkerParts(PartsTestCase):
    """A worker, and the launcher that is the parent of what it runs."""

    def lost(self, worker):
        return lambda: self.cluster.await_node(worker.name, "lost")

    def test_a_worker_is_killed(self):
        worker = self.cluster.workers[0]
        self.through(worker.kill9, self.lost(worker), worker.begin)

    def test_a_worker_stands_still(self):
        worker = self.cluster.workers[0]
        self.through(
            lambda: worker.signal(signal.SIGSTOP), self.lost(worker), lambda: worker.signal(signal.SIGCONT)
        )

    def test_a_worker_is_cut_off(self):
        worker, switch = self.cluster.workers[0], self.cluster.switch
        self.through(lambda: switch.cut(worker.name), self.lost(worker), lambda: switch.mend(worker.name))

    def test_a_launcher_is_killed(self):
        worker = self.cluster.workers[0]
        self.cluster.await_whole()
        pid = processes.launcher_of(worker.data)
        self.through(
            lambda: os.kill(pid, signal.SIGKILL),
            lambda: eventually(lambda: processes.launcher_of(worker.data) not in (None, pid), "there is another one"),
            lambda: None,
            once=False,
        )

    def test_a_launcher_stands_still(self):
        worker = self.cluster.workers[0]
        leader = self.cluster.await_whole()
        pid = processes.launcher_of(worker.data)
        node = self.cluster.nodes()[worker.name]["id"]

        def seen():
            """A task that is started there waits, says for what, and the node is not lost for it."""
            stuck = {"label": "node.name", "relation": "in", "values": [worker.name]}
            task = leader.api.submit("/bin/true", name=self.unique("stuck"), constraints=[stuck])
            eventually(lambda: leader.api.task(task["name"])["attempts"], "it is placed")
            self.assertEqual(leader.api.task(task["name"])["attempts"][-1]["node"], node)
            self.stuck = task["name"]

        self.through(lambda: os.kill(pid, signal.SIGSTOP), seen, lambda: os.kill(pid, signal.SIGCONT))
        self.assertEqual(self.cluster.leader.await_end(self.stuck)["state"], "completed")
