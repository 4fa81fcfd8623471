"""Ports and GPUs of containers, on an engine of the tests' own that takes a program for NVIDIA's container toolkit."""

import os
import socket
import stat

from harness import eventually
from harness.engine import EngineTestCase
from harness.ports import free_ports

UUIDS = [f"GPU-5a0c8f1e-0000-1111-2222-33334444555{number}" for number in range(2)]

# What the engine was asked for.
DEVICES = "{{json (index .HostConfig.DeviceRequests 0).DeviceIDs}}"


def write_program(path, script):
    with open(path, "w") as file:
        file.write(f"#!/bin/sh\n{script}\n")
    os.chmod(path, stat.S_IRWXU)


class ContainerDevices(EngineTestCase):
    @classmethod
    def make_directory(cls):
        super().make_directory()
        tools = os.path.join(cls.directory, "tools")
        os.mkdir(tools)
        rows = "".join(f"{number}, {uuid}, 40536, 0, 0, NVIDIA A100\\n" for number, uuid in enumerate(UUIDS))
        write_program(os.path.join(tools, "nvidia-smi"), f"printf '{rows}'")
        # The engine gives GPUs to containers by this program, which it finds on its PATH.
        write_program(os.path.join(tools, "nvidia-container-runtime-hook"), "exec cat > /dev/null")
        cls.variables = {"PATH": f"{tools}:{os.environ['PATH']}"}
        *cls.ports, cls.fixed = free_ports(3)

    @classmethod
    def make_own_platform(cls):
        ports = {"APOLLO_NODE_PORTS": f"{cls.ports[0]}-{cls.ports[-1]}"}
        return cls.make_platform(engine=cls.socket, env={**cls.variables, **ports}).start()

    def run_held(self, name, *options):
        words = ["task", "run", "-d", "--name", name, "--image", "busybox", *options, "--", "sleep", "1000"]
        self.assertCode(self.apollo(*words), 0)
        self.addCleanup(self.apollo, "task", "stop", "--grace", "0", name)
        return self.api.task(name)

    def inspect(self, name, what):
        (found,) = self.containers(name)
        return self.docker("inspect", "--format", what, found.split()[0]).strip()

    def containers(self, name):
        attempt = self.platform.await_state(name, "running")["attempts"][-1]["id"]
        listed = self.docker("ps", "--no-trunc", "--format", "{{.ID}} {{.Labels}}")
        return [line for line in listed.splitlines() if attempt in line]

    def test_a_container_is_given_the_gpus_that_its_task_has_and_no_others(self):
        for name, uuid in zip(("a", "b"), UUIDS):
            self.run_held(name, "--gpus", "1")
            given = self.platform.await_state(name, "running")["attempts"][-1]["gpus"]
            self.assertEqual([gpu["uuid"] for gpu in given], [uuid])
            self.assertEqual(self.inspect(name, DEVICES), f'["{uuid}"]')
        waits = self.run_held("c", "--gpus", "1")
        self.assertSays(waits["reason"], "has 0 of 2 GPUs free")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", "b"), 0)
        self.platform.await_state("c", "running")
        self.assertEqual(self.inspect("c", DEVICES), f'["{UUIDS[1]}"]')

    def test_a_chosen_port_of_the_node_leads_into_the_container(self):
        script = "while true; do echo hello | nc -l -p 80; done"
        words = ["task", "run", "-d", "--name", "web", "--image", "busybox", "--port", "http=80"]
        self.assertCode(self.apollo(*words, "--", "sh", "-c", script), 0)
        self.addCleanup(self.apollo, "task", "stop", "--grace", "0", "web")
        (port,) = self.platform.await_state("web", "running")["attempts"][-1]["ports"]
        self.assertIn(port["host"], self.ports)
        self.assertEqual(port["container"], 80)

        def answer():
            try:
                with socket.create_connection(("127.0.0.1", port["host"]), timeout=2) as connection:
                    return connection.recv(100)
            except OSError:
                return None

        self.assertEqual(eventually(answer, "the container answers"), b"hello\n")

    def test_a_fixed_port_goes_to_one_container_and_then_to_the_next(self):
        self.run_held("first", "--port", f"{self.fixed}:80")
        self.platform.await_state("first", "running")
        waits = self.run_held("second", "--port", f"{self.fixed}:80")
        self.assertSays(waits["reason"], f"has port {self.fixed} taken")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", "first"), 0)
        (port,) = self.platform.await_state("second", "running")["attempts"][-1]["ports"]
        self.assertEqual(port["host"], self.fixed)

    def test_a_chosen_port_that_another_program_has_is_left_to_it(self):
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", self.ports[0]))
            other.listen()
            self.run_held("aside", "--port", "80")
            (port,) = self.platform.await_state("aside", "running")["attempts"][-1]["ports"]
            self.assertEqual(port["host"], self.ports[1])
