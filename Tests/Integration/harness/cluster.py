"""Managers and workers, each in a network namespace, over a PostgreSQL server that is in another."""

import os
import subprocess

from .failover import FailoverManager, Switch
from .waiting import eventually


class Cluster:
    """Two managers and some workers that have joined. Whoever makes it goes to the middle of their network, from where
    everybody is reached, with all that it starts later."""

    PORT = "7070"

    def __init__(self, binary, place, server, workers=("w1", "w2")):
        self.binary, self.place = binary, place
        self.switch = Switch(place, binary)
        self.managers, self.workers = [], []
        try:
            self.switch.serve(os.path.join(server.directory, f".s.PGSQL.{server.port}"))
            self.switch.enter(self.switch.hub)
            server.create("cluster")
            self.key = os.path.join(place, "secrets.key")
            first = self.make_manager("m1", 11)
            with open(os.open(self.key, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(first.apollo("secret", "new-key").out)
            first.start("--port", self.PORT).await_role("leader")
            second = self.make_manager("m2", 12)
            second.start("--port", self.PORT, "--join-file", self.invitation(second)).await_role("standby")
            for number, name in enumerate(workers):
                self.make_worker(name, 21 + number).begin(invitation=first.invitation())
            self.await_whole()
        except BaseException:
            self.close()
            raise

    def make_manager(self, name, number):
        manager = FailoverManager(
            self.switch.member(name, number), os.path.join(self.place, name), name,
            f"postgres://apollo@{Switch.DATABASE}/cluster?sslmode=disable", self.key,
        )
        manager.options += ["--listen", f"10.232.0.{number}", "--tls", "own"]
        self.managers.append(manager)
        return manager

    def make_worker(self, name, number):
        address = f"10.232.0.{number}"
        worker = self.managers[0].worker(name, "--listen", address, "--dns", f"{address}:53")
        worker.address = address
        worker.binary = self.switch.member(name, number)
        self.workers.append(worker)
        return worker

    def invitation(self, manager):
        path = os.path.join(manager.scratch, "invitation")
        with open(path, "w") as file:
            file.write(self.managers[0].invitation() + "\n")
        return path

    def resolve(self, name, worker):
        """The addresses of a name, as a program finds them on a machine that asks the worker's DNS (getaddrinfo(3))."""
        file = os.path.join(self.place, f"resolv.{worker.name}")
        with open(file, "w") as text:
            text.write(f"nameserver {worker.address}\noptions timeout:2 attempts:1\n")
        script = f"mount --bind {file} /etc/resolv.conf && exec getent ahostsv4 {name}"
        found = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, timeout=60)
        return sorted({line.split()[0] for line in found.stdout.splitlines()})

    @property
    def leader(self):
        return next((manager for manager in self.managers if manager.role == "leader"), None)

    def nodes(self):
        """What the leader knows of machines, by name; nothing where none leads."""
        leader = self.leader
        answer = leader and leader.api.get("/api/v1/nodes")
        return {node["name"]: node for node in answer.json()["items"]} if answer and answer.status == 200 else {}

    def await_node(self, name, state):
        return eventually(
            lambda: (node := self.nodes().get(name)) and node["state"] == state and node, f"{name} is {state}"
        )

    def await_whole(self):
        """One leads, the other stands by, and every worker is ready; returns the one that leads."""

        def look():
            for worker in self.workers:
                if worker.process.poll() is not None:
                    raise AssertionError(f"{worker.name} ended: {worker.log}")
            roles = {manager.name: manager.role for manager in self.managers}
            states = {name: node["state"] for name, node in self.nodes().items()}
            is_whole = sorted(map(str, roles.values())) == ["leader", "standby"]
            return is_whole and len(states) == len(self.workers) and set(states.values()) == {"ready"}

        eventually(look, "the cluster is whole", within=90)
        return self.leader

    def close(self):
        for part in (*self.workers, *self.managers):
            if part.process is not None and part.process.poll() is None:
                part.kill9()
        self.switch.close()
