"""Several managers over one PostgreSQL: one leads, another takes over when it is gone, stands still or is cut off."""

import http.client
import json
import os
import signal
import tempfile
import threading
import unittest

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.failover import FailoverManager, Ledger, Submitter, Switch, Wire
from harness.machines import Manager
from harness.postgresql import PostgreSQL, missing
from harness.tools import python_tools
from harness.websocket import Refused, WebSocket
from test_rpc import Peer
from test_machines import can_make_namespaces


@unittest.skipIf(missing(), missing())
class FailoverTestCase(ApolloTestCase):
    own_platform = True
    weight = 3

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = PostgreSQL(tcp=True)
        cls.wires = []

    @classmethod
    def tearDownClass(cls):
        for wire in cls.wires:
            wire.close()
        cls.clean_up()
        cls.server.close()

    def setUp(self):
        self.place = tempfile.mkdtemp(prefix="f", dir=self.directory)
        self.name = f"apollo{os.urandom(4).hex()}"
        self.server.create(self.name)
        self.key = os.path.join(self.place, "secrets.key")
        self.managers, self.workers = [], []

    def tearDown(self):
        for process in [*self.workers, *self.managers]:
            if process.process is not None and process.process.poll() is None:
                process.process.send_signal(signal.SIGCONT)
                process.kill9()

    def make(self, name, port=None, key=None, **settings):
        manager = FailoverManager(
            BINARY, os.path.join(self.place, name), name, self.server.tcp_url(self.name, port=port),
            key or self.key, **settings,
        )
        self.managers.append(manager)
        return manager

    def make_key(self, manager, path):
        made = manager.apollo("secret", "new-key")
        self.assertCode(made, 0)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(made.out)

    def first(self, **settings):
        manager = self.make("m1", **settings)
        if not os.path.exists(self.key):
            self.make_key(manager, self.key)
        return manager.start().await_role("leader")

    def further(self, name, first, **settings):
        return self.join(self.make(name, **settings), first).await_role("standby")

    def join(self, manager, first):
        file = os.path.join(manager.scratch, "invitation")
        with open(file, "w") as text:
            text.write(first.invitation() + "\n")
        return manager.start("--join-file", file)

    def worker(self, manager, name):
        worker = manager.worker(name).start()
        self.workers.append(worker)
        return worker

    def known(self, worker):
        """How many managers a worker keeps the addresses of."""
        for place, _, files in os.walk(worker.data):
            if "managers" in files:
                with open(os.path.join(place, "managers")) as file:
                    return len(file.read().split())
        return 0


class TakingOver(FailoverTestCase):
    """The leader is gone in each way there is, under a stream of submissions."""

    def scene(self, **first):
        one = self.first(**first)
        two = self.further("m2", one)
        workers = [self.worker(one, "w1"), self.worker(one, "w2")]
        # What a worker was not told yet it cannot find when the leader is gone.
        eventually(lambda: all(self.known(worker) >= 2 for worker in workers), "the workers know both managers")
        ledger = Ledger(os.path.join(self.place, "ledger"))
        stream = Submitter([one, two], ledger)
        stream.start()
        eventually(lambda: len(stream.acknowledged) > 20, "tasks are accepted")
        return one, two, stream, ledger

    def ended(self, leader, stream, ledger):
        before = len(stream.acknowledged)
        eventually(lambda: len(stream.acknowledged) > before + 20, "the new leader accepts tasks")
        ledger.check(self, leader, stream.finish())
        self.assertLess(stream.longest_gap, 20)

    def test_a_leader_that_is_killed(self):
        one, two, stream, ledger = self.scene()
        one.kill9()
        two.await_role("leader")
        self.ended(two, stream, ledger)
        one.begin()
        one.await_role("standby")

    def test_a_leader_that_stood_still_stands_by_when_it_goes_on(self):
        one, two, stream, ledger = self.scene()
        process = one.process.pid
        os.kill(process, signal.SIGSTOP)
        two.await_role("leader")
        os.kill(process, signal.SIGCONT)
        one.await_role("standby")
        self.assertEqual(one.process.pid, process)
        self.assertTrue(one.is_running)
        self.ended(two, stream, ledger)
        answer = one.api.get("/api/v1/tasks")
        self.assertProblem(answer, 307, "unavailable", "'m2' leads")
        self.assertEqual(answer.headers["Location"], f"{two.address}/api/v1/tasks")
        # And back again.
        two.kill9()
        one.await_role("leader")

    def test_a_leader_that_is_cut_off_from_the_database(self):
        wire = Wire(self.server.tcp_port)
        self.wires.append(wire)
        one, two, stream, ledger = self.scene(port=wire.port)
        wire.cut()
        two.await_role("leader")
        one.await_role("standby", within=60)
        wire.mend()
        self.ended(two, stream, ledger)
        eventually(lambda: one.api.get("/healthz").status == 200, "the old leader reaches the database", within=60)
        self.assertEqual(one.role, "standby")


class CutOff(FailoverTestCase):
    """One manager, and the way to its database."""

    def scene(self):
        wire = Wire(self.server.tcp_port)
        self.wires.append(wire)
        return wire, self.first(port=wire.port)

    def test_what_is_under_way_when_the_term_ends_is_told_why(self):
        wire, one = self.scene()
        follower = one.api.connect()
        follower.request("GET", "/api/v1/events", headers=one.api.headers())
        stream = follower.getresponse()
        wire.cut()
        # Its change waits for the database until the term is over.
        answer = one.api.post("/api/v1/tasks", json={"name": "cut", "executable": "/bin/true"})
        self.assertProblem(answer, 503, "unavailable", "leads no longer", "the database has not confirmed")
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            stream.read()
        self.assertEqual(one.role, "standby")
        wire.mend()
        one.await_role("leader")

    def test_nobody_is_refused_from_the_end_of_a_term_to_the_next(self):
        wire, one = self.scene()
        kept = one.api.connect()

        def ask():
            """By a connection that lives as long as the manager, and by one of its own."""
            kept.request("GET", "/healthz")
            kept.getresponse().read()
            answer = one.api.get("/api/v1/nodes")
            self.assertIn(answer.status, (200, 503), f"{answer!r}")
            return answer.status

        wire.cut()
        # Its change keeps the term from ending quickly: it waits for a database that does not answer.
        given_up = []
        task = {"name": "cut", "executable": "/bin/true"}
        change = threading.Thread(target=lambda: given_up.append(one.api.post("/api/v1/tasks", json=task)), daemon=True)
        change.start()
        eventually(lambda: ask() == 503, "its term is over")
        eventually(lambda: ask() and given_up, "what was under way is given up")
        self.assertProblem(given_up[0], 503, "unavailable", "leads no longer")
        # A call over the cut network ends by itself after half a minute: the term does not wait for it.
        eventually(lambda: "this manager leads no longer" in one.log, "its term has ended", within=20)
        wire.mend()
        eventually(lambda: ask() == 200, "it leads again", within=60)
        kept.close()


class HandingOver(FailoverTestCase):
    """What people see of several managers."""

    def test_events_say_who_leads(self):
        one = self.first()
        two = self.further("m2", one)
        stream = one.api.connect()
        stream.request("GET", "/api/v1/events", headers=one.api.headers())
        events = stream.getresponse()
        kinds = []
        while not kinds or kinds[-1] != "leader":
            kind, data = events.readline().decode().strip(), events.readline().decode().strip()
            kinds.append(kind.removeprefix("event: "))
            events.readline()
        self.assertEqual(kinds, ["ready", "leader"])
        shown = json.loads(data.removeprefix("data: "))
        self.assertEqual((shown["name"], shown["role"], shown["address"]), ("m1", "leader", one.address))
        # With another leader the stream ends.
        one.terminate()
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            events.read()
        two.await_role("leader")

    def test_a_leader_that_ends_hands_over_at_once(self):
        one = self.first(leadership="60s")
        two = self.further("m2", one, leadership="60s")
        self.assertEqual(one.terminate(), 0)
        two.await_role("leader", within=30)

    def shown(self, manager):
        return {item["name"]: item for item in manager.api.get("/api/v1/managers").json()["items"]}

    def test_who_leads_is_told_by_any_manager(self):
        one = self.first()
        two = self.further("m2", one)
        for address in (one.address, two.address, f"http://127.0.0.1:1,{two.address}"):
            shown = one.apollo("node", "ls", "--managers", "--address", address, "--output", "json")
            self.assertCode(shown, 0)
            self.assertSays(shown.out, '"leader"', '"standby"', "m1", "m2")
        roles = self.shown(one)
        self.assertEqual(roles["m1"]["role"], "leader")
        self.assertEqual(roles["m1"]["address"], one.address)
        self.assertGreaterEqual(roles["m1"]["epoch"], 1)
        self.assertEqual(roles["m2"]["role"], "standby")
        self.assertSays(one.apollo("node", "ls", "--managers").out, "leader", "standby", "EPOCH")
        # The administrator of each machine is that of the platform.
        self.assertCode(two.apollo("task", "ps"), 0)
        first_epoch = roles["m1"]["epoch"]
        one.kill9()
        two.await_role("leader")
        shown = two.apollo("node", "ls", "--managers", "--address", f"{one.address},{two.address}")
        self.assertCode(shown, 0)
        leader = self.shown(two)["m2"]
        self.assertGreater(leader["epoch"], first_epoch)
        changes = two.api.get("/api/v1/audit?action=takeLead").json()["items"]
        self.assertEqual(len(changes), 2)
        self.assertSays(changes[0]["reason"], "m2", f"epoch {leader['epoch']}")
        eventually(lambda: self.shown(two)["m1"]["role"] == "absent", "the killed manager is absent")
        self.assertCode(two.apollo("node", "rm", "--manager", "m1"), 0)
        one.begin()
        self.assertNotEqual(one.process.wait(60), 0)
        self.assertSays(one.log, "has managers already", "--join")

    def test_secrets_and_users_are_there_after_a_change(self):
        one = self.first()
        two = self.further("m2", one)
        self.assertCode(one.apollo.shell("printf hunter2 | apollo secret set db"), 0)
        one.kill9()
        two.await_role("leader")
        got = two.apollo("secret", "get", "db")
        self.assertCode(got, 0)
        self.assertEqual(got.out.strip(), "hunter2")


class StandingBy(FailoverTestCase):
    """What a manager does for who asks it while another leads."""

    def scene(self):
        one = self.first()
        two = self.further("m2", one)
        self.worker(one, "w1")
        one.api.shell("echo ready; exec sleep 600", name="web")
        one.await_output("web", "ready")
        return one, two

    def test_programs_beside_a_task_and_copies_find_the_leader(self):
        one, two = self.scene()
        for address in (two.address, f"http://127.0.0.1:1,{two.address}"):
            to = ("--address", address)
            outcome = one.apollo("task", "exec", *to, "web", "--", "sh", "-c", "echo hello; exit 7")
            self.assertCode(outcome, 7)
            self.assertEqual(outcome.out, "hello\n")
            there, back = self.scratch("there"), self.scratch("back")
            with open(there, "w") as file:
                file.write("something")
            self.assertCode(one.apollo("task", "cp", *to, there, "web:/tmp/" + os.path.basename(self.place)), 0)
            self.assertCode(one.apollo("task", "cp", *to, "web:/tmp/" + os.path.basename(self.place), back), 0)
            with open(back) as file:
                self.assertEqual(file.read(), "something")
            os.unlink("/tmp/" + os.path.basename(self.place))
            self.assertSays(one.apollo("task", "logs", *to, "web").out, "ready")
        refused = one.apollo("task", "exec", "--address", two.address, "nothing", "--", "true")
        self.assertCode(refused, 66)
        # A program that speaks the protocol itself is sent there, before anything runs.
        with self.assertRaises(Refused) as raised:
            WebSocket(two.api, "/api/v1/tasks/web/exec?command=true")
        self.assertEqual(raised.exception.status, 307)
        self.assertSays(raised.exception.json()["detail"], "'m1' leads", one.address)

    def test_calls_are_told_who_leads_and_answered_by_who_does(self):
        python = python_tools()
        one, two = self.scene()

        def peer(manager):
            with open(os.path.join(manager.data, "rpc.address")) as file:
                made = Peer(python, file.read().strip())
            self.addCleanup(made.close)
            return made

        standby = peer(two)
        answer = standby.call("Get", {"task": "web"}, [one.token])
        self.assertEqual(answer["code"], "UNAVAILABLE", answer)
        self.assertSays(answer["message"], "stands by", "'m1' leads", one.address)
        health = standby.call("Check", {}, service="grpc.health.v1.Health")
        self.assertEqual(health["answer"]["status"], "NOT_SERVING", health)
        self.assertEqual(peer(one).call("Get", {"task": "web"}, [one.token])["answer"]["state"], "running")
        one.kill9()
        two.await_role("leader")
        eventually(
            lambda: peer(two).call("Get", {"task": "web"}, [two.token]).get("answer"), "the new leader answers calls"
        )


class Refusals(FailoverTestCase):
    """What a further manager is told that may not start."""

    def refused(self, manager, *parts, options=()):
        manager.begin(*options)
        self.assertNotEqual(manager.process.wait(60), 0)
        self.assertSays(manager.log, *parts)

    def invitation(self, first):
        path = os.path.join(self.place, "invitation")
        with open(path, "w") as file:
            file.write(first.invitation() + "\n")
        return ("--join-file", path)

    def test_one_that_has_not_joined_that_has_another_key_or_another_database(self):
        one = self.first()
        self.refused(self.make("m2"), "has managers already ('m1')", "--join")
        wrong = os.path.join(self.place, "other.key")
        self.make_key(one, wrong)
        self.refused(
            self.make("m3", key=wrong), "has not the platform's master key", "secrets.key", options=self.invitation(one)
        )
        other = self.make("m4")
        self.server.create("another")
        other.options[other.options.index("--database") + 1] = self.server.tcp_url("another")
        self.refused(other, "there is no platform in", "database.url", options=self.invitation(one))
        apart = self.make("m6")
        del apart.environment["APOLLO_OBJECTS_DIRECTORY"]
        alone = ("objects would be kept on this machine alone", "'m1'", "objects.directory")
        self.refused(apart, *alone, options=self.invitation(one))
        # The token was not used up by any of them.
        self.join(self.make("m5"), one).await_role("standby")

    def test_one_whose_state_is_in_sqlite(self):
        alone = Manager(BINARY, tempfile.mkdtemp(dir=self.place)).start()
        invitation = self.invitation(alone)
        second = Manager(BINARY, tempfile.mkdtemp(dir=self.place))
        self.managers += [alone, second]
        self.refused(second, "SQLite", "one manager alone", "database.url", options=invitation)
        # And one with a database of its own.
        self.refused(self.make("m2"), "there is no platform in", options=invitation)
        third = Manager(BINARY, tempfile.mkdtemp(dir=self.place))
        third.data = alone.data
        self.refused(third, "is in use")


@unittest.skipUnless(can_make_namespaces(), "needs root and network namespaces")
class CutManagers(FailoverTestCase):
    """Two managers and a worker, each in a network namespace: the cable of the one that leads is cut."""

    def setUp(self):
        super().setUp()
        self.switch = Switch(self.place, BINARY)
        self.addCleanup(self.switch.close)
        self.switch.serve(os.path.join(self.server.directory, f".s.PGSQL.{self.server.port}"))

    def placed(self, name, number):
        manager = FailoverManager(
            self.switch.member(name, number), os.path.join(self.place, name), name,
            f"postgres://apollo@{Switch.DATABASE}/{self.name}?sslmode=disable", self.key,
        )
        manager.options += ["--listen", f"10.232.0.{number}", "--tls", "own"]
        self.managers.append(manager)
        return manager

    def ask(self, *words, address=None):
        """A command from the middle of the network."""
        where = ("--address", address or self.addresses, "--ca-file", self.authorities, "--data", self.data)
        return self.people(*words[:2], *where, *words[2:])

    def role(self, manager):
        shown = self.ask("node", "ls", "--managers", "--output", "json", address=manager.address)
        if shown.code != 0:
            return None
        return next(item["role"] for item in shown.json() if item["name"] == manager.name)

    def await_role(self, manager, role):
        eventually(lambda: self.role(manager) == role, f"{manager.name} is {role}", within=60)

    def test_the_leader_is_cut_off_from_everything_and_comes_back(self):
        one = self.placed("m1", 11)
        self.make_key(one, self.key)
        one.start()
        self.authorities = os.path.join(one.data, "tls", "ca.crt")
        self.people = FailoverManager(
            self.switch.program(self.switch.hub), os.path.join(self.place, "people"), "people", "", self.key
        ).apollo
        self.data, self.addresses = one.data, one.address
        self.await_role(one, "leader")
        two = self.placed("m2", 12)
        invitation = os.path.join(self.place, "invitation")
        with open(invitation, "w") as file:
            token = self.ask("node", "token", "create").out.strip()
            file.write(f"{token}@10.232.0.11:{one.address.rsplit(':', 1)[1]}\n")
        two.start("--join-file", invitation)
        self.addresses = f"{one.address},{two.address}"
        self.await_role(two, "standby")
        worker = one.worker("w1", "--listen", "10.232.0.21")
        worker.binary = self.switch.member("w1", 21)
        self.workers.append(worker)
        token = self.ask("node", "token", "create").out.strip()
        worker.begin("--ca-file", self.authorities, invitation=f"{token}@{one.address.removeprefix('https://')}")
        eventually(lambda: "ready" in self.ask("node", "ls").out, "the worker is ready")

        ledger, acknowledged, ending = Ledger(os.path.join(self.place, "ledger")), [], threading.Event()

        def submit():
            number = 0
            while not ending.is_set():
                name = f"t-{number}"
                script = f"echo {name} >> {ledger.path}"
                run = self.ask("task", "run", "-d", "--name", name, "--exec", "/bin/sh", "--", "-c", script)
                # Given up after its answer was lost, it may be there all the same: the name is taken then.
                if run.code == 0:
                    acknowledged.append(name)
                number += 1

        stream = threading.Thread(target=submit, daemon=True)
        stream.start()
        eventually(lambda: len(acknowledged) > 5, "tasks are accepted")
        self.switch.cut("m1")
        self.await_role(two, "leader")
        before = len(acknowledged)
        eventually(lambda: len(acknowledged) > before + 5, "the new leader accepts tasks", within=60)
        self.switch.mend("m1")
        self.await_role(one, "standby")
        # It looks after its certificate again, though it could not when it began to stand by.
        def looks():
            one.process.send_signal(signal.SIGHUP)
            return "the server's certificate is as it was" in one.log

        eventually(looks, "the certificate is looked after", within=60)
        ending.set()
        stream.join(60)
        for name in acknowledged:
            self.assertCode(self.ask("task", "wait", name, "--timeout", "60s"), 0)
        runs = ledger.runs()
        for name in acknowledged:
            self.assertEqual(runs.count(name), 1, name)
