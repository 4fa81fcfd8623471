"""What `apollo up` refuses, and how it says so."""

import os
import shutil
import socket
import ssl
import subprocess
import urllib.request

from harness import ApolloTestCase, needs


class Refusals(ApolloTestCase):
    own_platform = True

    def up(self, platform, *options, code, says, env=None):
        """`up` ends with this code and says all of this on the standard error."""
        outcome = platform.apollo("up", "--data", platform.data, *options, env=env)
        self.assertCode(outcome, code)
        self.assertSays(outcome.err, *says)
        self.assertEqual(outcome.out, "")
        return outcome

    def works(self, platform):
        """The data directory can be used after all."""
        platform.start()
        self.assertCode(platform.apollo("task", "run", "--", "true"), 0)
        self.assertEqual(platform.terminate(), 0)

    def test_a_busy_port_is_named_with_what_to_try(self):
        platform = self.make_platform()
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.up(
                platform, "--port", str(port), code=67, says=(f"127.0.0.1:{port}", "in use", "choose another port")
            )
        self.assertIsNone(platform.address)
        self.works(platform)

    def test_a_second_platform_on_the_same_data_is_refused_and_the_first_goes_on(self):
        platform = self.make_platform().start()
        outcome = platform.apollo("up", "--data", platform.data, "--port", "0")
        self.assertNotEqual(outcome.code, 0)
        self.assertSays(outcome.err, platform.data, str(platform.process.pid))
        self.assertIn("hint: ", outcome.err)
        self.assertCode(platform.apollo("task", "run", "--", "true"), 0)
        self.assertEqual(platform.terminate(), 0)

    def test_a_file_in_the_place_of_the_directory_is_refused(self):
        platform = self.make_platform()
        with open(platform.data, "w") as file:
            file.write("mine")
        self.up(platform, "--port", "0", code=65, says=(platform.data, "--data"))
        with open(platform.data) as file:
            self.assertEqual(file.read(), "mine")

    def test_a_relative_directory_is_taken_from_where_one_is_or_refused(self):
        platform = self.make_platform()
        outcome = platform.apollo("up", "--data", "relative", "--port", "70000")
        self.assertCode(outcome, 2)

    @needs.root
    def test_a_read_only_disk_is_named(self):
        platform = self.make_platform()
        os.makedirs(platform.data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "apollo-test", platform.data], check=True)
        outcome = self.up(platform, "--port", "0", code=69, says=(platform.data, "ead-only", "--data"))
        self.assertIn("hint: ", outcome.err)

    @needs.root
    @needs.program("setpriv")
    def test_a_directory_of_someone_else_is_named(self):
        platform = self.make_platform()
        os.makedirs(platform.data)
        for directory in (os.environ["APOLLO_TEST_SCRATCH"], self.directory, platform.scratch):
            os.chmod(directory, 0o711)
        # The build folder may lie in a home that others cannot look into.
        binary = shutil.copy(platform.binary, os.path.join(self.directory, "apollo"))
        outcome = subprocess.run(
            [
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "env",
                "-i",
                "HOME=/nonexistent",
                binary,
                "up",
                "--data",
                platform.data,
                "--port",
                "0",
            ],
            capture_output=True,
            timeout=60,
        )
        if b"setpriv" in outcome.stderr:
            self.skipTest(f"another user cannot run the program here: {outcome.stderr.decode().strip()}")
        self.assertEqual(outcome.returncode, 77, outcome.stderr)
        self.assertSays(outcome.stderr.decode(), platform.data, "--data")

    def test_a_token_that_others_can_read_is_refused_with_the_remedy(self):
        platform = self.make_platform().start()
        platform.terminate()
        token = os.path.join(platform.data, "admin.token")
        os.chmod(token, 0o644)
        self.up(
            platform, "--port", "0", code=77, says=(token, "can be read by other users", "remove the file and start")
        )
        outcome = platform.apollo("task", "ps")
        self.assertCode(outcome, 77)
        os.unlink(token)
        self.works(platform)
        self.assertEqual(os.stat(token).st_mode & 0o777, 0o600)

    def test_a_damaged_token_is_refused_with_the_remedy(self):
        platform = self.make_platform().start()
        platform.terminate()
        token = os.path.join(platform.data, "admin.token")
        for text in ("", "nonsense\n", "x" * 10_000):
            with open(token, "w") as file:
                file.write(text)
            self.up(platform, "--port", "0", code=74, says=(token, "remove it"))
        os.unlink(token)
        self.works(platform)

    def test_a_damaged_node_identifier_is_refused_with_the_remedy(self):
        platform = self.make_platform().start()
        platform.terminate()
        path = os.path.join(platform.data, "node-id")
        with open(path) as file:
            good = file.read()
        for text in ("", "nonsense\n", "\xff" * 50):
            with open(path, "w") as file:
                file.write(text)
            self.up(platform, "--port", "0", code=74, says=(path, "restore it, or remove it"))
        with open(path, "w") as file:
            file.write(good)
        self.works(platform)

    def test_a_damaged_database_is_refused_and_left_as_it_is(self):
        platform = self.make_platform().start()
        platform.api.submit("/bin/true")
        platform.terminate()
        path = os.path.join(platform.data, "apollo.db")
        for name in ("apollo.db-wal", "apollo.db-shm"):
            if os.path.exists(os.path.join(platform.data, name)):
                os.unlink(os.path.join(platform.data, name))
        junk = b"this is no database" * 1000
        with open(path, "wb") as file:
            file.write(junk)
        self.up(platform, "--port", "0", code=74, says=("apollo.db",))
        with open(path, "rb") as file:
            self.assertEqual(file.read(), junk)

    def test_beyond_loopback_tls_is_required(self):
        platform = self.make_platform()
        for address in ("0.0.0.0", "::", "192.0.2.1"):
            with self.subTest(address=address):
                self.up(
                    platform,
                    "--listen",
                    address,
                    "--port",
                    "0",
                    code=65,
                    says=(address, "--tls-certificate", "127.0.0.1"),
                )
        self.up(platform, "--listen", "not an address", "--port", "0", code=65, says=("not an address",))
        self.works(platform)

    def test_half_of_tls_is_refused(self):
        platform = self.make_platform()
        self.up(platform, "--port", "0", "--tls-key", "/x.key", code=65, says=("http.tls.certificate",))
        self.up(platform, "--port", "0", "--tls-certificate", "/x.crt", code=65, says=("http.tls.key",))

    def test_certificates_that_are_not_there_are_named(self):
        platform = self.make_platform()
        outcome = platform.apollo("up", "--port", "0", "--tls-certificate", "/no/x.crt", "--tls-key", "/no/x.key")
        self.assertNotIn(outcome.code, (0, 70))
        self.assertIn("/no/x", outcome.err)


class ConfigurationFiles(ApolloTestCase):
    own_platform = True

    def setUp(self):
        self.platform = self.make_platform()
        self.file = self.scratch("apollo.yaml")

    def refused(self, text, *says, command=("config", "show")):
        with open(self.file, "w") as file:
            file.write(text)
        outcome = self.apollo(*command, "--config", self.file)
        self.assertCode(outcome, 65)
        self.assertSays(outcome.err, *says)

    def test_an_unknown_key_is_told_with_line_and_column(self):
        self.refused(
            "http:\n  prot: 7071\n", f"{self.file}:2:3: unknown setting 'http.prot'; did you mean 'http.port'?"
        )
        self.refused("http:\n  prot: 7071\n", f"{self.file}:2:3", command=("up", "--port", "0"))

    def test_a_wrong_type_is_told_with_line_and_column(self):
        self.refused("http:\n  port: many\n", f"{self.file}:2:9", "'http.port' must be", "'many'")
        self.refused("process:\n  enabled: 7\n", f"{self.file}:2:12", "process.enabled")

    def test_what_is_not_yaml_is_told_with_its_place(self):
        self.refused("http: [1, 2\n", self.file, "YAML")
        self.refused("a: b: c\n", self.file)
        self.refused("\tx: 1\n", self.file)

    def test_every_fault_is_told_at_once(self):
        self.refused("http:\n  prot: 1\nlog:\n  level: loud\nwhat: 1\n", ":2:3", ":4:10", ":5:1", "3 places")

    def test_a_file_that_is_named_must_be_there(self):
        for words, env in ((("--config", "/no/apollo.yaml"), {}), ((), {"APOLLO_CONFIG": "/no/apollo.yaml"})):
            outcome = self.apollo("config", "show", *words, env=env)
            self.assertCode(outcome, 66)
            self.assertSays(outcome.err, "/no/apollo.yaml", "apollo config example")

    def test_the_example_is_a_valid_file_that_changes_nothing(self):
        example = self.apollo("config", "example")
        self.assertCode(example, 0)
        with open(self.file, "w") as file:
            file.write(example.out)
        with_file = self.apollo("config", "show", "--config", self.file, "-o", "json").json()
        without = self.apollo("config", "show", "-o", "json").json()
        self.assertEqual([(e["key"], e["value"]) for e in with_file], [(e["key"], e["value"]) for e in without])
        self.assertSays(self.apollo("config", "reference").out, *[entry["key"] for entry in without])

    def test_each_value_says_where_it_comes_from(self):
        with open(self.file, "w") as file:
            file.write("http:\n  port: 7171\nlog:\n  level: debug\n")
        text = self.apollo("config", "show", "--config", self.file, env={"APOLLO_LOG_LEVEL": "error"}).out
        rows = {line.split()[0]: line for line in text.splitlines()}
        self.assertSays(rows["http.port"], "7171", f"{self.file}:2")
        self.assertSays(rows["log.level"], "error", "APOLLO_LOG_LEVEL")
        self.assertSays(rows["http.address"], "127.0.0.1", "default")

    def test_the_platform_follows_its_file(self):
        with open(self.file, "w") as file:
            file.write("process:\n  enabled: false\n")
        self.platform.start("--config", self.file)
        self.assertCode(self.apollo("task", "run", "--", "true"), 77)
        self.platform.terminate()

    def test_variables_of_the_command_line_are_no_warning(self):
        outcome = self.apollo("config", "show", env={"APOLLO_ADDRESS": "http://127.0.0.1:1", "APOLLO_TOKEN": "x"})
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        outcome = self.apollo("config", "show", env={"APOLLO_HTTP_PROT": "1"})
        self.assertIn("APOLLO_HTTP_PORT", outcome.err)


class TLS(ApolloTestCase):
    own_platform = True

    @needs.program("openssl")
    def test_a_certificate_of_ones_own_serves_curl_python_and_the_command_line(self):
        platform = self.platform = self.make_platform()
        certificate, key = os.path.join(platform.scratch, "cert.pem"), os.path.join(platform.scratch, "key.pem")
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                key,
                "-out",
                certificate,
                "-days",
                "2",
                "-subj",
                "/CN=apollo",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
            ],
            check=True,
            capture_output=True,
        )
        os.chmod(key, 0o600)
        platform.start("--listen", "127.0.0.1", "--tls-certificate", certificate, "--tls-key", key)
        self.assertRegex(platform.address, r"^https://127\.0\.0\.1:\d+$")
        # Nobody vouches for it: refused, and the message says what to do.
        outcome = platform.apollo("task", "ps")
        self.assertCode(outcome, 69)
        self.assertSays(outcome.err, "certificate", "--ca-file")
        self.assertCode(platform.apollo("task", "run", "--ca-file", certificate, "--", "true"), 0)
        self.assertCode(platform.apollo("task", "ps", env={"APOLLO_CA_FILE": certificate}), 0)
        outcome = platform.apollo("task", "ps", "--ca-file", "/no/such.pem")
        self.assertNotIn(outcome.code, (0, 70))
        self.assertIn("/no/such.pem", outcome.err)
        token = f"$(cat {platform.data}/admin.token)"
        curl = f'curl -sS --cacert {certificate} -H "Authorization: Bearer {token}"'
        line = f"{curl} {platform.address}/api/v1/version"
        self.assertEqual(platform.apollo.shell(line).json()["api"], "v1")
        context = ssl.create_default_context(cafile=certificate)
        with urllib.request.urlopen(platform.address + "/healthz", context=context, timeout=30) as answer:
            self.assertEqual(answer.read(), b"ok\n")
        # Plain HTTP on its port is no answer and no harm.
        host, port = platform.address.removeprefix("https://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertNotIn(b"200 OK", plain.recv(1000))
        self.assertEqual(platform.terminate(), 0)


class Shells(ApolloTestCase):
    def test_bash_completes_commands_options_and_tasks(self):
        name = self.unique("complete-me")
        self.api.submit("/bin/sleep", "1000", name=name)

        def complete(*words):
            line = " ".join(words)
            quoted = " ".join(f"'{word}'" for word in words)
            script = "\n".join(
                [
                    "source <(apollo completion bash)",
                    f"COMP_WORDS=({quoted})",
                    f"COMP_CWORD={len(words) - 1}",
                    f"COMP_LINE='{line}'",
                    f"COMP_POINT={len(line)}",
                    "function=$(complete -p apollo | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p')",
                    '"$function" apollo',
                    "printf '%s\\n' \"${COMPREPLY[@]}\"",
                ]
            )
            outcome = self.apollo.shell(script)
            self.assertCode(outcome, 0)
            return [word.strip() for word in outcome.out.splitlines()]

        self.assertLessEqual({"up", "task", "node", "config", "version"}, set(complete("apollo", "")))
        self.assertIn("status", complete("apollo", "task", "st"))
        self.assertIn("--detach", complete("apollo", "task", "run", "--de"))
        self.assertEqual(complete("apollo", "task", "stop", "complete-"), [name])
        self.apollo("task", "stop", "--grace", "0", name)

    def test_scripts_are_valid_for_their_shells(self):
        self.assertCode(self.apollo.shell("apollo completion bash | bash -n"), 0)
        self.assertIn("#compdef apollo", self.apollo("completion", "zsh").out)

    def test_every_command_explains_itself(self):
        for words in (
            [],
            ["up"],
            ["task"],
            ["task", "run"],
            ["task", "ps"],
            ["task", "status"],
            ["task", "logs"],
            ["task", "stop"],
            ["task", "rm"],
            ["task", "wait"],
            ["node"],
            ["node", "ls"],
            ["config"],
            ["config", "show"],
            ["version"],
        ):
            outcome = self.apollo(*words, "--help")
            self.assertCode(outcome, 0)
            self.assertIn("Usage: apollo", outcome.out)
            self.assertLessEqual(max(len(line) for line in outcome.out.splitlines()), 120)

    def test_unknown_commands_are_wrong_usage_with_the_nearest(self):
        outcome = self.apollo("taks", "run")
        self.assertCode(outcome, 2)
        self.assertIn("task", outcome.err)

    def test_no_engine_is_told_with_what_to_try_and_leaves_no_task(self):
        before = self.api.tasks()
        outcome = self.apollo.shell("apollo task run --image busybox -- echo hello")
        self.assertCode(outcome, 67)
        self.assertSays(outcome.err, "no node can run containers", "apt install docker.io", "--exec")
        self.assertProblem(
            self.api.post("/api/v1/tasks", json={"image": "busybox"}), 409, "conflict", "container engine"
        )
        self.assertEqual(self.api.tasks(), before)
