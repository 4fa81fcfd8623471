"""Several managers over one PostgreSQL server, and what cuts them off from it."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

from .api import API
from .machines import Manager
from .namespaces import Namespaces
from .waiting import eventually


class Wire:
    """A way to a TCP port, or a unix socket, that can be cut: then nothing moves, and nobody is told, as where a cable
    is pulled."""

    def __init__(self, target, address=("127.0.0.1", 0)):
        self.target = target
        self.listener = socket.create_server(address)
        self.port = self.listener.getsockname()[1]
        self.whole = threading.Event()
        self.whole.set()
        self.closed = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.closed:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.connect, args=(near,), daemon=True).start()

    def connect(self, near):
        self.whole.wait()
        try:
            far = self.reach()
        except OSError:
            near.close()
            return
        threading.Thread(target=self.pump, args=(near, far), daemon=True).start()
        self.pump(far, near)

    def reach(self):
        if isinstance(self.target, int):
            far = socket.create_connection(("127.0.0.1", self.target), timeout=20)
            far.settimeout(None)
        else:
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
        return far

    def pump(self, source, sink):
        try:
            while piece := source.recv(65536):
                self.whole.wait()
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.whole.clear()

    def mend(self):
        self.whole.set()

    def close(self):
        self.closed = True
        self.mend()
        self.listener.close()


class FailoverManager(Manager):
    """`apollo manager` on a database that others use, too."""

    def __init__(self, binary, scratch, name, url, key, lease="2s", leadership="3s"):
        os.makedirs(scratch)
        super().__init__(
            binary, scratch, "--name", name, "--database", url, lease=lease,
            environment={
                "APOLLO_SECRETS_KEY_FILE": key,
                "APOLLO_MANAGER_LEASE": leadership,
                # What all of a test's managers reach.
                "APOLLO_OBJECTS_DIRECTORY": os.path.join(os.path.dirname(scratch), "objects"),
            },
        )
        self.name = name

    @property
    def role(self):
        """`leader` or `standby`, as its own metrics have it; None where it does not answer."""
        try:
            answer = self.api.get("/metrics", within=5)
        except (OSError, AttributeError, ValueError):
            return None
        for line in answer.text.splitlines():
            if line.startswith("apollo_leader "):
                return "leader" if float(line.split()[1]) else "standby"
        return None

    def await_role(self, role, within=40.0):
        eventually(lambda: self.role == role, f"{self.name} is {role}", within=within)
        return self


class Ledger:
    """Where tasks write their names as they run."""

    def __init__(self, path):
        self.path = path

    def runs(self):
        try:
            with open(self.path) as file:
                return file.read().split()
        except FileNotFoundError:
            return []

    def check(self, case, leader, acknowledged, once=True):
        """Every acknowledged task is there under the identifier that was told, and ran once: where that cannot be
        promised, once for each attempt at the most."""
        case.assertGreater(len(acknowledged), 20)
        for name in acknowledged:
            leader.await_end(name)
        listed = {}
        for task in leader.api.every_task():
            case.assertNotIn(task["name"], listed)
            listed[task["name"]] = task
        runs = self.runs()
        for name, identifier in acknowledged.items():
            task = listed[name]
            case.assertEqual(task["id"], identifier)
            case.assertEqual(task["state"], "completed", task)
            case.assertGreaterEqual(runs.count(name), 1, task)
            case.assertLessEqual(runs.count(name), 1 if once else task["attemptCount"], task)


class Submitter(threading.Thread):
    """Submits tasks one after the other, whoever leads, and keeps which were acknowledged. What got no answer is sent
    again with the same key until it gets one."""

    def __init__(self, managers, ledger, stem="t", **fields):
        super().__init__(daemon=True)
        self.managers, self.ledger, self.stem, self.fields = managers, ledger, stem, fields
        self.token, self.authorities = managers[0].token, managers[0].authorities
        self.addresses = [manager.address for manager in managers]
        self.acknowledged = {}
        self.ending = threading.Event()
        self.longest_gap = 0.0

    def run(self):
        address, number, last = self.addresses[0], 0, time.monotonic()
        while not self.ending.is_set():
            name = f"{self.stem}-{number}"
            task = {
                **self.fields,
                "name": name,
                "executable": "/bin/sh",
                "command": ["-c", f"echo {name} >> {self.ledger.path}"],
            }
            try:
                answer = API(address, self.token, self.authorities).call(
                    "POST", "/api/v1/tasks", json=task, headers={"Idempotency-Key": name}, within=5
                )
            except OSError:
                answer = None
            if answer is not None and answer.status in (200, 201):
                self.acknowledged[name] = answer.json()["id"]
                number += 1
                now = time.monotonic()
                self.longest_gap, last = max(self.longest_gap, now - last), now
                self.ending.wait(0.02)
                continue
            if answer is not None and 400 <= answer.status < 500:
                raise AssertionError(f"{name} is refused: {answer!r}")
            if answer is not None and answer.status == 307:
                parts = urllib.parse.urlsplit(answer.headers["Location"])
                address = f"{parts.scheme}://{parts.netloc}"
                continue
            address = self.addresses[(self.addresses.index(address) + 1) % len(self.addresses)]
            self.ending.wait(0.2)

    def finish(self):
        self.ending.set()
        self.join(60)
        return self.acknowledged


class Switch(Namespaces):
    """A network of namespaces around one, 10.232.0.1; each of the others has a cable to it that can be cut."""

    HUB = "10.232.0.1"
    DATABASE = "10.232.0.2"

    def __init__(self, scratch, binary):
        super().__init__(scratch, binary)
        self.process = None
        self.hub = self.namespace("hub")
        self.run("ip", "-n", self.hub, "link", "add", "sw", "type", "bridge")
        self.run("ip", "-n", self.hub, "addr", "add", f"{self.HUB}/24", "dev", "sw")
        self.set_link(self.hub, "sw", "up")

    def member(self, name, number):
        """A namespace with the address 10.232.0.NUMBER, and the program as it runs there."""
        return self.program(self.plug(name, number))

    def plug(self, name, number):
        space = self.namespace(name)
        self.run("ip", "-n", self.hub, "link", "add", name, "type", "veth", "peer", "name", "up0", "netns", space)
        self.run("ip", "-n", self.hub, "link", "set", name, "master", "sw")
        self.run("ip", "-n", space, "addr", "add", f"10.232.0.{number}/24", "dev", "up0")
        self.set_link(space, "up0", "up")
        self.mend(name)
        return space

    def serve(self, path):
        """Has the database's unix socket answer at 10.232.0.2:5432, behind a cable of its own called `db`."""
        space = self.plug("db", 2)
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", space, sys.executable, "-m", "harness.failover", path, self.DATABASE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=os.path.dirname(os.path.dirname(__file__)),
        )
        self.process.stdout.readline()

    def cut(self, name):
        self.set_link(self.hub, name, "down")

    def mend(self, name):
        self.set_link(self.hub, name, "up")

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        super().close()


if __name__ == "__main__":
    Wire(sys.argv[1], (sys.argv[2], 5432))
    print("ready", flush=True)
    sys.stdin.read()
