"""`apollo task top`: what running tasks use."""

import tempfile

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.machines import Manager

BUSY = "while :; do :; done"


class Top(ApolloTestCase):
    def test_it_shows_what_runs_and_leaves_out_what_does_not(self):
        busy = self.apollo("task", "run", "-d", "--memory", "64Mi", "--cpu", "0.5", "--", "sh", "-c", BUSY).out.strip()
        done = self.apollo("task", "run", "-d", "--", "true").out.strip()
        self.platform.await_state(busy, "running")
        self.platform.await_end(done)
        self.assertSays(self.apollo("task", "top", "--interval", "200ms").out, "CPU TIME", "WRITTEN", busy, "64Mi")

        def look():
            (row,) = self.apollo("task", "top", "--output", "json", "--interval", "200ms", busy, done).json()
            return row if row["cpuSeconds"] > 0 else None

        row = eventually(look, "it has used its processor")
        self.assertEqual((row["name"], row["memoryLimit"], row["cpuLimit"]), (busy, 64 << 20, 0.5))
        self.assertGreater(row["memory"], 0)
        self.assertEqual(row["processes"], 1)
        self.assertProblem(self.api.get(f"/api/v1/tasks/{done}/usage"), 409, "conflict", "does not run")
        self.assertCode(self.apollo("task", "top", "nosuch"), 66)
        self.assertCode(self.apollo("task", "top", "--interval", "1ms"), 2)
        self.assertCode(self.apollo("task", "stop", "--grace", "0", busy), 0)

    def test_what_is_written_to_disks_is_counted(self):
        file = self.scratch("written")
        record = self.api.shell(
            f"while :; do dd if=/dev/zero of={file} bs=64k count=16 conv=fsync 2>/dev/null; sleep 0.1; done"
        )
        self.platform.await_state(record["name"], "running")
        path = f"/api/v1/tasks/{record['name']}/usage"

        def look():
            usage = self.api.get(path).json()
            # Where neither a cgroup counts nor /proc may be read, nothing is said.
            return "writtenBytes" not in usage or usage["writtenBytes"] >= 0

        eventually(look, "disks are counted, or nothing is said of them")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", record["name"]), 0)


class TopElsewhere(ApolloTestCase):
    own_platform = True

    def test_it_asks_the_tasks_node(self):
        platform = Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=self.directory), lease="30s").start()
        worker = platform.worker("one").start()
        record = platform.api.shell(BUSY)
        platform.await_state(record["name"], "running")
        usage = platform.api.get(f"/api/v1/tasks/{record['name']}/usage").json()
        self.assertEqual(usage["node"], worker.node["id"])
        self.assertEqual(usage["processes"], 1)
