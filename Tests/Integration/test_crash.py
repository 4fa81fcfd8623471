"""What becomes of tasks when the platform is killed, or told to end."""

import http.client
import os
import random
import signal
import threading
import time

from harness import ApolloTestCase, eventually
from harness import processes


class Killed(ApolloTestCase):
    own_platform = True

    def setUp(self):
        self.platform = self.make_platform().start()

    def test_what_runs_is_adopted_and_not_restarted(self):
        gate = self.scratch("gate")
        record = self.platform.api.shell(f"echo $$; while [ ! -e {gate} ]; do sleep 0.05; done; echo end; exit 5")
        pid = int(self.platform.await_output(record["name"], "\n"))
        born = processes.start_time(pid)
        self.platform.kill9()
        self.assertEqual(processes.start_time(pid), born)
        self.platform.restart()
        self.assertIn("1 taken over", self.platform.output)
        after = self.platform.api.task(record["name"])
        self.assertEqual((after["state"], after["attemptCount"]), ("running", 1))
        self.assertEqual(processes.start_time(pid), born)
        open(gate, "w").close()
        after = self.platform.await_end(record["name"])
        self.assertEqual((after["state"], after["attemptCount"], after["attempts"][0]["exitCode"]), ("failed", 1, 5))
        self.assertEqual(self.apollo("task", "logs", record["name"]).out, f"{pid}\nend\n")

    def test_what_ended_meanwhile_is_known_with_its_code_and_all_its_output(self):
        gate = self.scratch("gate")
        record = self.platform.api.shell(
            f"echo up; while [ ! -e {gate} ]; do sleep 0.02; done; seq 1 200000; echo gone > {gate}.end; exit 6"
        )
        self.platform.await_output(record["name"], "up\n")
        self.platform.kill9()
        open(gate, "w").close()
        eventually(lambda: os.path.exists(gate + ".end"), "the task has ended without a platform")
        self.platform.restart()
        after = self.platform.await_end(record["name"])
        self.assertEqual((after["state"], after["attemptCount"], after["attempts"][0]["exitCode"]), ("failed", 1, 6))
        self.assertEqual(
            self.apollo("task", "logs", record["name"]).out, "up\n" + "".join(f"{n}\n" for n in range(1, 200001))
        )

    def test_a_restart_policy_goes_on_after_the_kill(self):
        path = self.scratch("runs")
        record = self.platform.api.shell(
            f"echo run >> {path}; sleep 0.4; exit 1", restart={"mode": "on-failure", "attempts": 3, "wait": 0.1}
        )
        eventually(lambda: os.path.exists(path), "it ran once")
        self.platform.kill9()
        self.platform.restart()
        after = self.platform.await_end(record["name"])
        self.assertEqual((after["state"], after["attemptCount"]), ("failed", 4))
        with open(path) as file:
            self.assertEqual(file.read(), "run\n" * 4)

    def test_a_timeout_counts_on_through_the_kill(self):
        record = self.platform.api.submit("/bin/sleep", "1000", timeout=2)
        self.platform.await_state(record["name"], "running")
        self.platform.kill9()
        self.platform.restart()
        after = self.platform.await_end(record["name"])
        self.assertEqual(
            (after["state"], after["attemptCount"], after["reason"]), ("failed", 1, "timed out after 2s")
        )

    def test_a_stop_that_was_under_way_is_finished(self):
        record = self.platform.api.shell("trap '' TERM; echo up; while :; do sleep 0.05; done", stopGrace=1)
        self.platform.await_output(record["name"], "up\n")
        self.assertCode(self.apollo("task", "stop", "--no-wait", record["name"]), 0)
        self.platform.kill9()
        self.platform.restart()
        after = self.platform.await_end(record["name"])
        self.assertEqual((after["state"], after["attempts"][0]["exitCode"]), ("stopped", 137))

    def test_what_waited_still_waits_and_starts_when_room_comes(self):
        cores = self.platform.api.get("/api/v1/nodes").json()["items"][0]["capacity"]["cpuMillis"] / 1000
        first = self.platform.api.submit("/bin/sleep", "1000", resources={"cpu": cores})
        second = self.platform.api.submit("/bin/true", resources={"cpu": cores})
        self.platform.await_state(first["name"], "running")
        self.platform.kill9()
        self.platform.restart()
        self.assertEqual(self.platform.api.task(first["name"])["state"], "running")
        self.assertIn("waiting for room", self.platform.api.task(second["name"])["reason"])
        self.apollo("task", "stop", "--grace", "0", first["name"])
        self.assertEqual(self.platform.await_end(second["name"])["state"], "completed")

    def test_a_follower_is_told_that_its_platform_is_gone(self):
        record = self.platform.api.shell("echo up; exec sleep 1000")
        follower = self.apollo.start("task", "logs", "-f", record["name"])
        self.assertEqual(follower.stdout.readline(), b"up\n")
        self.platform.kill9()
        out, err = follower.communicate(timeout=60)
        self.assertEqual(follower.returncode, 69, err)
        self.assertSays(err.decode(), "is gone", "tasks run on", "apollo up")

    def test_when_the_launcher_is_killed_too_tasks_run_on(self):
        gate = self.scratch("gate")
        record = self.platform.api.shell(f"echo $$; while [ ! -e {gate} ]; do sleep 0.05; done; echo end")
        pid = int(self.platform.await_output(record["name"], "\n"))
        launcher = self.platform.launcher
        self.platform.kill9()
        os.kill(launcher, signal.SIGKILL)
        eventually(lambda: not processes.is_alive(launcher), "the launcher is gone")
        self.platform.restart()
        after = self.platform.api.task(record["name"])
        self.assertEqual((after["state"], after["attemptCount"]), ("running", 1))
        self.assertTrue(processes.is_alive(pid))
        open(gate, "w").close()
        eventually(lambda: not processes.is_alive(pid), "the task ends")
        # Nobody saw it end: that is said, and whether it is tried again is not for this test to say.
        after = eventually(
            lambda: (r := self.platform.api.task(record["name"]))["attempts"][0]["state"] == "ended" and r,
            "its end is known",
        )
        self.assertEqual(after["attempts"][0]["outcome"], "lost")
        self.assertIn("exit code is unknown", after["attempts"][0]["reason"])

    def test_while_the_launcher_alone_is_killed_the_platform_goes_on(self):
        record = self.platform.api.shell("echo $$; exec sleep 1000")
        pid = int(self.platform.await_output(record["name"], "\n"))
        launcher = self.platform.launcher
        os.kill(launcher, signal.SIGKILL)
        self.assertEqual(self.apollo("task", "run", "--", "echo", "still").out, "still\n")
        self.assertTrue(processes.is_alive(pid))
        self.assertCode(self.apollo("task", "stop", "--grace", "0", record["name"]), 0)
        eventually(lambda: not processes.is_alive(pid), "it is stopped all the same")


class Terminated(ApolloTestCase):
    own_platform = True
    weight = 30

    def setUp(self):
        self.platform = self.make_platform().start()

    def test_sigterm_ends_it_well_and_says_what_runs_on(self):
        record = self.platform.api.shell("echo $$; exec sleep 1000")
        pid = int(self.platform.await_output(record["name"], "\n"))
        self.assertEqual(self.platform.terminate(), 0)
        self.assertIn(
            "Apollo is down (SIGTERM); 1 task runs on and will be taken over by the next 'apollo up'",
            self.platform.output,
        )
        self.assertEqual(self.platform.log, "")
        self.assertTrue(processes.is_alive(pid))
        self.assertIsNone(self.platform.address)
        self.platform.restart()
        self.assertEqual(self.platform.api.task(record["name"])["attemptCount"], 1)
        self.assertTrue(processes.is_alive(pid))

    def test_ctrl_c_ends_it_the_same_way(self):
        self.platform.process.send_signal(signal.SIGINT)
        self.assertEqual(self.platform.wait(), 0)
        self.assertIn("Apollo is down (SIGINT)\n", self.platform.output)

    def test_it_ends_within_seconds_while_others_follow_and_hold_connections(self):
        record = self.platform.api.shell("echo up; exec sleep 1000")
        follower = self.apollo.start("task", "logs", "-f", record["name"])
        self.assertEqual(follower.stdout.readline(), b"up\n")
        watcher = self.platform.api.connect()
        watcher.request("GET", f"/api/v1/tasks/{record['name']}/watch", headers=self.platform.api.headers())
        watcher.getresponse().read(10)
        idle = self.platform.api.connect()
        idle.connect()
        began = time.monotonic()
        self.assertEqual(self.platform.terminate(), 0)
        self.assertLess(time.monotonic() - began, 10)
        follower.communicate(timeout=60)
        self.assertNotEqual(follower.returncode, 0)

    def test_a_request_under_way_is_answered(self):
        connection = self.platform.api.connect()
        connection.putrequest("POST", "/api/v1/tasks")
        body = b'{"executable": "true"}'
        for name, value in self.platform.api.headers(
            {"Content-Type": "application/json", "Content-Length": str(len(body))}
        ).items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[:5])
        self.platform.process.send_signal(signal.SIGTERM)
        connection.send(body[5:])
        try:
            status = connection.getresponse().status
        except (http.client.HTTPException, ConnectionError):
            status = None  # The drain may have begun before the request was seen.
        self.assertEqual(self.platform.wait(), 0)
        self.platform.restart()
        self.assertEqual(len(self.platform.api.tasks()), 1 if status == 201 else 0)

    def test_without_tasks_nothing_of_it_is_left_running(self):
        self.assertEqual(self.apollo("task", "run", "--", "true").code, 0)
        self.assertEqual(self.platform.terminate(), 0)
        self.assertIsNotNone(self.platform.launcher)
        eventually(lambda: self.platform.launcher is None, "the launcher ends too", within=90)


class KilledAgainAndAgain(ApolloTestCase):
    own_platform = True
    weight = 20

    def test_every_acknowledged_task_runs_exactly_once_through_ten_kills(self):
        seed = int.from_bytes(os.urandom(4), "big")
        print_seed = f"seed {seed}"
        dice = random.Random(seed)
        platform = self.platform = self.make_platform().start()
        effects = self.scratch("effects")
        os.makedirs(effects)
        client = Client(platform, effects)
        client.start()
        try:
            for _ in range(10):
                time.sleep(dice.uniform(0.02, 0.5))  # The random moment, not a wait for anything.
                platform.kill9()
                platform.restart()
        finally:
            client.finish()
        self.assertGreater(len(client.acknowledged), 20, print_seed)
        records = {task["id"]: task for task in platform.api.every_task()}
        for number, id in client.acknowledged.items():
            self.assertIn(id, records, f"task {number} was acknowledged and is gone; {print_seed}")
        for id in records:
            record = platform.await_end(id)
            self.assertEqual(
                (record["state"], record["attemptCount"], record["attempts"][0]["exitCode"]),
                ("completed", 1, 0),
                f"{record}; {print_seed}",
            )
        # A key that was sent again made no second task, and each task ran once.
        self.assertEqual(len(records), len(client.sent), print_seed)
        for number in client.sent:
            with open(os.path.join(effects, str(number))) as file:
                self.assertEqual(file.read(), "ran\n", f"task {number}; {print_seed}")
        # A submission with an old key still gives the old task.
        number, id = next(iter(client.acknowledged.items()))
        self.assertEqual(client.submit(number)["id"], id)


class Client(threading.Thread):
    """Submits one task after the other, each until it is acknowledged, whatever becomes of the platform."""

    def __init__(self, platform, effects, stem=""):
        super().__init__(daemon=True)
        self.platform, self.effects, self.stem = platform, effects, stem
        self.sent, self.acknowledged = set(), {}
        self.is_ending = threading.Event()

    def submit(self, number):
        script = f"echo ran >> {self.effects}/{self.stem}{number}; sleep 0.0{number % 10}"
        return self.platform.api.shell(script, key=f"key-{self.stem}{number}")

    def run(self):
        number = 0
        while not self.is_ending.is_set():
            number += 1
            self.sent.add(number)
            while True:
                try:
                    self.acknowledged[number] = self.submit(number)["id"]
                    break
                except (OSError, http.client.HTTPException, AttributeError):
                    # Killed in between, or not up yet: the same again, with the same key.
                    time.sleep(0.01)

    def finish(self):
        self.is_ending.set()
        self.join(60)
        if self.is_alive():
            raise AssertionError("the client never got its last answer")
