"""A disk that fills up while the platform runs."""

import os
import subprocess

from harness import ApolloTestCase, eventually, needs


class FullDisk(ApolloTestCase):
    own_platform = True

    def setUp(self):
        self.platform = self.make_platform()
        os.makedirs(self.platform.data, mode=0o700)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "apollo-test", self.platform.data], check=True
        )
        self.platform.start()

    def fill(self):
        """Takes the last byte of the disk."""
        path = os.path.join(self.platform.data, "ballast")
        with open(path, "wb", buffering=0) as file:
            size = 1 << 16
            while size:
                try:
                    file.write(b"x" * size)
                except OSError:
                    size //= 2

    def free(self):
        os.unlink(os.path.join(self.platform.data, "ballast"))

    def await_refusal(self):
        """Submits until there is no room in what the database holds already, and returns the refusal."""

        def look():
            answer = self.api.post("/api/v1/tasks", json={"executable": "/bin/true"})
            return answer if answer.status != 201 else None

        return eventually(look, "a submission is refused")

    @needs.root
    def test_submissions_are_refused_clearly_and_work_again_when_there_is_room(self):
        running = self.api.shell("echo up; exec sleep 1000")
        self.platform.await_output(running["name"], "up\n")
        self.fill()
        refusal = self.await_refusal()
        self.assertProblem(refusal, 429, "exhausted", "full")
        self.assertTrue(refusal.json()["hint"])
        before = {task["id"] for task in self.api.tasks()}
        outcome = self.apollo("task", "run", "--name", "refused", "--", "true")
        self.assertCode(outcome, 71)
        self.assertSays(outcome.err, "full", "hint: ")
        # Nothing half-made: neither a task nor its name.
        self.assertEqual({task["id"] for task in self.api.tasks()}, before)
        self.assertCode(self.apollo("task", "status", "refused"), 66)
        # It says so of itself, and what runs is still watched and can be read and stopped.
        health = self.api.get("/healthz")
        self.assertEqual((health.status, health.text), (503, "storage does not work\n"))
        self.assertEqual(self.api.task(running["name"])["state"], "running")
        self.assertEqual(self.apollo("task", "logs", running["name"]).out, "up\n")
        self.free()
        self.assertCode(self.apollo("task", "run", "--name", "refused", "--", "true"), 0)
        self.assertEqual(self.api.get("/healthz").status, 200)

    @needs.root
    def test_what_ends_while_the_disk_is_full_is_known_and_kept(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"echo up; while [ ! -e {gate} ]; do sleep 0.05; done; exit 7")
        self.platform.await_output(record["name"], "up\n")
        self.fill()
        self.await_refusal()
        open(gate, "w").close()
        self.assertEqual(self.platform.await_end(record["name"])["attempts"][0]["exitCode"], 7)
        self.free()
        self.assertCode(self.apollo("task", "run", "--", "true"), 0)
        self.platform.kill9()
        self.platform.restart()
        after = self.platform.await_end(record["name"])
        self.assertEqual((after["state"], after["attemptCount"], after["attempts"][0]["exitCode"]), ("failed", 1, 7))

    @needs.root
    def test_a_running_task_is_stopped_on_a_full_disk(self):
        record = self.api.shell("echo up; exec sleep 1000")
        self.platform.await_output(record["name"], "up\n")
        self.fill()
        self.await_refusal()
        self.apollo("task", "stop", "--grace", "0", "--no-wait", record["name"])
        eventually(lambda: self.api.task(record["name"])["state"] == "stopped", "it is stopped all the same")

    @needs.root
    def test_killed_on_a_full_disk_it_starts_again_when_there_is_room(self):
        record = self.api.shell("echo up; exec sleep 1000")
        self.platform.await_output(record["name"], "up\n")
        self.fill()
        acknowledged = {task["id"] for task in self.api.tasks()}
        self.await_refusal()
        self.platform.kill9()
        self.platform.begin()
        try:
            code = self.platform.wait(within=20)
            self.assertIn(code, (69, 71), self.platform.log)
            self.assertIn("hint: ", self.platform.log)
        except subprocess.TimeoutExpired:
            self.platform.kill9()  # It has found room enough to start.
        self.free()
        self.platform.restart()
        self.assertLessEqual(acknowledged, {task["id"] for task in self.api.tasks("limit=1000")})
        after = self.api.task(record["name"])
        self.assertEqual((after["state"], after["attemptCount"]), ("running", 1))

    @needs.root
    def test_output_that_finds_no_room_does_not_stop_the_task(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"echo up; while [ ! -e {gate} ]; do sleep 0.05; done; seq 1 1000; exit 4")
        self.platform.await_output(record["name"], "up\n")
        self.fill()
        open(gate, "w").close()
        after = self.platform.await_end(record["name"])
        self.assertEqual(after["attempts"][0]["exitCode"], 4)
        self.assertTrue(self.apollo("task", "logs", record["name"]).out.startswith("up\n"))
        self.free()
