"""Containers, on an engine of the tests' own."""

import os
import shutil

from harness import eventually
from harness.engine import EngineTestCase


class Containers(EngineTestCase):
    def run_image(self, *words, options=()):
        return self.apollo("task", "run", "--image", "busybox", *options, "--", *words)

    def begin(self, script, *options):
        name = self.unique("box")
        outcome = self.apollo(
            "task", "run", "-d", "--name", name, "--image", "busybox", *options, "--", "sh", "-c", script
        )
        self.assertCode(outcome, 0)
        self.platform.await_state(name, "running", "completed", "failed")
        return name

    def containers(self, name):
        """The containers of the task, running or not."""
        id = self.api.task(name)["id"]
        return [
            line
            for line in self.docker("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Labels}}").splitlines()
            if id in line
        ]

    def test_the_command_of_the_manual_says_hello(self):
        outcome = self.apollo.shell("apollo task run --image busybox -- echo hello")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (0, "hello\n", ""))

    def test_streams_stay_apart_and_codes_are_passed_on(self):
        outcome = self.run_image("sh", "-c", "echo out; echo err >&2; exit 9")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (9, "out\n", "err\n"))
        self.assertCode(self.run_image("sh", "-c", "kill -9 $$"), 137)

    def test_output_of_five_megabytes_is_complete(self):
        with open(os.path.realpath(shutil.which("busybox")), "rb") as file:
            program = file.read()
        times = 5_000_000 // len(program) + 1
        outcome = self.run_image("cat", *["/bin/busybox"] * times)
        self.assertEqual(outcome.raw_out, program * times)

    def test_many_lines_are_complete_and_in_order(self):
        outcome = self.run_image("seq", "1", "50000")
        self.assertEqual(outcome.raw_out, "".join(f"{n}\n" for n in range(1, 50001)).encode())

    def test_an_image_that_does_not_exist_is_named_and_leaves_nothing(self):
        name = self.unique("missing")
        outcome = self.apollo(
            "task", "run", "--name", name, "--pull", "never", "--image", "no-such-image:1", "--", "true"
        )
        self.assertCode(outcome, 1)
        self.assertIn("no-such-image:1", outcome.err)
        self.assertEqual(self.api.task(name)["state"], "failed")
        self.assertEqual(self.containers(name), [])

    def test_a_command_that_is_not_in_the_image_is_named(self):
        name = self.unique("nothing")
        outcome = self.apollo("task", "run", "--name", name, "--image", "busybox", "--", "no-such-command")
        self.assertCode(outcome, 1)
        self.assertIn("no-such-command", outcome.err)
        self.assertCode(self.apollo("task", "rm", name), 0)

    def test_a_command_inside_the_container_says_whether_it_is_healthy(self):
        name = self.begin(
            "touch /tmp/ready; exec sleep 1000", "--health-exec", "ls /tmp/ready >/dev/null && echo yes",
            "--health-interval", "200ms", "--health-retries", "2", "--restart", "never",
        )  # fmt: skip

        def health():
            return self.api.task(name)["attempts"][-1].get("health", {})

        eventually(lambda: health().get("state") == "healthy", "it is healthy")
        self.assertSays(health()["reason"], "ended well")
        self.assertCode(self.apollo("task", "exec", name, "--", "busybox", "rm", "/tmp/ready"), 0)
        record = self.platform.await_end(name)
        self.assertEqual(record["state"], "failed")
        self.assertSays(record["reason"], "unhealthy: ", "ended with exit code 1: ", "(2 times in a row)")

    def test_limits_are_visible_inside(self):
        outcome = self.run_image(
            "sh",
            "-c",
            "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null",
            options=("--memory", "32Mi"),
        )
        self.assertEqual(outcome.out.split()[:1], [str(32 << 20)])
        outcome = self.run_image(
            "sh",
            "-c",
            "cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null",
            options=("--cpu", "0.5"),
        )
        self.assertEqual(outcome.out.split()[0], "50000")

    def test_memory_beyond_the_limit_says_so(self):
        outcome = self.run_image(
            "sh", "-c", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done", options=("--memory", "16Mi")
        )
        self.assertCode(outcome, 137)
        self.assertIn("out of memory", outcome.err)

    def test_surroundings_are_given(self):
        outcome = self.run_image(
            "sh", "-c", "echo $A; pwd; id -u", options=("--env", "A=b c", "--workdir", "/tmp", "--user", "1234")
        )
        self.assertEqual(outcome.out, "b c\n/tmp\n1234\n")

    def test_a_mount_shows_what_it_mounts(self):
        path = self.scratch("file")
        with open(path, "w") as file:
            file.write("from the machine\n")
        outcome = self.run_image(
            "sh",
            "-c",
            "cat /data/file; touch /data/new || echo refused",
            options=("--mount", f"{os.path.dirname(path)}:/data:ro"),
        )
        self.assertSays(outcome.out, "from the machine", "refused")

    def test_stop_asks_then_kills(self):
        polite = self.begin("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done")
        self.platform.await_output(polite, "up\n")
        self.assertCode(self.apollo("task", "stop", polite), 0)
        self.assertEqual(self.api.task(polite)["attempts"][0]["exitCode"], 3)
        self.assertEqual(self.apollo("task", "logs", polite).out, "up\nbye\n")
        stubborn = self.begin("trap '' TERM; echo up; while :; do sleep 0.1; done")
        self.platform.await_output(stubborn, "up\n")
        self.assertCode(self.apollo("task", "stop", "--grace", "300ms", stubborn), 0)
        self.assertEqual(self.api.task(stubborn)["attempts"][0]["exitCode"], 137)

    def test_nothing_is_left_after_rm(self):
        name = self.begin("exit 0")
        self.platform.await_end(name)
        id = self.api.task(name)["id"]
        self.assertCode(self.apollo("task", "rm", name), 0)
        eventually(
            lambda: id not in self.docker("ps", "-a", "--no-trunc", "--format", "{{.Labels}}"),
            "its container is gone",
        )

    def test_node_ls_names_the_engine(self):
        self.assertRegex(self.apollo("node", "ls").out, r"docker \(Docker \d+")

    def test_a_container_of_any_user_gets_secrets_read_only(self):
        value = "needle-" + os.urandom(8).hex()
        self.api.call("PUT", "/api/v1/secrets/db", json={"text": value})
        outcome = self.apollo(
            "task", "run", "--image", "busybox", "--user", "1234", "--secret", "db", "--secret", "db:/etc/db/pw:1",
            "--secret-env", "PW=db", "--name", "with-secrets", "--", "sh", "-c",
            'cat "$APOLLO_SECRETS_DIR/db" /etc/db/pw; echo "$PW"; echo x 2>&1 > /etc/db/pw || echo refused',
        )
        self.assertCode(outcome, 0)
        self.assertEqual(outcome.out.splitlines()[0], value * 3)
        self.assertIn("refused", outcome.out)
        record = self.apollo("task", "status", "with-secrets", "-o", "json").json()
        self.assertNotIn(value, str(record))

    def test_what_runs_is_adopted_after_a_kill(self):
        platform = self.make_platform(engine=self.socket).start()
        record = platform.api.post(
            "/api/v1/tasks",
            json={
                "image": "busybox",
                "command": ["sh", "-c", "echo up; while [ ! -e /data/gate ]; do sleep 0.1; done; exit 6"],
                "mounts": [{"source": self.directory, "target": "/data"}],
            },
        ).json()
        platform.await_output(record["name"], "up\n")
        container = self.docker("ps", "-q", "--no-trunc", "--filter", "status=running").split()
        platform.kill9()
        platform.restart()
        after = platform.api.task(record["name"])
        self.assertEqual((after["state"], after["attemptCount"]), ("running", 1))
        self.assertLessEqual(set(container[:1]), set(self.docker("ps", "-q", "--no-trunc").split()))
        platform.kill9()
        open(os.path.join(self.directory, "gate"), "w").close()
        platform.restart()
        after = platform.await_end(record["name"])
        self.assertEqual((after["state"], after["attemptCount"], after["attempts"][0]["exitCode"]), ("failed", 1, 6))
        self.assertEqual(platform.apollo("task", "logs", record["name"]).out, "up\n")
        self.assertCode(platform.apollo("task", "rm", record["name"]), 0)
        platform.terminate()
