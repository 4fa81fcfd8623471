"""Backups: made while the platform works, restored elsewhere, and refused where they must be."""

import json
import os
import signal
import stat
import threading

from harness import ApolloTestCase
from harness.case import BINARY
from harness.machines import Manager
from harness.waiting import eventually


class Backups(ApolloTestCase):
    own_platform = True

    def backup(self, platform, name, *options):
        path = os.path.join(platform.scratch, name)
        outcome = platform.apollo("backup", path, "--output", "json", *options)
        self.assertCode(outcome, 0)
        self.assertEqual(json.loads(outcome.out)["file"], path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        return path

    def restore(self, platform, path, *options, data=None, code=0):
        words = ["restore", path, "--data", data or platform.data, *options]
        outcome = platform.apollo(*words)
        self.assertCode(outcome, code)
        return outcome

    def names(self, platform):
        return {task["name"] for task in json.loads(platform.apollo("task", "ps", "--all", "--output", "json").out)}

    def elsewhere(self, platform):
        return self.make_platform(data=os.path.join(platform.scratch, "elsewhere"))

    def test_what_was_acknowledged_is_in_a_backup_made_under_load(self):
        platform = self.make_platform().start()
        known, stop = [], threading.Event()

        def submit():
            while not stop.is_set():
                name = f"task-{len(known)}"
                if platform.apollo("task", "run", "--detach", "--name", name, "--exec", "/bin/true").code == 0:
                    known.append(name)

        thread = threading.Thread(target=submit)
        thread.start()
        try:
            eventually(lambda: len(known) >= 5, "tasks were submitted")
            before = set(known)
            path = self.backup(platform, "one.backup", "--with-keys")
        finally:
            stop.set()
            thread.join()
        self.assertEqual(platform.terminate(), 0)
        other = self.elsewhere(platform)
        self.restore(platform, path, data=other.data)
        other.start()
        self.assertLessEqual(before, self.names(other))
        self.assertEqual(other.token, platform.token)

    def test_without_keys_nothing_in_it_lets_anyone_in(self):
        platform = self.make_platform().start()
        path = self.backup(platform, "one.backup")
        other = self.elsewhere(platform)
        said = self.restore(platform, path, data=other.data)
        self.assertIn("new one", said.out)
        self.assertFalse(os.path.exists(os.path.join(other.data, "admin.token")))
        other.start()
        self.assertNotEqual(other.token, platform.token)

    def test_a_platform_that_does_not_run_is_read_from_its_directory(self):
        platform = self.make_platform().start()
        self.assertCode(platform.apollo("task", "run", "--name", "one", "--exec", "/bin/true"), 0)
        platform.kill9()
        path = self.backup(platform, "one.backup")
        other = self.elsewhere(platform)
        self.restore(platform, path, data=other.data)
        self.assertEqual(self.names(other.start()), {"one"})

    def test_it_takes_no_other_files_place_and_leaves_none_of_its_own(self):
        platform = self.make_platform().start()
        path = self.backup(platform, "one.backup")
        self.assertCode(platform.apollo("backup", path), 67)
        folder = os.path.join(platform.scratch, "folder")
        os.mkdir(folder)
        self.assertCode(platform.apollo("backup", folder), 0)
        self.assertEqual(len(os.listdir(folder)), 1)
        # Killed at any moment, it leaves the whole file or none.
        for wait in (0.001, 0.01, 0.02, 0.04):
            place = os.path.join(platform.scratch, f"killed-{wait}")
            os.mkdir(place)
            process = platform.apollo.start("backup", os.path.join(place, "x"))
            try:
                process.wait(wait)
            except Exception:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            for name in os.listdir(place):
                self.restore(platform, os.path.join(place, name), data=os.path.join(place, "data"))
        # The platform may still be at work for a client that is gone.
        eventually(
            lambda: not [name for name in os.listdir(platform.data) if "snapshot" in name], "the snapshot is gone")

    def test_a_restore_refuses_what_runs_and_what_is_there_and_deletes_nothing(self):
        platform = self.make_platform().start()
        path = self.backup(platform, "one.backup", "--with-keys")
        outcome = self.restore(platform, path, "--force", code=67)
        self.assertSays(outcome.err, "a platform runs on")
        self.assertCode(platform.apollo("task", "run", "--name", "late", "--exec", "/bin/true"), 0)
        self.assertEqual(platform.terminate(), 0)
        eventually(lambda: "still run" not in platform.apollo("restore", path).err, "the launcher ends", within=60)
        outcome = self.restore(platform, path, code=67)
        self.assertSays(outcome.err, "--force")
        said = json.loads(self.restore(platform, path, "--force", "--output", "json").out)
        self.assertTrue(os.path.exists(os.path.join(said["before"], "apollo.db")))
        self.assertEqual(self.names(platform.start()), set())

    def secret(self, platform):
        made = platform.api.call("PUT", "/api/v1/secrets/db", json={"text": "hunter2"})
        self.assertEqual(made.status, 201)

    def key(self, platform, name):
        path = os.path.join(platform.scratch, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(platform.apollo("secret", "new-key").out)
        return path

    def test_a_restore_under_another_key_is_refused_before_anything_is_touched(self):
        platform = self.make_platform()
        right, wrong = self.key(platform, "right.key"), self.key(platform, "wrong.key")
        platform.environment["APOLLO_SECRETS_KEY_FILE"] = right
        platform.start()
        self.secret(platform)
        path = self.backup(platform, "one.backup", "--with-keys")
        self.assertEqual(platform.terminate(), 0)
        other = self.elsewhere(platform)
        before = sorted(os.listdir(platform.scratch))
        refused = platform.apollo("restore", path, "--data", other.data, env={"APOLLO_SECRETS_KEY_FILE": wrong})
        self.assertCode(refused, 67)
        self.assertSays(refused.err, "need the key", wrong, "secrets.key.file", "--without-key")
        self.assertEqual(sorted(os.listdir(platform.scratch)), before)
        # A key that is not there, or is none, is no right one.
        for name in (wrong + ".gone", path):
            refused = platform.apollo("restore", path, "--data", other.data, env={"APOLLO_SECRETS_KEY_FILE": name})
            self.assertNotEqual(refused.code, 0, name)
            self.assertEqual(sorted(os.listdir(platform.scratch)), before)
        # The right one may stand after a new one.
        both = os.path.join(platform.scratch, "both.key")
        with open(os.open(both, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(open(wrong).read() + open(right).read())
        said = platform.apollo("restore", path, "--data", other.data, env={"APOLLO_SECRETS_KEY_FILE": both})
        self.assertCode(said, 0)
        self.assertSays(said.out, "open with the key")
        other.environment["APOLLO_SECRETS_KEY_FILE"] = both
        other.start()
        self.assertEqual(other.api.get("/api/v1/secrets/db/value").json()["value"], {"text": "hunter2"})

    def test_a_restore_says_which_key_its_secrets_wait_for(self):
        platform = self.make_platform().start()
        self.secret(platform)
        bare, whole = self.backup(platform, "bare.backup"), self.backup(platform, "whole.backup", "--with-keys")
        self.assertEqual(platform.terminate(), 0)
        other = self.elsewhere(platform)
        said = json.loads(self.restore(platform, bare, "--output", "json", data=other.data).out)
        self.assertSays(said["secrets"], "closed until", f"{other.data}/secrets.key")
        said = json.loads(self.restore(platform, whole, "--force", "--output", "json", data=other.data).out)
        self.assertSays(said["secrets"], "open with the key")
        # Whoever means it does without.
        wrong = self.key(platform, "wrong.key")
        words = ("restore", bare, "--data", other.data, "--force")
        self.assertCode(platform.apollo(*words, env={"APOLLO_SECRETS_KEY_FILE": wrong}), 67)
        said = platform.apollo(*words, "--without-key", env={"APOLLO_SECRETS_KEY_FILE": wrong})
        self.assertCode(said, 0)

    def test_a_damaged_backup_is_refused_in_one_line_and_changes_nothing(self):
        platform = self.make_platform().start()
        path = self.backup(platform, "one.backup")
        with open(path, "rb") as file:
            whole = file.read()
        data = os.path.join(platform.scratch, "never")
        for damage in (whole[:-1], whole[: len(whole) // 2], whole[:100] + b"x" + whole[101:], b"", b"no backup"):
            with open(path, "wb") as file:
                file.write(damage)
            outcome = self.restore(platform, path, data=data, code=74)
            self.assertSays(outcome.err, path)
            self.assertFalse(os.path.exists(data))
        self.restore(platform, path + ".gone", data=data, code=66)


class BackupsOfMachines(ApolloTestCase):
    own_platform = True

    def test_workers_obey_a_platform_that_is_older_than_what_they_have_seen(self):
        manager = Manager(BINARY, os.path.join(self.directory, "m")).start()
        worker = manager.worker("one").start()
        port = manager.address.rsplit(":", 1)[1]
        path = self.scratch("a.backup")
        self.assertCode(manager.apollo("backup", path, "--with-keys"), 0)
        # Terms that the backup does not know of.
        for _ in range(3):
            self.assertEqual(manager.terminate(), 0)
            manager.start("--port", port)
            worker.ready()
        self.assertEqual(manager.terminate(), 0)
        self.assertCode(manager.apollo("restore", path, "--data", manager.data, "--force"), 0)
        manager.start("--port", port)
        worker.await_state("ready")
        task = manager.api.shell("true")
        self.assertEqual(manager.await_end(task["name"])["state"], "completed")
        self.assertEqual(worker.terminate(), 0)
        self.assertEqual(manager.terminate(), 0)
