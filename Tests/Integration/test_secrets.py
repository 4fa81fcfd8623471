"""Secrets: kept, given to tasks, and seen nowhere else."""

import contextlib
import glob
import hashlib
import os
import sqlite3
import subprocess
import threading
import time

from harness import ApolloTestCase, eventually, needs


class SecretCommands(ApolloTestCase):
    def put(self, name, data, *options):
        process = self.apollo.start("secret", "set", name, *options, stdin=subprocess.PIPE)
        out, err = process.communicate(data, timeout=60)
        return process.returncode, out.decode(), err.decode()

    def test_a_secret_is_set_read_listed_and_removed(self):
        name = self.unique("db")
        value = os.urandom(40) + b"\n\0"
        self.assertEqual(self.put(name, value)[:2], (0, f"{name} version 1\n"))
        self.assertEqual(self.put(name, b"second")[:2], (0, f"{name} version 2\n"))
        self.assertEqual(self.apollo("secret", "get", name).raw_out, b"second")
        self.assertEqual(self.apollo("secret", "get", name, "--version", "1").raw_out, value)
        listed = self.apollo("secret", "ls")
        self.assertIn(name, listed.out)
        self.assertNotIn("second", listed.out)
        self.assertEqual(len(self.apollo("secret", "ls", name, "-o", "json").json()), 2)
        self.assertCode(self.apollo("secret", "rm", name, "--version", "2"), 0)
        self.assertEqual(self.apollo("secret", "get", name).raw_out, value)
        self.assertCode(self.apollo("secret", "rm", name), 0)
        gone = self.apollo("secret", "get", name)
        self.assertCode(gone, 66)
        self.assertSays(gone.err, name, "apollo secret ls")
        # A number never comes again.
        self.assertEqual(self.put(name, b"third")[1], f"{name} version 3\n")

    def test_a_secret_on_the_command_line_is_refused_with_the_reason(self):
        outcome = self.apollo("secret", "set", "db", "hunter2")
        self.assertCode(outcome, 2)
        self.assertSays(outcome.err, "history", "--file")

    def test_empty_and_oversized_secrets_and_wrong_names_are_refused(self):
        self.assertEqual(self.put("empty", b"")[0], 65)
        code, _, err = self.put("large", b"x" * ((1 << 20) + 1))
        self.assertEqual(code, 65)
        self.assertIn("1 MiB", err)
        self.assertEqual(self.put("large", b"x" * (1 << 20))[0], 0)
        self.assertEqual(self.put("Not_A_Name", b"x")[0], 65)

    def test_at_a_terminal_it_is_asked_for_and_not_shown(self):
        name = self.unique("typed")
        leader, follower = os.openpty()
        process = self.apollo.start("secret", "set", name, stdin=follower, stdout=follower, stderr=follower)
        os.close(follower)
        shown = b""
        while b"(not shown)" not in shown:
            shown += os.read(leader, 4096)
        # A slip that is taken back is no part of it.
        os.write(leader, b"hunter3\x7f2\n")
        self.assertEqual(process.wait(60), 0)
        with contextlib.suppress(OSError):  # The terminal is gone when its last user is.
            while piece := os.read(leader, 4096):
                shown += piece
        os.close(leader)
        self.assertNotIn(b"hunter", shown)
        self.assertEqual(self.apollo("secret", "get", name).raw_out, b"hunter2")

    def test_a_file_is_read(self):
        path = self.scratch("key")
        with open(path, "wb") as file:
            file.write(b"\x00\x01from a file")
        name = self.unique("file")
        self.assertCode(self.apollo("secret", "set", name, "--file", path), 0)
        self.assertEqual(self.apollo("secret", "get", name).raw_out, b"\x00\x01from a file")

    def test_projects_are_apart(self):
        name = self.unique("apart")
        self.api.project("one")
        self.put(name, b"x", "--project", "one")
        self.assertCode(self.apollo("secret", "get", name), 66)
        self.assertEqual(self.apollo("secret", "get", name, "--project", "one").raw_out, b"x")

    def test_a_new_key_is_one_that_the_platform_takes(self):
        key = self.apollo("secret", "new-key").out.strip()
        self.assertRegex(key, r"^apk_[A-Za-z0-9_-]{43}$")
        path = self.scratch("named.key")
        with open(path, "w") as file:
            file.write(key + "\n")
        os.chmod(path, 0o600)
        platform = self.make_platform(env={"APOLLO_SECRETS_KEY_FILE": path}).start()
        answer = platform.api.call("PUT", "/api/v1/secrets/a", json={"text": "x"})
        self.assertEqual(answer.status, 201)
        self.assertFalse(os.path.exists(os.path.join(platform.data, "secrets.key")))
        platform.terminate()


class SecretInterface(ApolloTestCase):
    def path(self, name):
        return f"/api/v1/secrets/{name}"

    def test_changes_can_depend_on_what_was_seen(self):
        name = self.unique("etag")
        made = self.api.call("PUT", self.path(name), json={"text": "a"}, headers={"If-None-Match": "*"})
        self.assertEqual((made.status, made.headers["ETag"]), (201, '"1"'))
        again = self.api.call("PUT", self.path(name), json={"text": "b"}, headers={"If-None-Match": "*"})
        self.assertProblem(again, 412, "conflict")
        changed = self.api.call("PUT", self.path(name), json={"text": "b"}, headers={"If-Match": '"1"'})
        self.assertEqual((changed.status, changed.headers["ETag"]), (200, '"2"'))
        late = self.api.call("PUT", self.path(name), json={"text": "c"}, headers={"If-Match": '"1"'})
        self.assertProblem(late, 412, "conflict")
        self.assertProblem(self.api.delete(self.path(name), headers={"If-Match": '"1"'}), 412, "conflict")
        self.assertEqual(self.api.get(self.path(name), headers={"If-None-Match": '"2"'}).status, 304)
        self.assertEqual(self.api.delete(self.path(name), headers={"If-Match": '"2"'}).status, 204)

    def test_what_is_wrong_is_named(self):
        for body, field in (
            ({}, "text"),
            ({"text": "a", "base64": "YQ=="}, "base64"),
            ({"base64": "!"}, "base64"),
            ({"txet": "a"}, "txet"),
            ({"text": ""}, "text"),
        ):
            answer = self.api.call("PUT", self.path("wrong"), json=body)
            self.assertIn(field, str(self.assertProblem(answer, 400, "invalid")["errors"]))
        self.assertProblem(self.api.get(self.path("nowhere") + "/value"), 404, "not_found", "nowhere")
        self.assertProblem(self.api.get(self.path("nowhere") + "/value?version=0"), 400, "invalid")

    def test_reading_is_recorded_and_so_is_refused_reading(self):
        name = self.unique("audited")
        self.api.call("PUT", self.path(name), json={"text": "a"})
        request = self.unique("request")
        self.api.get(self.path(name) + "/value", headers={"X-Request-Id": request})
        self.api.get(self.path(name) + "/value", headers={"X-Request-Id": request + "-2"}, token="wrong")
        with contextlib.closing(sqlite3.connect(f"file:{self.platform.data}/apollo.db?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT action, resource, outcome FROM audit WHERE request_id LIKE ? ORDER BY request_id",
                (request + "%",),
            ).fetchall()
        # Who proves nothing learns nothing, not even of which secret the path speaks.
        places = [f"secret://local/default/default/{name}", self.path(name) + "/value"]
        self.assertEqual(
            rows, [("getSecretValue", places[0], "succeeded"), ("getSecretValue", places[1], "denied")]
        )


class SecretTasks(ApolloTestCase):
    def set(self, name, text):
        self.assertIn(self.api.call("PUT", f"/api/v1/secrets/{name}", json={"text": text}).status, (200, 201))

    def wait(self, task, *states):
        def seen():
            record = self.api.task(task["id"])
            return record if record["state"] in states else None

        return eventually(seen, f"the task is {states}")

    def test_a_task_gets_files_and_variables_and_they_go_with_it(self):
        name = self.unique("db")
        self.set(name, "first")
        self.set(name, "second")
        stop = self.scratch("stop")
        script = (
            f'test "$(cat $APOLLO_SECRETS_DIR/{name})" = second && test "$(cat $APOLLO_SECRETS_DIR/old/one)" = first '
            f'&& test "$PASSWORD" = second && echo "$APOLLO_SECRETS_DIR" && while ! test -e {stop}; do sleep 0.05; done'
        )
        secrets = [
            {"name": name},
            {"name": name, "path": "old/one", "version": 1},
            {"name": name, "environment": "PASSWORD"},
        ]
        task = self.api.shell(script, secrets=secrets)
        logs = lambda: self.apollo("task", "logs", task["name"]).out.strip()
        directory = eventually(logs, "the task says where its secrets are")
        self.assertEqual(os.stat(directory).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(os.path.join(directory, name)).st_mode & 0o777, 0o400)
        open(stop, "w").close()
        self.assertEqual(self.wait(task, "completed", "failed")["state"], "completed")
        eventually(lambda: not os.path.exists(directory), "the secrets are taken back")

    def test_the_command_line_gives_them(self):
        name = self.unique("cli")
        self.set(name, "from-the-cli")
        outcome = self.apollo(
            "task", "run", "--secret", f"{name}:here/it-is", "--secret-env", f"IT={name}:1", "--exec", "/bin/sh",
            "--", "-c", 'cat "$APOLLO_SECRETS_DIR/here/it-is"; echo; echo "$IT"',
        )
        self.assertCode(outcome, 0)
        self.assertEqual(outcome.out, "from-the-cli\nfrom-the-cli\n")

    @needs.root
    def test_a_task_of_another_user_can_read_its_own(self):
        name = self.unique("user")
        self.set(name, "for nobody")
        task = self.api.shell(f'id -u; cat "$APOLLO_SECRETS_DIR/{name}"', secrets=[{"name": name}], user="65534")
        self.assertEqual(self.wait(task, "completed", "failed")["state"], "completed")
        self.assertEqual(self.apollo("task", "logs", task["name"]).out, "65534\nfor nobody")

    def test_what_a_task_is_given_is_in_the_audit(self):
        name, other = self.unique("given"), self.unique("other")
        self.set(name, "first")
        self.set(name, "second")
        self.set(other, "third")
        task = self.api.shell("true", secrets=[{"name": name, "version": 1}, {"name": other, "environment": "X"}])
        record = self.wait(task, "completed", "failed")
        attempt = record["attempts"][0]["id"]
        node = self.api.get("/api/v1/nodes").json()["items"][0]["name"]
        for secret, version in ((name, 1), (other, 1)):
            found = self.apollo(
                "audit", "--action", "deliverSecret", "--on", f"secret://local/default/default/{secret}", "-o", "json"
            ).json()
            self.assertEqual(len(found), 1)
            self.assertEqual((found[0]["principal"], found[0]["outcome"]), (f"node://local/{node}", "succeeded"))
            self.assertSays(found[0]["reason"], f"version {version}", task["id"], attempt)
        self.assertEqual(len({r["requestID"] for r in self.records("action=deliverSecret")}), len(
            self.records("action=deliverSecret")))
        # One that is not there is recorded, too.
        task = self.api.submit("true", secrets=[{"name": self.unique("nowhere")}])
        self.wait(task, "failed", "completed")
        self.assertEqual([r["outcome"] for r in self.records("action=deliverSecret&outcome=failed")][:1], ["failed"])

    def records(self, query):
        return self.api.get(f"/api/v1/audit?{query}").json()["items"]

    def test_a_secret_that_the_caller_may_not_use_is_named(self):
        name, shop = self.unique("vault"), self.unique("shop")
        self.api.project(shop)
        self.assertEqual(self.api.call("PUT", f"/api/v1/secrets/{name}?project={shop}", json={"text": "x"}).status, 201)
        user = self.unique("ann")
        self.assertEqual(self.api.post("/api/v1/users", json={"name": user, "kind": "service"}).status, 201)
        self.api.post(
            "/api/v1/grants",
            json={"user": user, "permission": "write", "resource": f"task://local/default/{shop}"},
        )
        token = self.api.post("/api/v1/tokens", json={"note": "hers", "user": user}).json()["token"]
        refused = self.apollo(
            "task", "run", "--project", shop, "--image", "busybox", "--secret", name, "--", "true",
            env={"APOLLO_TOKEN": token},
        )
        self.assertCode(refused, 77)
        self.assertSays(refused.err, f"user://local/{user}".replace("user", "service", 1), "read", f"/{shop}/{name}")
        self.assertEqual(self.api.get(f"/api/v1/tasks?project={shop}").json()["items"], [])
        found = self.records(f"outcome=denied&action=createTask&principal=service://local/{user}")
        self.assertEqual(len(found), 1)

    def test_a_missing_secret_is_said_and_nothing_runs(self):
        name = self.unique("missing")
        task = self.api.submit("true", secrets=[{"name": name}])
        record = self.wait(task, "failed", "completed")
        self.assertEqual(record["state"], "failed")
        self.assertSays(record["reason"], f"no secret '{name}'", "apollo secret set")
        self.set(name, "x")
        task = self.api.submit("true", secrets=[{"name": name, "version": 7}])
        self.assertSays(self.wait(task, "failed", "completed")["reason"], "no version 7")

    def test_what_excludes_each_other_is_refused_with_its_field(self):
        for secrets, field in (
            ([{"name": "a", "path": "x", "environment": "Y"}], "secrets[0].path"),
            ([{"name": "a", "path": "../x"}], "secrets[0].path"),
            ([{"name": "a", "path": "/etc/x"}], "secrets[0].path"),
            ([{"name": "a"}, {"name": "b", "path": "a"}], "secrets[1].path"),
            ([{"name": "a", "environment": "X"}, {"name": "b", "environment": "X"}], "secrets[1].environment"),
            ([{"name": "a", "version": 0}], "secrets[0].version"),
        ):
            answer = self.api.post("/api/v1/tasks", json={"executable": "true", "secrets": secrets})
            self.assertEqual(self.assertProblem(answer, 400, "invalid")["errors"][0]["path"], field)

    def test_the_secret_is_nowhere_else(self):
        value = "needle-" + os.urandom(12).hex()
        name = self.unique("needle")
        self.set(name, value)
        stop = self.scratch("stop")
        digest = hashlib.sha256(value.encode()).hexdigest()
        # The shell's words must not tell it either: it prints the hash.
        script = f'sha256sum < "$APOLLO_SECRETS_DIR/{name}"; while ! test -e {stop}; do sleep 0.05; done'
        task = self.api.shell(script, secrets=[{"name": name}, {"name": name, "environment": "HIDDEN"}])
        eventually(lambda: digest in self.apollo("task", "logs", task["name"]).out, "the task has the secret")
        for path in (
            "/api/v1/tasks", f"/api/v1/tasks/{task['id']}", f"/api/v1/tasks/{task['id']}/explain", "/api/v1/secrets",
            f"/api/v1/secrets/{name}", "/metrics", "/api/v1/nodes", "/api/v1/debug", "/api/v1/audit?limit=1000", "/",
            f"/tasks/default/{task['name']}",
        ):
            answer = self.api.get(path)
            self.assertEqual(answer.status, 200, path)
            self.assertNotIn(value, answer.text)
        for words in (
            ("task", "status", task["name"], "-o", "json"), ("debug",), ("audit", "--limit", "1000", "-o", "json"),
            ("secret", "ls", name, "-o", "json"), ("config", "show"),
        ):
            outcome = self.apollo(*words)
            self.assertCode(outcome, 0)
            self.assertNotIn(value, outcome.out + outcome.err)
        needle = value.encode()
        for line in glob.glob("/proc/[0-9]*/cmdline"):
            with contextlib.suppress(OSError), open(line, "rb") as file:
                self.assertNotIn(needle, file.read())
        open(stop, "w").close()
        self.wait(task, "completed", "failed")
        # A backup is compressed: what a restore makes of it is searched like the rest.
        backup, restored = self.scratch("needle.backup"), os.path.join(self.platform.scratch, "restored")
        self.assertCode(self.apollo("backup", backup, "--with-keys"), 0)
        self.assertCode(self.apollo("restore", backup, "--data", restored), 0)
        self.assertTrue(os.path.exists(os.path.join(restored, "apollo.db")))
        searched = 0
        for root, _, names in os.walk(os.path.dirname(self.platform.said)):
            for file in names:
                with contextlib.suppress(OSError), open(os.path.join(root, file), "rb") as opened:
                    self.assertNotIn(needle, opened.read(), os.path.join(root, file))
                    searched += 1
        self.assertGreater(searched, 5)


class SecretKeys(ApolloTestCase):
    own_platform = True

    def fill(self, platform, count):
        values = {f"s{number}": os.urandom(8).hex() for number in range(count)}
        for name, value in values.items():
            platform.api.call("PUT", f"/api/v1/secrets/{name}", json={"text": value})
        return values

    def check(self, platform, values):
        for name, value in values.items():
            answer = platform.api.get(f"/api/v1/secrets/{name}/value")
            self.assertEqual(answer.json()["value"], {"text": value})

    def key_count(self, platform):
        with contextlib.closing(sqlite3.connect(f"file:{platform.data}/apollo.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT COUNT(*) FROM sealing_keys").fetchone()[0]

    def test_a_rotation_that_is_killed_anywhere_loses_nothing(self):
        platform = self.make_platform().start()
        values = self.fill(platform, 300)
        for wait in (0.0, 0.002, 0.005, 0.01, 0.02):
            def rotate():
                with contextlib.suppress(Exception):
                    platform.api.post("/api/v1/secret-keys/rotate")

            thread = threading.Thread(target=rotate)
            thread.start()
            time.sleep(wait)
            platform.kill9()
            thread.join()
            platform.restart()
            self.check(platform, values)
            eventually(lambda: self.key_count(platform) == 1, "the rotation is completed")
        report = platform.apollo("secret", "rotate-key")
        self.assertCode(report, 0)
        self.assertSays(report.out, "300 encrypted", "1 old keys removed")
        self.check(platform, values)
        platform.terminate()

    def test_a_wrong_key_is_named_and_everything_else_works(self):
        platform = self.make_platform().start()
        values = self.fill(platform, 3)
        platform.terminate()
        key = os.path.join(platform.data, "secrets.key")
        with open(key) as file:
            right = file.read()
        with open(key, "w") as file:
            file.write(platform.apollo("secret", "new-key").out)
        platform.restart()
        answer = platform.api.get("/api/v1/secrets/s0/value")
        self.assertProblem(answer, 503, "unavailable", "is wanted")
        task = platform.api.submit("true", secrets=[{"name": "s0"}])
        reason = eventually(lambda: platform.api.task(task["id"])["reason"], "the task says why")
        eventually(lambda: "is wanted" in platform.api.task(task["id"])["reason"], "the task says why", )
        self.assertEqual(platform.apollo("task", "run", "--exec", "/bin/echo", "--", "hello").out, "hello\n")
        with open(platform.logged) as file:
            self.assertIn("secrets cannot be used", file.read())
        platform.terminate()
        # The new key in front of the old one takes over.
        with open(key) as file:
            new = file.read()
        with open(key, "w") as file:
            file.write(new + right)
        platform.restart()
        self.check(platform, values)
        platform.terminate()
        with open(key, "w") as file:
            file.write(new)
        platform.restart()
        self.check(platform, values)
        platform.terminate()
        os.unlink(key)
        platform.restart()
        self.assertProblem(platform.api.get("/api/v1/secrets/s0/value"), 503, "unavailable", "missing")
        self.assertFalse(os.path.exists(key))
        platform.terminate()
