"""Limits, and waiting for room."""

import os
import signal

from harness import ApolloTestCase, eventually, needs


class Limits(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        node = cls.platform.api.get("/api/v1/nodes").json()["items"][0]
        detail = next(r["detail"] for r in node["runtimes"] if r["kind"] == "process")
        cls.enforced = detail.partition("limits: ")[2].split(", ")

    def needs_controller(self, name):
        if name not in self.enforced:
            self.skipTest(f"this machine enforces no {name} limit for processes ({', '.join(self.enforced)})")

    def test_memory_beyond_the_limit_kills_the_task_and_says_so(self):
        self.needs_controller("memory")
        outcome = self.apollo(
            "task", "run", "--memory", "32Mi", "--name", "greedy", "--", "python3", "-c", "x = bytearray(200 << 20)"
        )
        self.assertCode(outcome, 137)
        self.assertIn("out of memory (limit 32Mi)", outcome.err)
        record = self.api.task("greedy")
        self.assertEqual(record["state"], "failed")
        self.assertIn("out of memory", record["reason"])

    def test_memory_within_the_limit_is_given(self):
        outcome = self.apollo(
            "task", "run", "--memory", "256Mi", "--", "python3", "-c", "print(len(bytearray(64 << 20)))"
        )
        self.assertEqual((outcome.code, outcome.out), (0, f"{64 << 20}\n"))

    def test_the_memory_of_a_child_counts_too(self):
        self.needs_controller("memory")
        outcome = self.apollo(
            "task", "run", "--memory", "32Mi", "--", "sh", "-c", "python3 -c 'x = bytearray(200 << 20)'; exit 42"
        )
        self.assertCode(outcome, 42)
        self.assertIn("out of memory (limit 32Mi)", outcome.err)

    def test_the_processor_is_shared_out(self):
        self.needs_controller("cpu")
        # A loop of a fixed amount of work, measured by what the kernel accounts to it and by the clock.
        script = (
            "import time\nbegan, used = time.monotonic(), time.process_time()\n"
            "while time.process_time() - used < 0.5: pass\n"
            "print((time.process_time() - used) / (time.monotonic() - began))"
        )
        outcome = self.apollo("task", "run", "--cpu", "0.2", "--", "python3", "-c", script)
        self.assertCode(outcome, 0)
        # A period's quota may be used at its beginning and its end: somewhat more than 0.2 over so short a time.
        self.assertLess(float(outcome.out), 0.35)

    def test_more_processes_than_allowed_cannot_be_made(self):
        self.needs_controller("pids")
        outcome = self.apollo(
            "task",
            "run",
            "--processes",
            "5",
            "--",
            "python3",
            "-c",
            "import os, time\nmade = 0\ntry:\n  while made < 50:\n"
            "    if os.fork() == 0: time.sleep(60)\n    made += 1\n"
            "except BlockingIOError: print(made)",
        )
        self.assertEqual((outcome.code, outcome.out), (0, "4\n"))

    def test_a_process_with_too_much_on_disk_is_ended_and_says_so(self):
        name = self.unique("writer")
        script = "echo $APOLLO_DIRECTORY; [ $PWD = $APOLLO_DIRECTORY ] && head -c 5000000 /dev/zero > big; sleep 1000"
        words = ["--name", name, "--disk", "2Mi", "--", "sh", "-c", script]
        outcome = self.apollo("task", "run", *words)
        self.assertCode(outcome, 137)
        record = self.platform.await_state(name, "failed")
        self.assertRegex(record["reason"], r"^used 4\.\S+ of disk, more than its limit of 2Mi$")
        self.assertSays(self.apollo("task", "status", name).out, "disk 2Mi", "more than its limit of 2Mi")
        # What it had is gone with it.
        eventually(lambda: not os.path.exists(outcome.out.strip()), "its directory to be removed")

    @needs.root
    def test_a_process_of_another_user_has_its_disk_limited_too(self):
        name = self.unique("other")
        script = (
            'pwd; id -u; stat -c "%u %a" .; echo x > $TMPDIR/mine && ls $APOLLO_DIRECTORY; '
            "head -c 8M /dev/zero > big; sleep 60"
        )
        words = ["--name", name, "--user", "1234", "--disk", "2Mi", "--", "sh", "-c", script]
        outcome = self.apollo("task", "run", *words)
        self.assertCode(outcome, 137)
        self.assertSays(outcome.err, "of disk, more than its limit of 2Mi")
        place, user, rights, found = outcome.out.splitlines()[:4]
        self.assertEqual((user, rights, found), ("1234", "1234 700", "mine"))
        # It was there for that process alone, and is gone with it.
        self.assertTrue(place.startswith("/run/apollo-scratch/"), place)
        eventually(lambda: not os.path.exists(place), "its directory is gone")
        left = os.path.join(self.platform.data, "processes", "scratch")
        eventually(lambda: os.path.basename(place) not in os.listdir(left), "what was in it is gone")

    def test_a_limit_of_the_disk_holds_after_the_platform_was_killed(self):
        name, latch = self.unique("later"), self.scratch("latch")
        script = f"echo up; while [ ! -e {latch} ]; do sleep 0.1; done; head -c 5000000 /dev/zero > big; sleep 1000"
        self.apollo("task", "run", "-d", "--name", name, "--disk", "2Mi", "--", "sh", "-c", script)
        self.platform.await_output(name, "up")
        self.platform.kill9()
        self.platform.restart()
        open(latch, "w").close()
        self.assertSays(self.platform.await_state(name, "failed")["reason"], "more than its limit of 2Mi")

    def test_a_limit_below_the_least_is_refused_with_its_field(self):
        outcome = self.apollo("task", "run", "--memory", "1Mi", "--", "true")
        self.assertCode(outcome, 65)
        self.assertSays(outcome.err, "resources.memory")


class Room(ApolloTestCase):
    """Each test takes the whole machine, by what it asks for: tasks of other tests would be in the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        capacity = cls.platform.api.get("/api/v1/nodes").json()["items"][0]["capacity"]
        cls.memory, cls.cores = capacity["memory"], capacity["cpuMillis"] / 1000

    def tearDown(self):
        self.apollo("task", "stop", "--all", "--grace", "0")

    def test_a_task_that_asks_for_more_than_there_is_waits_and_says_why(self):
        name = self.unique("huge")
        outcome = self.apollo("task", "run", "-d", "--name", name, "--memory", "900Ti", "--", "true")
        self.assertCode(outcome, 0)
        record = self.platform.await_state(name, "pending")
        self.assertSays(record["reason"], "waiting for room", "memory free, asked are 900Ti")
        self.assertIn("asked are 900Ti", self.apollo("task", "ps").out)
        self.assertEqual(record["attemptCount"], 0)

    def test_a_task_that_finds_no_room_in_time_has_failed_and_says_what_it_waited_for(self):
        name = self.unique("huge")
        run = self.apollo("task", "run", "--name", name, "--memory", "900Ti", "--start-within", "300ms", "--", "true")
        self.assertCode(run, 1)
        self.assertSays(run.err, "did not start within 300ms: waiting for room", "memory free, asked are 900Ti")
        record = self.api.task(name)
        self.assertEqual((record["state"], record["attemptCount"]), ("failed", 0))

    def test_a_bound_for_the_start_outlives_a_kill_of_the_platform(self):
        platform = self.make_platform().start()
        try:
            task = platform.api.submit("/bin/true", resources={"memory": 900 << 40}, startWithin=3)
            platform.kill9()
            platform.start()
            record = platform.await_end(task["name"])
            self.assertEqual(record["state"], "failed")
            self.assertSays(record["reason"], "did not start within 3s: waiting for room")
        finally:
            platform.kill9()

    def test_it_starts_when_room_comes(self):
        first = self.api.submit("/bin/sleep", "1000", resources={"memory": self.memory - (8 << 20)})
        second = self.api.submit("/bin/true", resources={"memory": 16 << 20})
        third = self.api.submit("/bin/true", resources={"memory": 4 << 20})
        self.assertEqual(self.platform.await_end(third["name"])["state"], "completed")
        record = self.platform.await_state(second["name"], "pending")
        self.assertSays(record["reason"], "8Mi of", "memory free, asked are 16Mi")
        self.platform.await_state(first["name"], "running")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", first["name"]), 0)
        self.assertEqual(self.platform.await_end(second["name"])["state"], "completed")

    def test_who_has_priority_goes_first_then_who_came_first(self):
        path = self.scratch("order")
        blocker = self.api.submit("/bin/sleep", "1000", resources={"cpu": self.cores})
        self.platform.await_state(blocker["name"], "running")
        for name, priority in (("low", -5), ("first", 0), ("second", 0), ("high", 10)):
            self.api.shell(f"echo {name} >> {path}", name=name, priority=priority, resources={"cpu": self.cores})
        self.apollo("task", "stop", "--grace", "0", blocker["name"])
        for name in ("high", "first", "second", "low"):
            self.assertEqual(self.platform.await_end(name)["state"], "completed")
        with open(path) as file:
            self.assertEqual(file.read().split(), ["high", "first", "second", "low"])

    def test_a_foreground_run_waits_with_the_task(self):
        blocker = self.api.submit("/bin/sleep", "1000", resources={"cpu": self.cores})
        process = self.apollo.start("task", "run", "--name", "patient", "--cpu", "0.1", "--", "echo", "at last")
        eventually(lambda: "patient" in self.apollo("task", "ps", "-q").out.split(), "it is submitted")
        self.platform.await_state("patient", "pending")
        self.apollo("task", "stop", "--grace", "0", blocker["name"])
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (0, b"at last\n"))

    def test_interrupting_a_run_that_waits_ends_it_and_the_task(self):
        process = self.apollo.start("task", "run", "--name", "hopeless", "--cpu", "4000", "--", "true")
        eventually(lambda: "hopeless" in self.apollo("task", "ps", "-q").out.split(), "it is submitted")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, err)
        self.assertSays(err.decode(), "hopeless: stopped before it started")
        self.assertEqual(self.api.task("hopeless")["state"], "stopped")


class FewTasks(ApolloTestCase):
    own_platform = True

    def test_more_unfinished_tasks_than_allowed_are_refused_with_what_to_try(self):
        platform = self.make_platform(env={"APOLLO_TASKS_MAXIMUM": "3"}).start()
        names = [platform.api.submit("/bin/sleep", "1000")["name"] for _ in range(3)]
        outcome = platform.apollo("task", "run", "--", "true")
        self.assertCode(outcome, 71)
        self.assertSays(outcome.err, "3 tasks are unfinished", "tasks.maximum")
        answer = platform.api.post("/api/v1/tasks", json={"executable": "true"})
        self.assertProblem(answer, 429, "exhausted", "3 tasks are unfinished")
        platform.apollo("task", "stop", "--grace", "0", names[0])
        self.assertCode(platform.apollo("task", "run", "--", "true"), 0)

    def test_finished_tasks_are_forgotten_when_their_time_is_over(self):
        platform = self.make_platform(env={"APOLLO_TASKS_RETENTION": "1s"}).start()
        # More than what is kept with the output of others, so that it has a directory of its own.
        record = platform.api.shell("head -c 100000 /dev/zero")
        eventually(
            lambda: platform.api.get(f"/api/v1/tasks/{record['id']}").status == 404,
            "the task is forgotten",
            within=120,
        )
        directory = os.path.join(platform.data, "processes", "attempts")
        eventually(lambda: os.listdir(directory) == [], "its output is gone")
