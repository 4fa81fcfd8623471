"""The platform's state on a PostgreSQL server: set up, lost, back again."""

import os
import subprocess
import unittest
import urllib.parse

from harness import ApolloTestCase, eventually, needs
from harness.postgresql import PostgreSQL, missing

PASSWORD = "correct-horse-battery"


def await_lead(platform):
    """One that comes after a kill stands by until the lease of the one before has run out."""
    eventually(lambda: platform.api.get("/api/v1/tasks").status == 200, "it leads")


def environment(password_file):
    return {"APOLLO_DATABASE_PASSWORD_FILE": password_file}


@unittest.skipIf(missing(), missing() or "")
class DatabaseCase(ApolloTestCase):
    own_platform = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = PostgreSQL(tcp=True)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        super().tearDownClass()

    def database(self):
        return self.server.create(self.unique("db").replace("-", ""))

    def platform_on(self, url, *options, **settings):
        return self.make_platform("--database", url, *options, **settings)


class DatabaseServer(DatabaseCase):
    def test_what_was_done_is_there_after_a_kill(self):
        platform = self.platform_on(self.database()).start()
        self.assertCode(platform.apollo("task", "run", "--name", "hello", "--exec", "/bin/echo", "--", "hello"), 0)
        self.assertCode(platform.apollo.shell("printf 1234 | apollo secret set pin"), 0)
        platform.kill9()
        self.assertNotIn("apollo.db", os.listdir(platform.data))
        platform.restart()
        await_lead(platform)
        self.assertEqual(platform.api.task("hello")["state"], "completed")
        self.assertEqual(platform.apollo("secret", "get", "pin").out, "1234")
        self.assertEqual(platform.terminate(), 0)

    def test_a_password_comes_from_a_file_and_is_seen_nowhere(self):
        self.server.sql("postgres", f"CREATE USER guarded PASSWORD '{PASSWORD}'")
        self.server.sql("postgres", "CREATE DATABASE guarded OWNER guarded")
        rules = os.path.join(self.server.data, "pg_hba.conf")
        with open(rules) as file:
            before = file.read()
        with open(rules, "w") as file:
            file.write("host all guarded 127.0.0.1/32 scram-sha-256\n" + before)
        self.server.sql("postgres", "SELECT pg_reload_conf()")
        file = self.scratch("password")
        with open(file, "w") as out:
            out.write(PASSWORD + "\n")
        os.chmod(file, 0o600)
        url = f"postgres://guarded@127.0.0.1:{self.server.tcp_port}/guarded"
        platform = self.platform_on(url, env=environment(file)).start()
        with open(f"/proc/{platform.process.pid}/cmdline") as line:
            self.assertNotIn(PASSWORD, line.read())
        self.assertEqual(platform.terminate(), 0)
        with open(file, "w") as out:
            out.write("wrong-and-secret\n")
        platform.begin()
        self.assertNotEqual(platform.wait(), 0)
        self.assertSays(platform.log, "password authentication failed", "database.password.file")
        self.assertNotIn("wrong-and-secret", platform.log + platform.output)
        os.chmod(file, 0o644)
        platform.begin()
        self.assertNotEqual(platform.wait(), 0)
        self.assertSays(platform.log, "others can read the database's password")

    def test_addresses_that_cannot_be_used_are_refused_in_a_line(self):
        port = self.server.tcp_port
        cases = [
            (f"postgres://apollo:{PASSWORD}@127.0.0.1:{port}/x", "password", "database.password.file"),
            ("postgres://apollo@127.0.0.1:1/apollo", "cannot connect", "goes on by itself"),
            (self.server.url("nowhere"), "does not exist", "make it"),
            ("mysql://somewhere/apollo", "neither 'sqlite:' nor", "postgres://USER@HOST/DATABASE"),
            ("sqlite:/tmp/x.db", "in the data directory", "data.directory"),
        ]
        for url, *parts in cases:
            with self.subTest(url):
                platform = self.platform_on(url).begin()
                self.assertNotEqual(platform.wait(), 0)
                self.assertSays(platform.log, *parts)
                self.assertNotIn(PASSWORD, platform.log)

    def test_a_second_platform_on_the_same_directory_is_refused(self):
        url = self.database()
        platform = self.platform_on(url).start()
        second = self.platform_on(url, data=platform.data)
        second.begin()
        self.assertNotEqual(second.wait(), 0)
        self.assertSays(second.log, "in use by process", str(platform.process.pid))
        self.assertEqual(platform.terminate(), 0)

    def test_a_newer_schema_is_refused_and_left_as_it_is(self):
        url = self.database()
        name = urllib.parse.urlsplit(url).path[1:]
        platform = self.platform_on(url).start()
        self.assertEqual(platform.terminate(), 0)
        self.server.sql(name, "INSERT INTO schema_migrations VALUES ('manager', 99, 'from the future', 'x', 1)")
        platform.begin()
        self.assertNotEqual(platform.wait(), 0)
        self.assertSays(platform.log, "version 99 of the manager schema", "newer program")
        doctor = platform.apollo("doctor", "--check", "database", env={"APOLLO_DATABASE_URL": url})
        self.assertCode(doctor, 1)
        self.assertSays(doctor.out, "newer than this program", "manager 99")

    def test_doctor_says_how_it_stands(self):
        url = self.database()
        platform = self.platform_on(url)
        look = lambda url: platform.apollo("doctor", "--check", "database", env={"APOLLO_DATABASE_URL": url})
        empty = look(url)
        self.assertSays(empty.out, "PostgreSQL 1", "empty; 'apollo up' makes the schema", "fsync = off")
        platform.start()
        self.assertSays(look(url).out, "schema up to date")
        self.assertEqual(platform.terminate(), 0)
        away = look("postgres://apollo@127.0.0.1:1/apollo")
        self.assertCode(away, 1)
        self.assertSays(away.out, "cannot connect")


class DatabaseBackups(DatabaseCase):
    weight = 2

    def backup(self, platform):
        there = self.scratch("a.backup")
        self.assertCode(platform.apollo("backup", there, "--with-keys", env=self.place(platform)), 0)
        return there

    def place(self, platform):
        url = platform.options[platform.options.index("--database") + 1] if "--database" in platform.options else ""
        return {"APOLLO_DATABASE_URL": url} if url else {}

    def fill(self, platform):
        for number in range(30):
            platform.api.submit("/bin/true", name=f"t-{number}")
        for number in range(30):
            platform.await_end(f"t-{number}")
        self.assertCode(platform.apollo.shell("printf 1234 | apollo secret set pin"), 0)
        self.assertEqual(platform.api.post("/api/v1/projects", json={"name": "shop"}).status, 201)

    def holds(self, platform):
        """All that was in the platform that was filled is in this one, and it works."""
        await_lead(platform)
        tasks = platform.api.every_task()
        self.assertEqual(sorted(task["name"] for task in tasks), sorted(f"t-{number}" for number in range(30)))
        self.assertEqual({task["state"] for task in tasks}, {"completed"})
        self.assertEqual(platform.apollo("secret", "get", "pin").out, "1234")
        self.assertIn("shop", platform.apollo("project", "ls").out)
        audit = platform.api.get("/api/v1/audit?action=createProject").json()["items"]
        self.assertEqual(len(audit), 1)
        self.assertCode(platform.apollo("task", "run", "--exec", "/bin/true"), 0)

    def restored(self, there, *options):
        other = self.make_platform(*options)
        done = other.apollo("restore", there, "--data", other.data, env=self.place(other))
        self.assertCode(done, 0)
        other.start()
        return other, done

    def test_from_a_server_to_another_to_a_file_and_back(self):
        platform = self.platform_on(self.database()).start()
        self.fill(platform)
        running = self.backup(platform)
        platform.kill9()
        at_rest = self.backup(platform)
        for there in (running, at_rest):
            other, done = self.restored(there, "--database", url := self.database())
            self.assertSays(done.out, "postgres://", url.split("?")[0].rsplit("/", 1)[1])
            self.assertNotIn("apollo.db", os.listdir(other.data))
            self.holds(other)
            self.assertEqual(other.token, platform.token)
            self.assertEqual(other.terminate(), 0)
        alone, _ = self.restored(running, "--database", "sqlite:")
        self.holds(alone)
        moved = self.backup(alone)
        self.assertEqual(alone.terminate(), 0)
        back, _ = self.restored(moved, "--database", self.database())
        await_lead(back)
        self.assertEqual(len(back.api.every_task()), 31)
        self.assertEqual(back.terminate(), 0)

    def test_a_database_with_a_platform_in_it_is_left_alone(self):
        platform = self.platform_on(self.database()).start()
        there = self.backup(platform)
        self.assertEqual(platform.terminate(), 0)
        elsewhere = os.path.join(platform.scratch, "elsewhere")
        for options in ((), ("--force",)):
            refused = platform.apollo("restore", there, "--data", elsewhere, *options, env=self.place(platform))
            self.assertCode(refused, 67)
            self.assertSays(refused.err, "there is a platform in the database", "createdb")
            self.assertFalse(os.path.exists(elsewhere))
        away = {"APOLLO_DATABASE_URL": "postgres://apollo@127.0.0.1:1/apollo"}
        refused = platform.apollo("restore", there, "--data", elsewhere, env=away)
        self.assertNotEqual(refused.code, 0)
        self.assertSays(refused.err, "cannot connect")
        self.assertFalse(os.path.exists(elsewhere))


class DatabaseEncryption(DatabaseCase):
    def test_a_server_elsewhere_must_prove_who_it_is(self):
        place = os.path.join(self.server.directory, "tls")
        os.makedirs(place)
        key, certificate = os.path.join(place, "server.key"), os.path.join(place, "server.crt")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
            + ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True, timeout=60,
        )
        owner = os.stat(self.server.directory)
        for path in (place, key, certificate):
            os.chown(path, owner.st_uid, owner.st_gid)
        os.chmod(key, 0o600)
        for name, value in (("ssl_cert_file", certificate), ("ssl_key_file", key), ("ssl", "on")):
            self.server.sql("postgres", f"ALTER SYSTEM SET {name} = '{value}'")
        self.server.sql("postgres", "SELECT pg_reload_conf()")
        self.database_name = urllib.parse.urlsplit(self.database()).path[1:]
        base = f"postgres://apollo@localhost:{self.server.tcp_port}/{self.database_name}?sslmode=verify-full"
        unknown = self.platform_on(base).begin()
        self.assertNotEqual(unknown.wait(), 0)
        self.assertSays(unknown.log, "certificate", "sslrootcert=FILE")
        known = self.platform_on(f"{base}&sslrootcert={certificate}").start()
        encrypted = self.server.sql(
            "postgres", "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
            f" WHERE datname = '{self.database_name}'"
        )
        self.assertEqual(encrypted, "t")
        self.assertEqual(known.terminate(), 0)
        other = base.replace("@localhost:", "@127.0.0.1:") + f"&sslrootcert={certificate}"
        wrong = self.platform_on(other).begin()
        self.assertNotEqual(wrong.wait(), 0)
        self.assertSays(wrong.log, "127.0.0.1")


class DatabaseOutages(DatabaseCase):
    weight = 3

    def setUp(self):
        self.platform = self.platform_on(self.database(), env={"APOLLO_MANAGER_LEASE": "3s"}).start()

    def refused(self, answer, *parts):
        self.assertProblem(answer, 503, "unavailable", *parts)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)

    def leads(self):
        return "apollo_leader 1" in self.platform.api.get("/metrics").text.splitlines()

    def look(self):
        """Asks for all there is while the database is away. Whether the term is over."""
        # What the manager knows it tells while its term lasts; what only the database knows is away, and says so.
        api = self.platform.api
        task = api.get("/api/v1/tasks/waits")
        if self.leads() or task.status == 200:
            self.assertEqual((task.status, task.json()["state"]), (200, "running"))
        else:
            self.refused(task, "database")
        for path in ("secrets", "audit", "join-tokens", "ca", "nodes", "jobs", "tokens", "debug"):
            found = api.get(f"/api/v1/{path}")
            self.assertIn(found.status, (200, 404, 503), f"{path}: {found!r}")
        for path, body in (("roles", {"name": "dev"}), ("projects", {"name": "shop"})):
            self.refused(api.post(f"/api/v1/{path}", json=body))
        return not self.leads()

    def outage(self, take, bring):
        """The database is away, and back: what is asked meanwhile is answered, and afterwards all goes on."""
        platform, gate = self.platform, self.scratch("gate")
        platform.apollo(
            "task", "run", "--detach", "--name", "waits", "--exec", "/bin/sh", "--",
            "-c", f"while [ ! -e {gate} ]; do sleep 0.05; done",
        )
        platform.await_state("waits", "running")
        take()
        try:
            submit = lambda: platform.api.post("/api/v1/tasks", json={"executable": "/bin/true"})
            self.refused(submit(), "database")
            eventually(self.look, "the term is over")
            self.look()
            self.refused(submit(), "database")
            self.assertProblem(platform.api.get("/api/v1/tasks/waits"), 503, "unavailable", "database")
            open(gate, "w").close()
        finally:
            bring()
        await_lead(platform)
        self.assertEqual(platform.api.get("/healthz").status, 200)
        platform.await_end("waits")
        self.assertCode(platform.apollo("task", "run", "--name", "after", "--exec", "/bin/true"), 0)
        platform.kill9()
        platform.restart()
        await_lead(platform)
        self.assertEqual(platform.api.task("waits")["state"], "completed")
        self.assertEqual(platform.api.task("after")["state"], "completed")
        # What was refused was not done; the one whose commit was under way when the answer was given may be.
        self.assertIn(len(platform.api.tasks()), (2, 3))
        self.assertEqual(platform.terminate(), 0)

    def test_while_it_is_stopped_requests_say_so_and_afterwards_all_goes_on(self):
        self.outage(self.server.stop, self.server.start)

    def test_while_it_is_killed_requests_say_so_and_afterwards_all_goes_on(self):
        self.outage(self.server.kill, self.server.start)

    def test_while_it_stands_still_requests_say_so_and_afterwards_all_goes_on(self):
        self.outage(self.server.pause, self.server.resume)
