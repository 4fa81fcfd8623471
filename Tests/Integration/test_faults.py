"""Managers killed in the middle of commits, journals that were cut, jobs that cannot run, changes that race."""

import os
import random
import signal
import threading
import time

from harness import ApolloTestCase, eventually, needs, processes
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
