"""Faults that machines have: managers killed in the middle of commits, journals cut short, clocks that are wrong."""

import datetime
import os
import random
import shutil
import signal
import threading
import time

from harness import ApolloTestCase, clock, eventually, needs, processes
from harness.case import BINARY
from test_crash import Client
from test_machines import MachinesTestCase


class CommitsCutShort(MachinesTestCase):
    """A manager that is killed again and again while several submit, with workers attached."""

    weight = 15

    def test_every_acknowledged_task_is_there_and_runs_once(self):
        seed = int.from_bytes(os.urandom(4), "big")
        dice, said = random.Random(seed), f"seed {seed}"
        manager = self.make_manager(lease="10s").start()
        workers = [manager.worker(name).start() for name in ("one", "two")]
        effects = self.scratch("effects")
        os.makedirs(effects)
        clients = [Client(manager, effects, stem=stem) for stem in ("a", "b", "c", "d")]
        port = manager.address.rsplit(":", 1)[1]
        for client in clients:
            client.start()
        try:
            for _ in range(8):
                before = sum(len(client.acknowledged) for client in clients)
                eventually(
                    lambda: sum(len(client.acknowledged) for client in clients) > before + 4, f"it accepts; {said}"
                )
                time.sleep(dice.uniform(0, 0.1))  # The random moment, not a wait for anything.
                manager.kill9()
                manager.start("--port", port)
        finally:
            for client in clients:
                client.finish()
        for worker in workers:
            worker.ready()
        records = {task["id"]: task for task in manager.api.every_task()}
        self.assertEqual(len(records), sum(len(client.sent) for client in clients), said)
        for client in clients:
            self.assertEqual(client.sent, set(client.acknowledged), said)
            for number, id in client.acknowledged.items():
                self.assertIn(id, records, f"task {client.stem}{number} was acknowledged and is gone; {said}")
                record = manager.await_end(id)
                ended = (record["state"], record["attemptCount"], record["attempts"][0].get("exitCode"))
                self.assertEqual(ended, ("completed", 1, 0), f"{record}; {said}")
                with open(os.path.join(effects, f"{client.stem}{number}")) as file:
                    self.assertEqual(file.read(), "ran\n", f"task {client.stem}{number}; {said}")
        for worker in workers:
            self.assertEqual(worker.terminate(), 0)
        self.assertEqual(manager.terminate(), 0)


@needs.file_database
class JournalsCutShort(MachinesTestCase):
    """What a crash, or a disk, leaves of the journals of a manager and of the launcher on a worker."""

    weight = 4

    def setUp(self):
        self.manager = self.make_manager(lease="10s").start()
        self.worker = self.manager.worker("one").start()
        self.port = self.manager.address.rsplit(":", 1)[1]
        self.addCleanup(self.end)

    def end(self):
        for part in (self.worker, self.manager):
            if part.process.poll() is None:
                part.terminate()

    def held(self):
        """A task that runs on, and its process."""
        marks = self.scratch("marks")
        name = self.manager.api.shell(f"echo $$ > {marks}; exec sleep 600", name=self.unique("holder"))["name"]
        self.manager.await_state(name, "running")
        return name, int(eventually(lambda: os.path.exists(marks) and open(marks).read(), "it runs"))

    def test_a_write_ahead_log_with_half_a_frame_at_its_end_loses_nothing(self):
        holder, pid = self.held()
        names = [self.manager.api.shell("true", name=f"t-{number}")["name"] for number in range(20)]
        for name in names:
            self.manager.await_end(name)
        self.manager.kill9()
        log = os.path.join(self.manager.data, "apollo.db-wal")
        with open(log, "rb") as file:
            frame = file.read()[32:32 + 24 + 4096]
        # A frame whose salt and sums are of another time, and one that is half there: what a crash in a write leaves.
        with open(log, "ab") as file:
            file.write(frame + frame[: len(frame) // 2])
        self.manager.start("--port", self.port)
        self.worker.ready()
        found = {task["name"]: task["state"] for task in self.manager.api.every_task()}
        self.assertEqual(found, {**{name: "completed" for name in names}, holder: "running"})
        self.assertTrue(processes.is_alive(pid))
        self.assertEqual(self.manager.api.task(holder)["attemptCount"], 1)

    def test_a_write_ahead_log_that_lost_its_end_is_read_to_where_it_is_whole(self):
        names = [self.manager.api.shell("true", name=f"t-{number:03}")["name"] for number in range(30)]
        for name in names:
            self.manager.await_end(name)
        self.manager.kill9()
        kept = self.scratch("kept")
        shutil.copytree(self.manager.data, kept, ignore=shutil.ignore_patterns("*.sock", "launcher*"))
        size = os.path.getsize(os.path.join(kept, "apollo.db-wal"))
        before = len(names)
        for share in (0.9, 0.5):
            for name in ("apollo.db", "apollo.db-wal"):
                shutil.copy(os.path.join(kept, name), os.path.join(self.manager.data, name))
            os.truncate(os.path.join(self.manager.data, "apollo.db-wal"), int(size * share))
            with self.subTest(share=share):
                self.manager.start("--port", self.port)
                self.worker.ready()
                found = sorted(task["name"] for task in self.manager.api.every_task())
                # Commits are there in their order, up to the cut.
                self.assertEqual(found, names[: len(found)])
                self.assertLessEqual(len(found), before)
                for name in found:
                    self.manager.await_end(name)
                again = self.manager.api.shell("true", name="again")
                self.assertEqual(self.manager.await_end(again["name"])["state"], "completed")
                before = len(found)
            self.manager.kill9()

    def test_a_write_ahead_log_that_lost_the_platforms_beginning_makes_a_platform_that_machines_join_anew(self):
        holder, pid = self.held()
        with open(self.worker.said) as said:
            eventually(lambda: said.seek(0) == 0 and "works as 'one'" in said.read(), "it knows that it is registered")
        self.manager.kill9()
        # Not even the authority that signed the worker's certificate is left.
        os.truncate(os.path.join(self.manager.data, "apollo.db-wal"), 100)
        for name in ("admin.token", "apollo.db-shm"):
            os.unlink(os.path.join(self.manager.data, name))
        self.manager.start("--port", self.port)
        self.assertEqual(self.manager.api.every_task(), [])
        eventually(lambda: "has another authority than the one" in self.worker.log, "the worker says what is wrong")
        self.assertEqual(self.worker.process.poll(), None)
        self.assertTrue(processes.is_alive(pid))
        self.worker.terminate()
        # Started again it ends, and says what to do.
        self.worker.begin()
        self.assertNotEqual(self.worker.process.wait(60), 0)
        self.assertSays(self.worker.log, "join it with --join TOKEN@HOST:PORT")
        # Joined by a token it works, and what ran for the platform that was is ended.
        self.worker.begin(invitation=self.manager.invitation())
        self.worker.ready()
        eventually(lambda: not processes.is_alive(pid), "what belongs to no task is ended")
        again = self.manager.api.shell("true", name="again")
        self.assertEqual(self.manager.await_end(again["name"])["state"], "completed")

    def launcher(self):
        return processes.launcher_of(self.worker.data)

    def journal(self):
        return os.path.join(self.worker.data, "worker", "processes", "journal")

    def test_a_launchers_journal_cut_anywhere_starts_and_says_what_is_not_known(self):
        holder, pid = self.held()
        done = self.manager.api.shell("exit 7", name=self.unique("t"))["name"]
        self.manager.await_end(done)
        self.worker.kill9()
        launcher = self.launcher()
        os.kill(launcher, signal.SIGKILL)
        eventually(lambda: not processes.is_alive(launcher), "the launcher is gone")
        with open(self.journal(), "rb") as file:
            whole = file.read()
        # Half an entry at its end: what a crash leaves.
        with open(self.journal(), "ab") as file:
            file.write(whole[8:20])
        self.worker.start()
        record = self.manager.await_state(holder, "running")
        self.assertEqual(record["attemptCount"], 1)
        self.assertTrue(processes.is_alive(pid))
        self.assertEqual(self.manager.api.task(done)["attempts"][-1]["exitCode"], 7)

    def test_a_launchers_journal_that_is_lost_gives_its_tasks_up_and_runs_them_once(self):
        holder, pid = self.held()
        self.worker.kill9()
        launcher = self.launcher()
        os.kill(launcher, signal.SIGKILL)
        eventually(lambda: not processes.is_alive(launcher), "the launcher is gone")
        os.truncate(self.journal(), 11)
        self.worker.start()
        ended = eventually(
            lambda: (found := self.manager.api.task(holder))["attempts"][0]["state"] == "ended" and found, "it is told"
        )
        self.assertEqual(ended["attempts"][0]["outcome"], "lost")
        self.assertTrue(ended["attempts"][0]["reason"])
        # Whoever runs it again does so alone.
        eventually(lambda: not processes.is_alive(pid), "what nobody knows any more is ended")
        after = self.manager.api.shell("true", name=self.unique("t"))
        self.assertEqual(self.manager.await_end(after["name"])["state"], "completed")

    def test_files_of_a_worker_that_are_damaged_are_named_with_what_to_do(self):
        self.worker.terminate()
        place = os.path.join(self.worker.data, "worker")
        for name, words in (("epoch", "remove it"), ("stop-after", "remove it"), ("node-id", "remove it")):
            path = os.path.join(place, name)
            before = None
            if os.path.exists(path):
                with open(path, "rb") as file:
                    before = file.read()
            for text in (b"\xff\x00nonsense", b"{"):
                with self.subTest(name=name, text=text):
                    with open(path, "wb") as file:
                        file.write(text)
                    self.worker.begin()
                    self.assertNotEqual(self.worker.process.wait(60), 0)
                    self.assertSays(self.worker.log[-1000:], path, words)
            if before is None:
                os.unlink(path)
            else:
                with open(path, "wb") as file:
                    file.write(before)
        # What it was told of managers it is told again.
        with open(os.path.join(place, "managers"), "wb") as file:
            file.write(b"\xff\x00\nnonsense\n")
        self.worker.start()


class WrongJobs(ApolloTestCase):
    """Job files that make no sense, stops of what is over, changes that race."""

    weight = 2

    def file(self, text):
        path = self.scratch("job.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_files_that_make_no_sense_are_refused_with_the_place_and_leave_nothing(self):
        head, task = "name: web\ntasks:\n", "  - {name: a, executable: /bin/true"
        batch = "name: web\ntype: batch\ntasks:\n"
        many = "".join(f"  - {{name: a{number}, executable: /bin/true}}\n" for number in range(2000))
        for what, text, words in (
            ("a key that is none", head + task + ", imagee: x}\n", ("did you mean 'image'?", ":3:")),
            ("a key that stands twice", head + task + ", name: b}\n", (":3:",)),
            ("a job that is none", "- a\n- b\n", (":1:1",)),
            ("nothing", "", ("job.yaml",)),
            ("after itself", batch + task + ", after: [a]}\n", ("circle: a after a", ":4:")),
            (
                "a circle of three",
                batch + task + ", after: [b]}\n  - {name: b, executable: x, after: [c]}\n"
                "  - {name: c, executable: x, after: [a]}\n",
                ("circle: a after b after c after a", ":4:"),
            ),
            ("after what is not there", batch + task + ", after: [z]}\n", ("'z' is no task of this job", ":4:")),
            ("too many instances", head + task + ", instances: 10001}\n", ("tasks[0].instances", "10000", ":3:")),
            ("instances without end", head + task + ", instances: 99999999999999999999}\n", ("is too large", ":3:")),
            ("less than none", head + task + ", instances: -1}\n", ("tasks[0].instances", ":3:")),
            ("too many at once", batch + task + ", parallelism: 1000000}\n", ("tasks[0].parallelism", ":4:")),
            ("too many retries", batch + task + ", retries: 1000000}\n", ("tasks[0].retries", ":4:")),
            ("too many tasks", head + many, ("tasks", "at most 32", ":3:")),
            (
                "a constraint nothing can meet",
                head + task + ", constraints: [{label: zone, relation: in, values: []}]}\n", ("constraints[0]", ":3:"),
            ),
            (
                "constraints that exclude each other",
                head + task + ", constraints: [{label: zone, relation: exists}, {label: zone, relation: absent}]}\n",
                ("constraints", ":3:"),
            ),
            ("memory without end", head + task + ", resources: {memory: 99999999999T}}\n", ("resources.memory", ":3:")),
        ):
            path = self.file(text)
            for verb in ("validate", "run", "plan"):
                with self.subTest(what, verb=verb):
                    refused = self.apollo("job", verb, "-f", path)
                    self.assertCode(refused, 65)
                    self.assertSays(refused.err, "job.yaml", *words)
        self.assertNotIn("web", [job["name"] for job in self.api.get("/api/v1/jobs").json()["items"]])

    def test_a_file_that_is_not_there_is_named_for_what_it_is(self):
        for words in (("job", "run", "-f", "nosuch.yaml"), ("secret", "set", "s", "--file", "nosuch.yaml")):
            refused = self.apollo(*words)
            self.assertCode(refused, 66)
            self.assertSays(refused.err, "cannot read nosuch.yaml: No such file", "is the name right?")
            self.assertNotIn("--data", refused.err)

    def test_a_job_that_no_machine_can_run_says_why_and_runs_when_one_can(self):
        job = self.unique("far")
        text = (
            f"name: {job}\ntasks:\n  - name: a\n    executable: /bin/sleep\n    command: ['1000']\n"
            "    constraints: [{label: zone, relation: in, values: [moon]}]\n"
        )
        plan = self.apollo("job", "plan", "-f", self.file(text))
        self.assertCode(plan, 1)
        self.assertSays(plan.out, "waits", "zone")
        self.assertCode(self.apollo("job", "run", "-f", self.file(text)), 0)
        reason = lambda: self.api.get(f"/api/v1/jobs/{job}").json()["job"]["reason"]
        eventually(lambda: "zone" in reason(), "the job says what it waits for")
        instance = self.api.get(f"/api/v1/jobs/{job}").json()["instances"][0]["name"]
        self.assertSays(self.apollo("task", "explain", instance).out, "zone", "moon")
        node = self.api.get("/api/v1/nodes").json()["items"][0]["name"]
        self.assertCode(self.apollo("node", "label", node, "zone=moon"), 0)
        self.platform.await_state(instance, "running")
        self.assertCode(self.apollo("job", "stop", job), 0)

    def test_a_stop_of_what_has_finished_changes_nothing(self):
        for script, state in (("true", "completed"), ("exit 3", "failed")):
            task = self.api.shell(script, name=self.unique("t"))["name"]
            before = self.platform.await_end(task)
            self.assertEqual(before["state"], state)
            for _ in range(2):
                answer = self.api.post(f"/api/v1/tasks/{task}/stop")
                self.assertEqual(answer.status, 200, f"{answer!r}")
                self.assertEqual(answer.json(), before)
                stopped = self.apollo("task", "stop", task)
                self.assertCode(stopped, 0)
            self.assertEqual(self.api.task(task), before)
        job = self.unique("done")
        text = f"name: {job}\ntype: batch\ntasks:\n  - {{name: a, executable: /bin/true}}\n"
        self.assertCode(self.apollo("job", "run", "-f", self.file(text), "--wait"), 0)
        before = self.api.get(f"/api/v1/jobs/{job}").json()
        for _ in range(2):
            self.assertCode(self.apollo("job", "stop", job), 0)
            self.assertEqual(self.api.get(f"/api/v1/jobs/{job}").json()["job"]["state"], "completed")
        self.assertEqual(self.api.get(f"/api/v1/jobs/{job}").json()["instances"], before["instances"])
        self.assertCode(self.apollo("task", "stop", self.unique("never")), 66)
        self.assertCode(self.apollo("job", "stop", self.unique("never")), 66)

    def test_of_changes_that_race_one_is_made_and_the_others_are_told(self):
        job = self.unique("raced")
        body = {"name": job, "tasks": [{"name": "t", "executable": "/bin/sleep", "command": ["1000"]}]}
        path = f"/api/v1/jobs/{job}"
        tag = self.api.post("/api/v1/jobs", json=body).headers["ETag"]
        for round in range(5):
            answers, gate = [], threading.Barrier(8)

            def change(instances):
                gate.wait(30)
                body = {"instances": instances}
                answer = self.api.post(f"{path}/scale", json=body, headers={"If-Match": tag})
                answers.append((instances, answer))

            threads = [threading.Thread(target=change, args=(10 * round + n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            won = [(instances, answer) for instances, answer in answers if answer.status == 200]
            self.assertEqual(len(won), 1, answers)
            for _, answer in answers:
                if answer.status != 200:
                    self.assertProblem(answer, 412, "conflict")
            now = self.api.get(path)
            self.assertEqual(now.json()["job"]["spec"]["tasks"][0]["instances"], won[0][0])
            tag = won[0][1].headers["ETag"]
        # Without a condition the last one counts, and none is lost halfway.
        self.assertCode(self.apollo("job", "stop", job), 0)


HOUR = 3600


@needs.root
@needs.program("cc")
@needs.program("unshare")
class WrongClocksOfMachines(MachinesTestCase):
    """Machines whose clock is wrong."""

    weight = 4

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = cls.make_manager("--tls", "own", lease="2s").start()

    def worker(self, ahead):
        worker = self.platform.worker(self.unique("w"))
        worker.binary = clock.program(BINARY, self.scratch("clock"), ahead)
        return worker

    def on(self, worker, script, **fields):
        constraint = {"label": "node.name", "relation": "in", "values": [worker.name]}
        return self.api.shell(script, name=self.unique("t"), constraints=[constraint], **fields)["name"]

    def test_an_hour_ahead_or_behind_it_works_and_is_told_and_times_are_put_right(self):
        for ahead, said in ((HOUR, "ahead of the manager's"), (-HOUR, "behind the manager's")):
            with self.subTest(ahead=ahead):
                worker = self.worker(ahead).start()
                self.assertSays(worker.log, said, "set it, such as by NTP")
                before = time.time()
                shown = self.platform.await_end(self.on(worker, "date +%s"))
                self.assertEqual(shown["state"], "completed")
                attempt = shown["attempts"][-1]
                for when in (attempt["startedAt"], attempt["endedAt"]):
                    away = datetime.datetime.fromisoformat(when).timestamp() - before
                    self.assertLess(abs(away), 60, attempt)
                written = self.apollo("task", "logs", shown["name"], "--ca-file", self.platform.authorities).out
                self.assertLess(abs(int(written) - before - ahead), 60, "the machine's clock is wrong")
                # A time-out and a back-off are as long as they are said to be.
                began = time.monotonic()
                timed = self.platform.await_end(self.on(worker, "exec sleep 600", timeout=1))
                self.assertEqual((timed["state"], timed["reason"]), ("failed", "timed out after 1s"))
                again = self.platform.await_end(
                    self.on(worker, "exit 1", restart={"mode": "on-failure", "attempts": 1, "wait": 0.2})
                )
                self.assertEqual(again["attemptCount"], 2)
                self.assertLess(time.monotonic() - began, 60)
                # It goes on over a restart, and its lease holds by a clock that is not this one.
                worker.kill9()
                worker.await_state("lost")
                worker.start()
                self.assertEqual(worker.terminate(), 0)

    def test_two_days_behind_it_is_refused_and_told_why(self):
        worker = self.worker(-48 * HOUR)
        worker.begin(invitation=self.platform.invitation())
        self.assertNotEqual(worker.process.wait(60), 0)
        self.assertSays(worker.log, "clock")

    def test_a_certificate_that_is_over_by_its_clock_is_named_with_the_clock(self):
        worker = self.platform.worker(self.unique("w")).start()
        self.assertEqual(worker.terminate(), 0)
        worker.binary = clock.program(BINARY, self.scratch("clock"), 40 * 24 * HOUR)
        worker.begin()
        self.assertNotEqual(worker.process.wait(60), 0)
        self.assertSays(worker.log, "this machine's certificate expired at", "set the clock, if it is ahead")
