"""Ports of machines: asked for or chosen, never given twice, and found out when another program has one."""

import socket
import tempfile

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.machines import Manager
from harness.ports import free_ports


class Ports(ApolloTestCase):
    own_platform = True

    def start(self, count=3):
        """A platform with so many ports to choose from."""
        self.ports = free_ports(count + 1)
        self.fixed = self.ports.pop()
        settings = {"APOLLO_NODE_PORTS": f"{self.ports[0]}-{self.ports[-1]}"}
        return self.make_platform(env=settings).start()

    def run_held(self, platform, name, *ports):
        words = [word for port in ports for word in ("--port", port)]
        done = platform.apollo("task", "run", "-d", "--name", name, *words, "--", "sleep", "1000")
        self.assertCode(done, 0)
        return platform.api.task(name)

    def given(self, platform, name):
        return [port.get("host") for port in platform.await_state(name, "running")["attempts"][-1]["ports"]]

    def test_a_fixed_port_is_given_to_one_task_and_the_next_waits_for_it(self):
        platform = self.start()
        self.run_held(platform, "first", f"{self.fixed}:80")
        self.assertEqual(self.given(platform, "first"), [self.fixed])
        waits = self.run_held(platform, "second", f"{self.fixed}:80")
        self.assertEqual(waits["state"], "pending")
        self.assertSays(waits["reason"], f"has port {self.fixed} taken")
        text = platform.apollo("task", "explain", "second").out
        self.assertSays(text, f"1 has port {self.fixed} taken", "What would help", "ask for another port")
        self.assertSays(platform.apollo("task", "ps").out, f"127.0.0.1:{self.fixed}->80")
        platform.apollo("task", "stop", "first")
        self.assertEqual(self.given(platform, "second"), [self.fixed])

    def test_a_higher_priority_takes_a_port_from_a_lower_one_and_says_so(self):
        platform = self.start()
        self.run_held(platform, "low", f"{self.fixed}:80")
        self.given(platform, "low")
        words = ["task", "run", "-d", "--name", "high", "--priority", "5", "--port", f"{self.fixed}:80"]
        self.assertCode(platform.apollo(*words, "--", "sleep", "1000"), 0)
        self.assertEqual(self.given(platform, "high"), [self.fixed])
        low = platform.api.task("low")
        self.assertEqual((low["state"], low["attempts"][-1]["outcome"]), ("pending", "preempted"))
        self.assertSays(low["reason"], "preempted by 'high', whose priority is 5, not 0", f"port {self.fixed} taken")
        explained = platform.apollo("task", "explain", "low").out
        self.assertSays(explained, f"1 has port {self.fixed} taken", "a higher priority")
        platform.apollo("task", "stop", "high")
        self.assertEqual(self.given(platform, "low"), [self.fixed])

    def test_ports_are_chosen_of_the_nodes_and_survive_the_manager(self):
        platform = self.start(3)
        for name in ("one", "two"):
            self.run_held(platform, name, "http=80")
        before = {name: self.given(platform, name) for name in ("one", "two")}
        platform.kill9()
        platform.restart()
        self.run_held(platform, "three", "80")
        after = {name: self.given(platform, name) for name in ("one", "two", "three")}
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertEqual(sorted(port for ports in after.values() for port in ports), self.ports)
        waits = self.run_held(platform, "four", "80")
        self.assertSays(waits["reason"], "has too few ports left to choose from")
        self.assertSays(platform.apollo("node", "status", node_name(platform)).out, f"{self.ports[0]}-{self.ports[-1]}")
        platform.apollo("task", "stop", "one")
        self.assertEqual(self.given(platform, "four"), before["one"])

    def test_a_task_finds_its_ports_by_their_names(self):
        platform = self.start()
        script = "echo $APOLLO_PORT $APOLLO_PORT_http $APOLLO_PORT_admin_ui $PORT_80"
        words = ["--port", "http=80", "--port", f"admin-ui={self.fixed}:81", "--", "sh", "-c", script]
        said = platform.apollo("task", "run", *words).out.split()
        self.assertEqual(said[0], said[1])
        self.assertIn(int(said[0]), self.ports)
        self.assertEqual(said[2:], [str(self.fixed), said[0]])

    def test_a_port_that_another_program_has_is_found_out(self):
        platform = self.start(2)
        with socket.socket() as other, socket.socket() as chosen:
            other.bind(("127.0.0.1", self.fixed))
            other.listen()
            chosen.bind(("127.0.0.1", self.ports[0]))
            chosen.listen()
            # One that is chosen is another one then.
            for name in ("a", "b"):
                self.run_held(platform, name, "80")
            eventually(
                lambda: [platform.api.task(name)["state"] for name in "ab"].count("running") == 1,
                "one of two to have the port that is free",
            )
            running = next(name for name in "ab" if platform.api.task(name)["state"] == "running")
            self.assertEqual(self.given(platform, running), [self.ports[1]])
            self.run_held(platform, "held", f"{self.fixed}:80")
            said = f"port {self.fixed} of 127.0.0.1 is in use by a program that is no task"
            eventually(
                lambda: said in str(platform.api.task("held")["attempts"]), "the attempt to say what is in its way"
            )
        self.assertEqual(self.given(platform, "held"), [self.fixed])

    def test_twice_the_same_port_in_one_task_is_refused(self):
        platform = self.start()
        words = ["--port", f"{self.fixed}:80", "--port", f"{self.fixed}:81"]
        refused = platform.apollo("task", "run", *words, "--", "true")
        self.assertCode(refused, 65)
        self.assertSays(refused.err, "ports[1].host", "given twice")

    def test_ports_that_are_no_range_are_refused_at_the_start(self):
        platform = self.make_platform(env={"APOLLO_NODE_PORTS": "30000-20000"}).begin()
        self.assertNotEqual(platform.wait(), 0)
        self.assertSays(platform.log, "node.ports", "30000-20000", "write it as")

    def test_a_plan_says_where_a_port_is_taken(self):
        platform = self.start()
        self.run_held(platform, "first", f"{self.fixed}:80")
        path = self.scratch("job.yaml")
        with open(path, "w") as file:
            file.write(
                "name: web\ntasks:\n  - name: server\n    executable: /bin/sleep\n    command: ['1000']\n"
                f"    ports: [{{name: http, container: 80, host: {self.fixed}}}]\n"
            )
        self.assertSays(platform.apollo("job", "plan", "-f", path).out, f"has port {self.fixed} taken")


def node_name(platform):
    return platform.api.get("/api/v1/nodes").json()["items"][0]["name"]


class PortsOfMachines(ApolloTestCase):
    own_platform = True

    def test_where_a_port_is_in_use_another_machine_is_tried(self):
        platform = Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=self.directory)).start()
        for name in ("one", "two"):
            platform.worker(name).start()
        port = free_ports(1)[0]
        # The two are one machine here, so that neither can have it before it is free.
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            words = ["--port", f"{port}:80", "--", "sleep", "1000"]
            self.assertCode(platform.apollo("task", "run", "-d", "--name", "web", *words), 0)
            eventually(lambda: len(nodes_of(platform, "web")) == 2, "both machines to be tried")
        platform.await_state("web", "running")


def nodes_of(platform, name):
    return {attempt["node"] for attempt in platform.api.task(name)["attempts"]}
