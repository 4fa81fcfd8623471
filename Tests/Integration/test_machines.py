"""A manager and its workers as processes of their own: joining, running tasks, and what goes wrong between them."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import unittest

from harness import ApolloTestCase, eventually, needs
from harness.case import BINARY
from harness.machines import Manager
from harness.namespaces import Namespaces


class MachinesTestCase(ApolloTestCase):
    own_platform = True

    @classmethod
    def make_manager(cls, *options, **settings):
        return Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=cls.directory), *options, **settings)


def sign(key, path, name, scratch, *how):
    """A certificate for the node of this name and its key, signed as openssl is told."""
    subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=URI:apollo://local/node/{name}")
    for words in (
        ("req", "-new", "-key", key, *subject, "-out", scratch),
        ("x509", "-req", "-in", scratch, "-copy_extensions", "copy", "-out", path, *how),
    ):
        made = subprocess.run(["openssl", *words], capture_output=True, timeout=60)
        if made.returncode != 0:
            raise AssertionError(made.stderr)


def expire_certificate(key, path, name, scratch):
    """As if its time were over: signed for a time that ends before it begins."""
    sign(key, path, name, scratch, "-signkey", key, "-days", "-1")


def sign_elsewhere(key, path, name, scratch):
    """A certificate that holds, of an authority that is not the platform's."""
    authority = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-days", "2")
    keys = ("-keyout", f"{scratch}.key", "-out", f"{scratch}.crt")
    made = subprocess.run(["openssl", *authority, *keys], capture_output=True, timeout=60)
    if made.returncode != 0:
        raise AssertionError(made.stderr)
    sign(key, path, name, scratch, "-CA", f"{scratch}.crt", "-CAkey", f"{scratch}.key", "-CAcreateserial")


class Machines(MachinesTestCase):
    """One manager, two workers, the usual day."""

    weight = 3

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = cls.make_manager(lease="30s").start()
        cls.one = cls.platform.worker("one", "--label", "zone=a").start()
        cls.two = cls.platform.worker("two", "--label", "zone=b").start()

    def sh(self, script, *options):
        return self.apollo("task", "run", *options, "--exec", "/bin/sh", "--", "-c", script)

    def test_tasks_run_where_they_are_told_with_logs_and_exit_codes(self):
        for zone, worker in (("a", self.one), ("b", self.two)):
            run = self.sh(f"echo in {zone}; exit 3", "--constraint", f"zone={zone}")
            self.assertCode(run, 3)
            self.assertEqual(run.out, f"in {zone}\n")
            record = next(task for task in self.api.tasks() if f"in {zone};" in task["spec"]["command"][-1])
            self.assertEqual(record["attempts"][-1]["node"], worker.node["id"])

    def test_output_is_followed_and_a_stop_arrives(self):
        task = self.api.shell("echo begun; while :; do sleep 0.1; done", name=self.unique("t"))["name"]
        self.platform.await_output(task, "begun")
        self.assertCode(self.apollo("task", "stop", task), 0)
        self.assertEqual(self.platform.await_end(task)["attempts"][-1]["exitCode"], 143)
        self.assertCode(self.apollo("task", "rm", task), 0)

    def test_a_worker_is_given_the_secrets_of_its_tasks_and_no_others(self):
        self.assertCode(self.platform.apollo.shell("printf hunter2 | apollo secret set db"), 0)
        run = self.sh("cat $APOLLO_SECRETS_DIR/db", "--secret", "db")
        self.assertCode(run, 0)
        self.assertEqual(run.out, "hunter2")
        given = self.api.get("/api/v1/audit?action=deliverSecret").json()["items"][0]
        self.assertIn(given["principal"], ("node://local/one", "node://local/two"))
        self.assertEqual(given["resource"], "secret://local/default/default/db")
        self.assertSays(given["reason"], "version 1, to task")

    def test_a_failing_task_is_restarted_on_its_machine_and_then_elsewhere(self):
        marks = self.scratch("attempts")
        script = f"echo $APOLLO_ATTEMPT >> {marks}; test $(wc -l < {marks}) -ge 4 || exit 7; exec sleep 1000"
        name = self.unique("t")
        run = self.sh(script, "-d", "--name", name, "--restart", "on-failure", "--restart-wait", "100ms")
        self.assertCode(run, 0)
        eventually(lambda: self.api.task(name)["attemptCount"] == 4, "the fourth attempt is there")
        record = self.platform.await_state(name, "running")
        nodes = [attempt["node"] for attempt in record["attempts"]]
        self.assertEqual((nodes[0], nodes[1]), (nodes[1], nodes[2]))
        self.assertNotEqual(nodes[2], nodes[3])
        self.assertNotIn("nodeStreak", record)
        shown = self.apollo("task", "explain", name)
        self.assertSays(shown.out, "Next attempt: after a failure on ", "(0 of 2 restarts in a row were there)")
        self.assertCode(self.apollo("task", "stop", name), 0)

    def test_a_task_whose_machine_alone_will_do_is_restarted_there_again_and_again(self):
        name = self.unique("t")
        options = ["--restart", "always", "--restart-wait", "10ms", "--restart-factor", "1", "--restart-same-node", "0"]
        self.assertCode(self.sh("exit 7", "-d", "--name", name, "--constraint", "zone=a", *options), 0)
        eventually(lambda: self.api.task(name)["attemptCount"] > 4, "it is tried again and again")
        self.assertEqual({attempt["node"] for attempt in self.api.task(name)["attempts"]}, {self.one.node["id"]})
        self.assertCode(self.apollo("task", "stop", name), 0)

    def test_a_task_that_no_machine_may_run_says_why(self):
        constraint = {"label": "zone", "relation": "in", "values": ["c"]}
        task = self.api.shell("true", name=self.unique("t"), constraints=[constraint])
        self.assertEqual(task["state"], "pending")
        self.assertSays(task["reason"], "one", "two", "zone")
        self.assertCode(self.apollo("task", "stop", task["name"]), 0)

    def test_tasks_are_shown_with_their_machines(self):
        names = {zone: self.unique(zone) for zone in ("a", "b")}
        for zone, name in names.items():
            self.assertCode(self.sh("true", "--name", name, "--constraint", f"zone={zone}"), 0)
        table = self.apollo("task", "ps", "--all").out.splitlines()
        self.assertEqual(table[0].split()[:5], ["NAME", "STATE", "AGE", "TRIES", "NODE"])
        rows = {line.split()[0]: line.split()[4] for line in table[1:]}
        self.assertEqual((rows[names["a"]], rows[names["b"]]), ("one", "two"))
        there = self.apollo("task", "ps", "--all", "-q", "--node", "two").out.split()
        self.assertIn(names["b"], there)
        self.assertNotIn(names["a"], there)
        self.assertRegex(self.apollo("task", "status", names["b"]).out, r"completed +two +2")

    def test_nodes_are_shown_with_their_labels(self):
        shown = self.apollo("node", "ls")
        self.assertCode(shown, 0)
        self.assertSays(shown.out, "one", "two", "zone=a", "zone=b", "ready")

    def test_a_machine_with_a_name_that_is_taken_is_refused(self):
        other = self.platform.worker("one")
        other.data += "-other"
        other.begin(invitation=self.platform.invitation())
        self.assertNotEqual(other.process.wait(60), 0)
        self.assertSays(other.log, "has joined already", "another name")

    def test_one_directory_is_for_one_worker(self):
        again = self.platform.worker("one")
        again.begin()
        self.assertNotEqual(again.process.wait(60), 0)
        self.assertSays(again.log, "another worker uses", "--data")


class Joining(MachinesTestCase):
    """What a worker is told that may not join."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = cls.make_manager().start()

    def refused(self, invitation, *parts, name="w"):
        worker = self.platform.worker(name)
        worker.data = self.scratch("data")
        worker.logged = self.scratch("log")
        worker.begin(invitation=invitation)
        self.assertNotEqual(worker.process.wait(60), 0)
        self.assertSays(worker.log, *parts)

    def test_a_token_that_is_none(self):
        self.refused("nonsense@127.0.0.1:1", "no join token", "TOKEN@HOST:PORT")
        self.refused(self.platform.invitation().split("@")[0] + "@", "without the address")

    def test_a_token_that_nobody_made(self):
        token, address = self.platform.invitation().split("@")
        first, secret, last = token.split(".")
        guessed = secret[:-4] + ("AAAA" if secret[-4:] != "AAAA" else "BBBB")
        self.refused(f"{first}.{guessed}.{last}@{address}", "is not known", "apollo node token create")

    def test_a_token_that_was_used(self):
        invitation = self.platform.invitation()
        worker = self.platform.worker("used").begin(invitation=invitation).ready()
        self.refused(invitation, "used up", "apollo node token create")
        worker.terminate()

    def test_a_token_that_has_expired(self):
        invitation = self.platform.invitation("--expires", "1s")
        database = os.path.join(self.platform.data, "apollo.db")
        # As if its second were over.
        with sqlite3.connect(database, timeout=30) as connection:
            connection.execute("UPDATE join_tokens SET expires_at = created_at")
        self.refused(invitation, "expired at", "apollo node token create")

    def test_a_token_of_another_platform_is_not_sent(self):
        other = self.make_manager().start()
        token = other.invitation().split("@")[0]
        address = self.platform.invitation().split("@")[1]
        self.refused(f"{token}@{address}", "not the platform", "not sent")
        other.terminate()

    def test_a_machine_that_has_not_joined(self):
        self.refused(None, "has not joined", "--join")

    def test_a_machine_that_was_called_back(self):
        worker = self.platform.worker("gone").start()
        worker.terminate()
        for issued in self.apollo("ca", "ls", "-o", "json").json():
            if issued["principal"] == "node://local/gone":
                self.assertCode(self.apollo("ca", "revoke", issued["serial"]), 0)
        worker.begin()
        self.assertNotEqual(worker.process.wait(60), 0)
        self.assertSays(worker.log, "was revoked", "join again")

    @needs.program("openssl")
    def test_a_machine_whose_certificate_is_old(self):
        worker = self.platform.worker("old").start()
        worker.terminate()
        held = (os.path.join(worker.data, "worker", name) for name in ("node.key", "node.crt"))
        expire_certificate(*held, "old", self.scratch("request"))
        worker.begin()
        self.assertNotEqual(worker.process.wait(60), 0)
        self.assertSays(worker.log, "certificate expired at", "--join")

    def test_of_two_workers_from_one_data_directory_the_first_stays_and_the_other_is_told(self):
        one = self.platform.worker("twice").start()
        task = self.api.shell(
            "exec sleep 600", name=self.unique("t"),
            constraints=[{"label": "node.name", "relation": "in", "values": ["twice"]}],
        )["name"]
        self.platform.await_state(task, "running")
        copy = self.platform.worker("twice")
        copy.data, copy.logged = self.scratch("copy"), self.scratch("log")
        shutil.copytree(one.data, copy.data, ignore=shutil.ignore_patterns("*.sock", "lock"))
        copy.begin()
        self.assertNotEqual(copy.process.wait(60), 0)
        self.assertSays(
            copy.log, "two workers are node 'twice'", "keeps the name and its tasks", "empty --data directory",
            "stop the other worker first",
        )
        eventually(lambda: "says that it is node 'twice'" in self.platform.log, "the manager says so too")
        record = self.api.task(task)
        self.assertEqual((record["state"], record["attemptCount"]), ("running", 1), record)
        # Killed and started at once, it is itself: not taken for a copy.
        one.kill9()
        one.begin().ready()
        self.assertEqual(self.api.task(task)["attemptCount"], 1)
        # Where the first is gone, the copy is the node.
        self.assertCode(self.apollo("task", "stop", task), 0)
        self.platform.await_end(task)
        self.assertEqual(one.terminate(), 0)
        copy.begin().ready()
        self.assertEqual(copy.terminate(), 0)

    def test_a_platform_that_takes_no_workers(self):
        alone = self.make_platform().start()
        token = alone.apollo("node", "token", "create").out.strip()
        self.refused(f"{token}@{alone.address.removeprefix('http://')}", "takes no workers", "apollo manager")
        alone.terminate()

    def test_a_worker_that_its_manager_could_not_call(self):
        worker = self.platform.worker("far")
        worker.data = self.scratch("data")
        joined = self.platform.worker("near").start()
        joined.terminate()
        with open(os.path.join(joined.data, "worker", "manager"), "w") as file:
            file.write("https://10.255.255.1:7070\n")
        joined.begin()
        self.assertNotEqual(joined.process.wait(60), 0)
        self.assertSays(joined.log, "could not call this worker", "--listen")


class WorkerFaults(MachinesTestCase):
    """Workers and managers that die, and come back."""

    weight = 3

    def setUp(self):
        self.manager = self.make_manager(lease="2s").start()
        self.worker = self.manager.worker("one").start()
        self.addCleanup(self.manager.terminate)

    def long_task(self):
        return self.manager.api.shell("echo $$; exec sleep 600", name=self.unique("t"))["name"]

    def pid(self, task):
        return int(self.manager.await_output(task, "\n"))

    def test_a_killed_worker_is_lost_and_takes_over_what_runs_when_it_is_back(self):
        task = self.long_task()
        pid = self.pid(task)
        self.worker.kill9()
        # At first only its connection is broken: its lease still runs.
        self.assertSays(self.worker.await_state("disconnected")["reason"], "not reached")
        lost = self.worker.await_state("lost")
        self.assertIn("reason", lost)
        os.kill(pid, 0)
        self.worker.start()
        record = self.manager.await_state(task, "running")
        self.assertEqual(record["attemptCount"], 1)
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.manager.await_end(task)["attempts"][-1]["exitCode"], 137)
        self.worker.terminate()

    def test_what_ends_while_the_worker_is_away_is_known_when_it_is_back(self):
        task = self.long_task()
        pid = self.pid(task)
        self.worker.kill9()
        os.kill(pid, signal.SIGKILL)
        self.worker.start()
        self.assertEqual(self.manager.await_end(task)["attempts"][-1]["exitCode"], 137)
        self.worker.terminate()

    def test_a_killed_manager_finds_its_worker_and_what_runs_again(self):
        task = self.long_task()
        pid = self.pid(task)
        port = self.manager.address.rsplit(":", 1)[1]
        self.manager.kill9()
        os.kill(pid, signal.SIGKILL)
        self.manager.start("--port", port)
        self.assertEqual(self.manager.await_end(task)["attempts"][-1]["exitCode"], 137)
        self.assertEqual(self.worker.state, "ready")
        self.worker.terminate()

    def test_who_has_the_managers_port_meanwhile_and_says_nothing_holds_no_worker_up(self):
        port = int(self.manager.address.rsplit(":", 1)[1])
        self.assertEqual(self.manager.terminate(), 0)
        with socket.create_server(("127.0.0.1", port)) as silent:
            silent.settimeout(40)
            asked, _ = silent.accept()
        with asked:
            self.manager.start("--port", str(port))
            # Twice the ten seconds that it waits for an answer.
            eventually(lambda: self.worker.state == "ready", "the worker asks again", within=20)
        self.worker.terminate()

    def test_a_worker_that_stands_still_is_lost_and_goes_on(self):
        task = self.long_task()
        self.pid(task)
        self.worker.signal(signal.SIGSTOP)
        try:
            self.worker.await_state("lost")
        finally:
            self.worker.signal(signal.SIGCONT)
        self.worker.await_state("ready")
        self.assertEqual(self.manager.await_state(task, "running")["attemptCount"], 1)
        self.assertCode(self.manager.apollo("task", "stop", task), 0)
        self.manager.await_end(task)
        self.worker.terminate()


class NodeOrders(MachinesTestCase):
    """Nodes that are taken out of service, labelled, forgotten."""

    weight = 3

    def setUp(self):
        self.manager = self.make_manager(lease="1s").start()
        self.addCleanup(self.manager.terminate)
        self.one = self.manager.worker("one").start()

    def order(self, *words):
        done = self.manager.apollo("node", *words)
        self.assertCode(done, 0)
        return done.out

    def test_a_node_is_drained_and_its_tasks_move(self):
        task = self.manager.api.shell("exec sleep 600", name="t", stopGrace=1)["name"]
        self.manager.await_state(task, "running")
        two = self.manager.worker("two").start()
        self.assertSays(self.order("drain", "one"), "one is drained")
        record = eventually(lambda: self.running_on(task, two), "the task has moved")
        self.assertEqual([attempt.get("outcome") for attempt in record["attempts"]], ["drained", None])
        self.assertEqual(self.one.node["allocated"]["tasks"], 0)
        self.assertSays(self.order("uncordon", "one"), "one is ready")

    def running_on(self, task, worker):
        record = self.manager.api.task(task)
        return record if record["state"] == "running" and record["attempts"][-1]["node"] == worker.node["id"] else None

    def test_a_cordoned_node_stays_so_over_restarts_of_manager_and_worker(self):
        self.assertSays(self.order("cordon", "one"), "one is cordoned", "as ordered")
        self.order("label", "one", "zone=b")
        port = self.manager.address.rsplit(":", 1)[1]
        self.manager.kill9()
        self.one.kill9()
        self.manager.start("--port", port)
        # Its lease has not lapsed: it is given the time of one to come back.
        self.assertEqual(self.one.state, "disconnected")
        self.one.begin()
        self.assertEqual(self.one.await_state("cordoned")["labels"], {"zone": "b"})
        waiting = self.manager.api.shell("true", name="t")
        self.assertSays(waiting["reason"], "one", "cordoned")
        explained = self.manager.apollo("task", "explain", "t")
        self.assertSays(explained.out, "cordoned")
        self.order("uncordon", "one")
        self.manager.await_state("t", "completed")

    def test_labels_are_set_and_removed(self):
        self.assertSays(self.order("label", "one", "zone=a", "disk=ssd"), "one is ready")
        self.assertSays(self.order("ls"), "zone=a", "disk=ssd")
        self.order("label", "one", "disk-")
        self.assertEqual(self.one.node["labels"], {"zone": "a"})
        own = self.manager.apollo("node", "label", "one", "node.name=x")
        self.assertNotEqual(own.code, 0)
        self.assertSays(own.err, "Apollo's own")

    def test_a_node_says_how_it_is(self):
        eventually(lambda: "metrics" in self.one.node, "the node says what it is busy with")
        metrics = self.one.node["metrics"]
        self.assertGreater(metrics["memoryTotal"], metrics["memoryUsed"])
        self.assertEqual(len(metrics["load"]), 3)
        shown = self.order("status", "one")
        self.assertSays(shown, "State:", "ready", "Busy:", "load", "Disk:", "Seen:")
        unknown = self.manager.apollo("node", "status", "nobody")
        self.assertCode(unknown, 66)
        self.assertSays(unknown.err, "no node 'nobody'", "apollo node ls")

    def test_only_a_lost_node_is_forgotten(self):
        refused = self.manager.apollo("node", "rm", "one")
        self.assertNotEqual(refused.code, 0)
        self.assertSays(refused.err, "still there", "drain")
        task = self.manager.api.shell("exec sleep 600", name="t", onDisconnect="stop_after", stopAfter=3600)["name"]
        self.manager.await_state(task, "running")
        self.one.kill9()
        self.one.await_state("lost")
        self.order("rm", "one")
        self.assertIsNone(self.one.node)
        self.manager.await_state(task, "pending")
        # Its certificate is called back, and its name is free.
        issued = self.manager.apollo("ca", "ls", "-o", "json").json()
        held = [one for one in issued if one["principal"].endswith("/one")]
        self.assertTrue(held and all("revokedAt" in one for one in held), held)

    def test_a_drain_kills_what_is_left_at_its_deadline(self):
        stubborn = "trap '' TERM; while :; do sleep 1; done"
        task = self.manager.api.shell(stubborn, name="t", stopGrace=3600)["name"]
        self.manager.await_state(task, "running")
        self.assertSays(self.order("drain", "one", "--deadline", "1s"), "one is drained")
        self.assertEqual(self.manager.api.task(task)["attempts"][0]["outcome"], "drained")


class LostNodes(MachinesTestCase):
    """What becomes of tasks whose machine is lost, or cut off."""

    weight = 4

    def setUp(self):
        self.manager = self.make_manager(lease="1s", environment={"APOLLO_NODES_GRACE": "500ms"}).start()
        self.addCleanup(self.manager.terminate)
        self.one = self.manager.worker("one", "--label", "zone=a").start()
        self.marks = self.scratch("marks")

    def run_marked(self, **fields):
        """A task that writes the process of each of its attempts."""
        script = f"echo $$ >> {self.marks}; exec sleep 600"
        name = self.manager.api.shell(script, name=self.unique("t"), restart={"mode": "always"}, **fields)["name"]
        self.manager.await_state(name, "running")
        return name

    def processes(self):
        if not os.path.exists(self.marks):
            return []
        with open(self.marks) as file:
            return [int(line) for line in file.read().split("\n")[:-1]]

    def alive(self):
        return [pid for pid in self.processes() if is_alive(pid)]

    def await_processes(self, count):
        eventually(lambda: len(self.processes()) >= count, f"{count} attempts were started")

    def test_a_task_moves_and_one_copy_survives_when_its_machine_is_back(self):
        task = self.run_marked()
        self.await_processes(1)
        two = self.manager.worker("two").start()
        self.one.signal(signal.SIGSTOP)
        try:
            moved = self.await_node(task, two)
            self.assertEqual(moved["attempts"][0]["outcome"], "lost")
            self.assertSays(moved["attempts"][0]["reason"], "lost with its node 'one'")
            self.await_processes(2)
            self.assertEqual(len(self.alive()), 2)
        finally:
            self.one.signal(signal.SIGCONT)
        self.one.await_state("ready")
        eventually(lambda: len(self.alive()) == 1, "one copy is left")
        self.assertEqual(self.alive(), self.processes()[1:])
        self.assertEqual(self.manager.api.task(task)["state"], "running")

    def await_node(self, task, worker):
        node = worker.node["id"]

        def look():
            record = self.manager.api.task(task)
            return record if record["state"] == "running" and record["attempts"][-1]["node"] == node else None

        return eventually(look, f"{task} runs on {worker.name}")

    def test_a_task_says_that_its_node_is_lost_and_when_it_is_given_up(self):
        task = self.run_marked(onDisconnect="stop_after", stopAfter="1h")
        self.one.kill9()
        self.one.await_state("lost")
        eventually(lambda: "is lost" in self.manager.api.task(task)["reason"], "the task says so")
        self.assertSays(self.manager.api.task(task)["reason"], "'one'", "given up after")
        explained = self.manager.apollo("task", "explain", task)
        self.assertCode(explained, 0)
        self.assertSays(explained.out, "is lost")
        self.one.start()
        eventually(lambda: self.manager.api.task(task)["reason"] == "running", "it goes on")
        self.assertEqual(self.manager.api.task(task)["attemptCount"], 1)

    def test_a_worker_without_a_manager_stops_what_must_not_run_twice_and_keeps_the_rest(self):
        kept = self.run_marked()
        self.await_processes(1)
        self.run_marked(onDisconnect="stop_after", stopGrace=1)
        self.await_processes(2)
        first, second = self.processes()
        self.manager.process.send_signal(signal.SIGSTOP)
        try:
            eventually(lambda: not is_alive(second), "what must not run twice is stopped")
            self.assertTrue(is_alive(first))
        finally:
            self.manager.process.send_signal(signal.SIGCONT)
        self.await_processes(3)
        self.assertEqual(self.manager.await_state(kept, "running")["attemptCount"], 1)
        self.assertEqual(len(self.alive()), 2)
        self.assertSays(self.one.log, "cut off from the manager")

    def test_a_restarted_manager_gives_up_what_was_on_a_machine_that_does_not_come_back(self):
        task = self.run_marked()
        self.await_processes(1)
        self.manager.kill9()
        self.one.kill9()
        self.manager.start()
        two = self.manager.worker("two").start()
        self.assertEqual(self.await_node(task, two)["attempts"][0]["outcome"], "lost")


def can_make_namespaces():
    if os.geteuid() != 0 or not shutil.which("ip"):
        return False
    name = f"apollo{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return made.returncode == 0


class Network(Namespaces):
    """A namespace for the manager, one for each worker, and a cable from each worker to the manager that can be cut."""

    def __init__(self, scratch):
        super().__init__(scratch, BINARY)
        self.manager = self.namespace("m")

    def cable(self, number):
        """A worker's namespace with its address, 10.231.N.2; the manager is 10.231.N.1 to it."""
        name = self.namespace(f"w{number}")
        near, far = f"m{number}", f"w{number}"
        self.run("ip", "-n", self.manager, "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        self.run("ip", "-n", self.manager, "addr", "add", f"10.231.{number}.1/24", "dev", near)
        self.run("ip", "-n", name, "addr", "add", f"10.231.{number}.2/24", "dev", far)
        for space, link in ((self.manager, near), (name, far)):
            self.set_link(space, link, "up")
        return name

    def cut(self, number):
        self.set_link(self.manager, f"m{number}", "down")

    def mend(self, number):
        self.set_link(self.manager, f"m{number}", "up")


@unittest.skipUnless(can_make_namespaces(), "needs root and network namespaces")
class CutCables(MachinesTestCase):
    """A manager and three workers, each in a network namespace: the cable of each is cut in turn."""

    weight = 5

    def setUp(self):
        scratch = tempfile.mkdtemp(prefix="n", dir=self.directory)
        self.network = Network(scratch)
        self.addCleanup(self.network.close)
        self.manager = Manager(
            self.network.program(self.network.manager),
            scratch,
            *("--listen", "0.0.0.0", "--tls", "own", "--tls-names", "10.231.1.1,10.231.2.1,10.231.3.1,127.0.0.1"),
            lease="1s",
            environment={"APOLLO_NODES_GRACE": "500ms"},
        ).start()
        self.addCleanup(self.manager.terminate)
        self.authorities = os.path.join(scratch, "ca.pem")
        with open(self.authorities, "w") as file:
            file.write(self.ask("ca", "show", "--pem").out)
        self.port = self.manager.address.rsplit(":", 1)[1]

    def ask(self, *words):
        address = f"https://127.0.0.1:{self.manager.address.rsplit(':', 1)[1]}"
        done = self.manager.apollo(*words, "--address", address, "--ca-file", self.trusted)
        self.assertCode(done, 0)
        return done

    @property
    def trusted(self):
        return os.path.join(self.manager.data, "tls", "ca.crt")

    def start_worker(self, number):
        worker = self.manager.worker(f"w{number}", "--listen", f"10.231.{number}.2")
        worker.binary = self.network.program(self.network.cable(number))
        token = self.ask("node", "token", "create").out.strip()
        worker.begin("--ca-file", self.authorities, invitation=f"{token}@10.231.{number}.1:{self.port}")
        self.await_node(f"w{number}", "ready", worker)
        return worker

    def await_node(self, name, state, worker=None):
        def look():
            if worker and worker.process.poll() is not None:
                raise AssertionError(f"it ended: {worker.log}")
            nodes = self.ask("node", "ls", "-o", "json").json()
            return any(node["name"] == name and node["state"] == state for node in nodes)

        eventually(look, f"node {name} is {state}")

    def task(self, name):
        return self.ask("task", "status", name, "-o", "json").json()

    def refused(self, number, name, token, *parts):
        worker = self.manager.worker(name, "--listen", f"10.231.{number}.2")
        worker.binary, worker.data, worker.logged = self.spaces[number], self.scratch("data"), self.scratch("log")
        worker.begin("--ca-file", self.authorities, invitation=f"{token}@10.231.{number}.1:{self.port}")
        self.assertNotEqual(worker.process.wait(60), 0)
        self.assertSays(worker.log, *parts)

    def test_who_may_not_join_over_a_network_is_told_and_disturbs_nobody(self):
        first = self.start_worker(1)
        self.spaces = {number: self.network.program(self.network.cable(number)) for number in (2, 3)}
        (before,) = self.ask("node", "ls", "-o", "json").json()
        token = self.ask("node", "token", "create").out.strip()
        self.refused(2, "w1", token, "'w1' has joined already")
        first_part, secret, last = token.split(".")
        wrong = secret[:-4] + ("AAAA" if secret[-4:] != "AAAA" else "BBBB")
        self.refused(2, "w2", f"{first_part}.{wrong}.{last}", "is not known")
        # Not a byte of the token reaches who is not the platform.
        self.refused(3, "w3", f"{first_part}.{secret}.{last[:-4]}{'AAAA' if last[-4:] != 'AAAA' else 'BBBB'}", "token")
        # A machine that was cut off does not lose its name to another meanwhile.
        self.network.cut(1)
        self.await_node("w1", "lost")
        self.refused(2, "w1", self.ask("node", "token", "create").out.strip(), "'w1' has joined already")
        self.network.mend(1)
        self.await_node("w1", "ready", first)
        (after,) = self.ask("node", "ls", "-o", "json").json()
        self.assertEqual(after["id"], before["id"])
        first.terminate()

    @needs.program("openssl")
    def test_who_has_joined_with_a_certificate_that_counts_no_more_is_told_over_a_network(self):
        worker = self.start_worker(1)
        held = [os.path.join(worker.data, "worker", name) for name in ("node.key", "node.crt")]
        good = [open(path, "rb").read() for path in held]

        def over_a_network(*parts):
            worker.begin("--ca-file", self.authorities)
            self.assertNotEqual(worker.process.wait(60), 0)
            self.assertSays(worker.log, *parts)

        self.assertEqual(worker.terminate(), 0)
        # As if its time were over, by its own clock.
        expire_certificate(*held, "w1", self.scratch("request"))
        over_a_network("certificate expired at", "--join")
        # One that another authority signed, for the same name.
        authority = self.scratch("authority")
        sign_elsewhere(*held, "w1", authority)
        over_a_network("other', and not of the platform", "join again")
        # Also where the machine believes that authority: the manager does not.
        with open(os.path.join(worker.data, "worker", "ca.crt"), "rb+") as file:
            believed = file.read()
            with open(f"{authority}.crt", "rb") as other:
                file.write(other.read())
        worker.begin("--ca-file", self.authorities)
        eventually(lambda: "cannot register (try 2)" in worker.log, "it is not taken")
        self.assertNotIn("ready", [node["state"] for node in self.ask("node", "ls", "-o", "json").json()])
        self.assertEqual(worker.terminate(), 0)
        with open(os.path.join(worker.data, "worker", "ca.crt"), "wb") as file:
            file.write(believed)
        # The machine's own again, and called back meanwhile.
        for path, text in zip(held, good):
            with open(path, "wb") as file:
                file.write(text)
        worker.begin("--ca-file", self.authorities)
        self.await_node("w1", "ready", worker)
        self.assertEqual(worker.terminate(), 0)
        for issued in self.ask("ca", "ls", "-o", "json").json():
            if issued["principal"] == "node://local/w1":
                self.ask("ca", "revoke", issued["serial"])
        over_a_network("was revoked", "join again")

    def test_each_is_lost_its_task_moves_and_one_copy_survives(self):
        workers = {number: self.start_worker(number) for number in (1, 2, 3)}
        names = {node["id"]: node["name"] for node in self.ask("node", "ls", "-o", "json").json()}
        marks = self.scratch("marks")
        script = f"echo $$ >> {marks}; exec sleep 600"
        self.ask("task", "run", "-d", "--name", "t", "--restart", "always", "--exec", "/bin/sh", "--", "-c", script)

        def where(other_than=None):
            record = self.task("t")
            name = names[record["attempts"][-1]["node"]] if record["attempts"] else None
            return name if record["state"] == "running" and name != other_than else None

        def alive():
            with open(marks) as file:
                return [pid for pid in map(int, file.read().split()) if is_alive(pid)]

        for _ in workers:
            before = eventually(where, "the task runs")
            number = int(before[1:])
            self.network.cut(number)
            self.await_node(before, "lost")
            after = eventually(lambda before=before: where(before), "the task has moved")
            eventually(lambda: len(alive()) == 2, "both run, for neither knows of the other")
            self.network.mend(number)
            self.await_node(before, "ready")
            eventually(lambda: len(alive()) == 1, "one copy is left")
            self.assertEqual(where(), after)
        for worker in workers.values():
            worker.terminate()


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
