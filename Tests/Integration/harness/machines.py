"""A manager and workers of the test's own, each a process, on one machine."""

import os
import signal
import subprocess

from .platform import Platform
from .waiting import eventually


class Worker:
    """`apollo worker` on a data directory of its own, for one manager."""

    def __init__(self, manager, name, *options):
        self.manager, self.name, self.options = manager, name, list(options)
        self.data = os.path.join(manager.scratch, f"worker-{name}")
        self.process = None
        self.binary = manager.binary
        self.said = os.path.join(manager.scratch, f"{name}.out")
        self.logged = os.path.join(manager.scratch, f"{name}.err")

    def begin(self, *options, invitation=None):
        with open(self.said, "ab") as said, open(self.logged, "ab") as logged:
            self.process = subprocess.Popen(
                [self.binary, "worker", "--data", self.data, "--port", "0", "--name", self.name]
                + ["--docker-socket", os.path.join(self.manager.scratch, "no-engine.sock")]
                + [*self.options, *options]
                + (["--join-file", "-"] if invitation else []),
                env={**self.manager.environment, "APOLLO_DATA_DIRECTORY": self.data},
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=logged,
                start_new_session=True,
                cwd=self.manager.scratch,
            )
        self.process.stdin.write((invitation or "").encode())
        self.process.stdin.close()
        return self

    def start(self, *options):
        """Starts it, joined by a new token the first time, and returns when it is ready."""
        is_new = not os.path.exists(os.path.join(self.data, "worker", "node.crt"))
        self.begin(*options, invitation=self.manager.invitation() if is_new else None)
        return self.ready()

    def ready(self):
        def look():
            if self.process.poll() is not None:
                raise AssertionError(f"worker {self.name} ended with {self.process.returncode}: {self.log}")
            return self.state == "ready"

        eventually(look, f"worker {self.name} is ready")
        return self

    @property
    def node(self):
        """What the manager knows of it; None for nothing."""
        nodes = self.manager.api.get("/api/v1/nodes").json()["items"]
        return next((node for node in nodes if node["name"] == self.name), None)

    @property
    def state(self):
        node = self.node
        return node and node["state"]

    @property
    def log(self):
        with open(self.logged, errors="replace") as file:
            return file.read()

    def await_state(self, state):
        try:
            eventually(lambda: self.state == state, f"node {self.name} is {state}")
        except AssertionError as failure:
            raise AssertionError(f"{failure}; it is {self.state}, and said: {self.log[-2000:]}") from None
        return self.node

    def signal(self, number):
        self.process.send_signal(number)

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def terminate(self, within=60):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)


class Manager(Platform):
    """`apollo manager` on a data directory of its own and free ports."""

    def __init__(self, binary, scratch, *options, lease="2s", environment=None):
        options = ("--nodes-port", "0", "--lease", lease, *options)
        super().__init__(binary, scratch, *options, env=environment, verb="manager")

    def invitation(self, *options):
        made = self.apollo("node", "token", "create", *options)
        if made.code != 0:
            raise AssertionError(f"no token: {made!r}")
        return f"{made.out.strip()}@{self.address.removeprefix('http://')}"

    def worker(self, name, *options):
        return Worker(self, name, *options)
