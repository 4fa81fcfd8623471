"""TLS by the platform's own authority, certificates that change while it serves, clients that show theirs."""

import http.client
import json
import os
import pty
import signal
import ssl
import subprocess

from harness import ApolloTestCase, needs
from harness.case import BINARY
from harness.cli import CommandLine
from harness.machines import Manager
from harness.waiting import eventually

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def openssl(*words):
    return subprocess.run(["openssl", *words], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)


class TLSTestCase(ApolloTestCase):
    own_platform = True

    def trust(self, platform):
        return os.path.join(platform.data, "tls", "ca.crt")

    def host(self, platform):
        return platform.address.removeprefix("https://")

    def connect(self, platform, authorities, certificate=None, key=None):
        context = ssl.create_default_context(cafile=authorities)
        if certificate:
            context.load_cert_chain(certificate, key)
        connection = http.client.HTTPSConnection(self.host(platform), context=context, timeout=60)
        connection.connect()
        return connection

    def ask(self, connection, path="/api/v1/whoami", token=None):
        fields = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request("GET", path, headers=fields)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    def serial(self, platform, authorities):
        """The serial number of the certificate that a new connection gets."""
        connection = self.connect(platform, authorities)
        try:
            return connection.sock.getpeercert()["serialNumber"]
        finally:
            connection.close()

    def selfsigned(self, stem, *names, days="2"):
        certificate, key = self.scratch(stem + ".crt"), self.scratch(stem + ".key")
        alternatives = ",".join(names or ("IP:127.0.0.1",))
        made = openssl(
            *("req", "-x509", *CURVE, "-nodes", "-days", days, "-subj", "/CN=" + stem),
            *("-addext", "subjectAltName=" + alternatives, "-keyout", key, "-out", certificate),
        )
        self.assertEqual(made.returncode, 0, made.stderr)
        return certificate, key

    def join(self, platform, name):
        directory = self.scratch("node")
        made = platform.apollo("node", "token", "create")
        self.assertCode(made, 0)
        token = self.scratch("token")
        with open(token, "w") as file:
            file.write(made.out)
        joined = platform.apollo("node", "join", "--join-token-file", token, "--name", name, "--directory", directory)
        self.assertCode(joined, 0)
        return os.path.join(directory, "node.crt"), os.path.join(directory, "node.key")


@needs.program("openssl")
class OwnAuthority(TLSTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = cls.make_platform("--listen", "0.0.0.0", "--tls", "own", "--tls-names", "127.0.0.1,apollo.test")
        cls.platform.start()

    def test_curl_openssl_python_and_the_command_line_trust_it(self):
        platform, trust = self.platform, self.trust(self.platform)
        self.assertRegex(platform.address, r"^https://127\.0\.0\.1:\d+$")
        self.assertCode(platform.apollo("task", "ps"), 0)
        curl = f"curl -sS --cacert {trust} {platform.address}/healthz"
        self.assertEqual(platform.apollo.shell(curl).out, "ok\n")
        checked = openssl(
            *("s_client", "-connect", self.host(platform), "-CAfile", trust, "-verify_return_error"),
            *("-verify_hostname", "apollo.test", "-servername", "apollo.test"),
        )
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn(b"Verify return code: 0 (ok)", checked.stdout)
        connection = self.connect(platform, trust)
        self.assertEqual(self.ask(connection, token=platform.token)[0], 200)
        connection.close()
        found = platform.apollo("doctor", "--check", "certificate")
        self.assertSays(found.out, "server.pem is valid for 29 more days")
        for file in ("server.pem", "ca.crt"):
            self.assertEqual(os.stat(os.path.join(platform.data, "tls", file)).st_mode & 0o777, 0o600)

    def test_a_rotation_is_served_at_once_and_breaks_nobody(self):
        platform = self.platform
        pinned = self.scratch("pinned.crt")
        with open(self.trust(platform)) as now, open(pinned, "w") as file:
            file.write(now.read())
        live = self.connect(platform, pinned)
        before = self.serial(platform, pinned)
        for _ in range(2):
            self.assertCode(platform.apollo("ca", "rotate"), 0)
        self.assertEqual(self.ask(live, token=platform.token)[0], 200)
        live.close()
        # Whoever trusts the old authority alone has a path to the new one, and so has curl.
        self.assertNotEqual(self.serial(platform, pinned), before)
        curl = f"curl -sS --cacert {pinned} {platform.address}/healthz"
        self.assertEqual(platform.apollo.shell(curl).out, "ok\n")
        self.assertCode(platform.apollo("task", "ps"), 0)

    def test_a_certificate_that_was_called_back_is_replaced(self):
        platform, trust = self.platform, self.trust(self.platform)
        before = self.serial(platform, trust)
        self.assertCode(platform.apollo("ca", "revoke", before.lower()), 0)
        self.assertNotEqual(self.serial(platform, trust), before)

    def test_a_machine_is_known_by_its_certificate_until_it_is_called_back(self):
        platform, trust, name = self.platform, self.trust(self.platform), self.unique("w")
        certificate, key = self.join(platform, name)
        connection = self.connect(platform, trust, certificate, key)
        status, who = self.ask(connection)
        self.assertEqual((status, who["principal"]), (200, f"node://local/{name}"))
        # A token says more: what asks with one asks as its owner.
        self.assertEqual(self.ask(connection, token=platform.token)[1]["principal"], "user://local/admin")
        self.assertEqual(self.ask(connection, "/api/v1/certificates")[0], 403)
        serial = openssl("x509", "-in", certificate, "-noout", "-serial").stdout.decode().strip().split("=")[1].lower()
        self.assertCode(platform.apollo("ca", "revoke", serial), 0)
        status, problem = self.ask(connection)
        connection.close()
        self.assertEqual((status, problem["type"]), (401, "urn:apollo:error:unauthenticated"))
        self.assertSays(problem["detail"], serial, "was revoked")
        records = platform.apollo("audit", "-o", "json")
        self.assertSays(records.out, f"the certificate {serial} was revoked")

    def test_certificates_of_others_are_refused_with_the_reason(self):
        platform, trust = self.platform, self.trust(self.platform)
        forged, key = self.selfsigned("admin", "URI:apollo://local/user/admin")
        connection = self.connect(platform, trust, forged, key)
        status, problem = self.ask(connection)
        self.assertEqual(status, 401)
        self.assertIn("another authority", problem["detail"])
        # Who logs in is not held up by what it shows, and the audit has no fault of it.
        connection.request("POST", "/api/v1/login", body=b"{}", headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, b"another authority" in answer.read()), (400, False))
        # Open routes serve whoever comes, and a token is good whatever is shown beside it.
        self.assertEqual(self.ask(connection, "/api/v1/ca")[0], 200)
        self.assertEqual(self.ask(connection, token=platform.token)[0], 200)
        connection.close()
        server = os.path.join(platform.data, "tls", "server.pem")
        connection = self.connect(platform, trust, server, server)
        status, problem = self.ask(connection)
        connection.close()
        self.assertEqual(status, 401)
        self.assertIn("not for use as a client", problem["detail"])

    def test_a_page_of_another_site_has_no_use_of_a_browsers_certificate(self):
        certificate, key = self.join(self.platform, self.unique("w"))
        connection = self.connect(self.platform, self.trust(self.platform), certificate, key)
        connection.request("GET", "/api/v1/whoami", headers={"Sec-Fetch-Site": "cross-site"})
        self.assertEqual(connection.getresponse().status, 403)
        connection.close()


@needs.program("openssl")
class OwnCertificateKept(TLSTestCase):
    def test_it_is_kept_over_a_restart_and_made_anew_when_damaged_or_for_other_names(self):
        platform = self.make_platform("--tls", "own").start()
        trust = self.trust(platform)
        first = self.serial(platform, trust)
        platform.terminate()
        platform.start()
        self.assertEqual(self.serial(platform, trust), first)
        platform.kill9()
        with open(os.path.join(platform.data, "tls", "server.pem"), "w") as file:
            file.write("-----BEGIN CERTIFICATE-----\nhalf\n")
        platform.start()
        second = self.serial(platform, trust)
        self.assertNotEqual(second, first)
        platform.terminate()
        platform.start("--tls-names", "127.0.0.1,other.test")
        self.assertNotEqual(self.serial(platform, trust), second)
        self.assertEqual(platform.terminate(), 0)

    def test_settings_that_contradict_each_other_are_named(self):
        for options, says in (
            (("--tls", "files"), "http.tls.certificate"),
            (("--tls", "off", "--listen", "0.0.0.0"), "--tls own"),
            (("--tls", "own", "--tls-certificate", "/x", "--tls-key", "/y"), "http.tls.mode"),
            (("--tls", "own", "--tls-names", "a_b"), "http.tls.names"),
            (("--tls-names", "a"), "http.tls.mode own"),
            (("--tls", "mine"), "own"),
        ):
            with self.subTest(options=options):
                outcome = self.make_platform().apollo("up", "--port", "0", *options)
                self.assertIn(outcome.code, (2, 65))
                self.assertIn(says, outcome.err)


@needs.program("openssl")
class FilesThatChange(TLSTestCase):
    def replace(self, certificate, key):
        for source, place in ((key, self.key), (certificate, self.certificate)):
            with open(source) as file, open(place + ".new", "w") as copy:
                copy.write(file.read())
            os.replace(place + ".new", place)

    def setUp(self):
        self.first = self.selfsigned("first")
        self.certificate, self.key = self.scratch("server.crt"), self.scratch("server.key")
        self.replace(*self.first)
        self.platform = self.make_platform("--tls-certificate", self.certificate, "--tls-key", self.key).start()

    def serves(self, certificate):
        try:
            self.serial(self.platform, certificate)
            return True
        except ssl.SSLCertVerificationError:
            return False

    def test_new_files_are_served_without_a_restart_and_broken_ones_are_not(self):
        live = self.connect(self.platform, self.first[0])
        second = self.selfsigned("second")
        self.replace(*second)
        # Nobody says so: the files are looked at.
        eventually(lambda: self.serves(second[0]), "the new certificate is served")
        self.assertEqual(self.ask(live, token=self.platform.token)[0], 200)
        with open(self.certificate, "w") as file:
            file.write("nonsense")
        self.platform.process.send_signal(signal.SIGHUP)
        eventually(lambda: "cannot be used" in self.platform.log, "the broken file is told")
        self.assertTrue(self.serves(second[0]))
        third = self.selfsigned("third")
        self.replace(*third)
        self.platform.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.serves(third[0]), "the third certificate is served")
        self.assertEqual(self.ask(live, token=self.platform.token)[0], 200)
        live.close()
        self.assertEqual(self.platform.terminate(), 0)


class FirstContact(TLSTestCase):
    """`apollo login` to a platform by its own authority, from a machine that has never heard of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = cls.make_platform("--tls", "own").start()

    def setUp(self):
        self.home = self.scratch("home")
        os.mkdir(self.home)
        self.elsewhere = CommandLine(BINARY, self.home)
        with open(os.path.join(self.home, "password"), "w") as file:
            file.write("correct horse battery\n")
        self.user = self.unique("ann")
        made = f"apollo user create {self.user} --password-stdin < {self.home}/password"
        self.assertCode(self.platform.apollo.shell(made), 0)

    def fingerprint(self, platform):
        return platform.apollo("ca", "show", "-o", "json").json()[0]["fingerprint"]

    def login(self, *options, platform=None):
        address = (platform or self.platform).address
        words = " ".join(("apollo login --address", address, "--user", self.user, "--password-stdin", *options))
        return self.elsewhere.shell(f"{words} < {self.home}/password")

    def test_nothing_is_sent_before_the_fingerprint_is_confirmed(self):
        right = self.fingerprint(self.platform)
        outcome = self.login()
        self.assertCode(outcome, 77)
        self.assertSays(outcome.err, right, "--ca-fingerprint", "nothing was sent")
        outcome = self.login("--ca-fingerprint", "ab" * 32)
        self.assertCode(outcome, 77)
        self.assertSays(outcome.err, right, "not the one given")
        self.assertCode(self.login("--ca-fingerprint", "abc"), 65)
        records = self.platform.apollo("audit", "-o", "json").json()
        asked = [record["action"] for record in records if self.user in record["resource"]]
        self.assertEqual(asked, ["createUser"])
        self.assertEqual([file for _, _, files in os.walk(self.home + "/home") for file in files], [])
        # As openssl prints it.
        colons = ":".join(right[place : place + 2] for place in range(0, 64, 2)).upper()
        self.assertCode(self.login("--ca-fingerprint", f"'sha256 Fingerprint={colons}'"), 0)
        self.assertSays(self.elsewhere("whoami").out, self.user)
        self.assertSays(self.elsewhere("context", "show").out, right)
        self.assertCode(self.elsewhere("context", "rm", self.user), 0)
        self.assertEqual(os.listdir(os.path.join(self.home, "home", ".config", "apollo", "authorities")), [])

    def typed(self, *answers):
        """Logs in at a terminal, and returns the exit code and what was shown."""
        master, slave = pty.openpty()
        words = ("login", "--address", self.platform.address, "--user", self.user)
        process = self.elsewhere.start(*words, stdin=slave, stderr=slave)
        os.close(slave)
        shown = b""
        for question, answer in answers:
            while question not in shown:
                shown += os.read(master, 4096)
            os.write(master, answer)
        process.communicate(timeout=60)
        os.close(master)
        return process.returncode, shown.decode()

    def test_at_a_terminal_it_is_asked(self):
        question = b"Trust it? [y/N]"
        code, shown = self.typed((question, b"\n"))
        self.assertNotEqual(code, 0)
        self.assertIn(self.fingerprint(self.platform), shown)
        code, _ = self.typed((question, b"y\n"), (b"not shown", b"correct horse battery\n"))
        self.assertEqual(code, 0)
        self.assertSays(self.elsewhere("whoami").out, self.user)

    def test_rotations_are_followed_and_another_authority_is_an_error_that_says_what_to_do(self):
        platform = self.make_platform("--tls", "own").start()
        made = f"apollo user create {self.user} --password-stdin < {self.home}/password"
        self.assertCode(platform.apollo.shell(made), 0)
        first = self.fingerprint(platform)
        self.assertCode(self.login("--ca-fingerprint", first, platform=platform), 0)
        pin = os.path.join(self.home, "home", ".config", "apollo", "authorities", self.user + ".pem")
        self.assertCode(platform.apollo("ca", "rotate"), 0)
        self.assertCode(self.elsewhere("whoami"), 0)
        # Once a day the new one is learned.
        os.utime(pin, (0, 0))
        self.assertCode(self.elsewhere("whoami"), 0)
        with open(pin) as file:
            self.assertEqual(file.read().count("BEGIN CERTIFICATE"), 2)
        port = platform.address.rsplit(":", 1)[1]
        platform.terminate()
        other = self.make_platform("--tls", "own").start("--port", port)
        refused = self.elsewhere("whoami")
        self.assertCode(refused, 69)
        self.assertSays(refused.err, first, "another authority", "--ca-fingerprint")
        self.assertCode(self.login(platform=other), 69)
        self.assertCode(other.apollo.shell(made), 0)
        self.assertCode(self.login("--ca-fingerprint", self.fingerprint(other), platform=other), 0)
        self.assertCode(self.elsewhere("whoami"), 0)
        self.assertEqual(other.terminate(), 0)

    def test_a_machine_joins_and_renews_by_the_fingerprint_in_its_token(self):
        token, directory = self.scratch("token"), self.scratch("node")
        with open(token, "w") as file:
            file.write(self.platform.apollo("node", "token", "create").out)
        address = ("--address", self.platform.address)
        name = self.unique("w")
        words = ("node", "join", *address, "--join-token-file", token, "--name", name, "--directory", directory)
        self.assertCode(self.elsewhere(*words), 0)
        self.assertCode(self.platform.apollo("ca", "rotate"), 0)
        self.assertCode(self.elsewhere("node", "renew", *address, "--directory", directory), 0)
        stranger = self.make_platform("--tls", "own").start()
        words = ("node", "join", "--address", stranger.address, *words[4:])
        refused = self.elsewhere(*words[:-1], self.scratch("other"))
        self.assertCode(refused, 77)
        self.assertSays(refused.err, "not sent")
        self.assertEqual(stranger.terminate(), 0)


class MachinesByOwnAuthority(TLSTestCase):
    """A worker of a manager whose API is by its own authority: it knows nothing of it but the token."""

    def test_a_worker_joins_works_and_comes_back_without_being_told_whom_to_trust(self):
        scratch = os.path.dirname(self.scratch("x"))
        manager = self.platform = Manager(BINARY, scratch, "--tls", "own", lease="30s").start()
        worker = manager.worker("one").start()
        run = manager.apollo("task", "run", "--exec", "/bin/echo", "--", "hello")
        self.assertEqual((run.code, run.out), (0, "hello\n"), repr(run))
        self.assertCode(manager.apollo("ca", "rotate"), 0)
        worker.kill9()
        worker.start()
        run = manager.apollo("task", "run", "--exec", "/bin/echo", "--", "again")
        self.assertEqual((run.code, run.out), (0, "again\n"), repr(run))
        self.assertEqual(worker.terminate(), 0)
        self.assertEqual(manager.terminate(), 0)


@needs.program("openssl")
class WrongClocks(TLSTestCase):
    CONFIGURATION = """
        [ca]
        default_ca = own
        [own]
        database = {0}/index
        new_certs_dir = {0}
        serial = {0}/serial
        default_md = sha256
        policy = any
        x509_extensions = server
        [any]
        commonName = supplied
        [server]
        subjectAltName = IP:127.0.0.1
    """

    def dated(self, start, end):
        """A certificate for these days, and its key."""
        directory = os.path.dirname(self.scratch("x"))
        place = {name: os.path.join(directory, name) for name in ("config", "index", "serial", "key", "request", "crt")}
        for name, text in (("config", self.CONFIGURATION.format(directory)), ("index", ""), ("serial", "01\n")):
            with open(place[name], "w") as file:
                file.write("\n".join(line.strip() for line in text.splitlines()) + "\n" if text else "")
        made = openssl(
            *("req", "-new", *CURVE, "-nodes", "-subj", "/CN=x"),
            *("-keyout", place["key"], "-out", place["request"]),
        )
        self.assertEqual(made.returncode, 0, made.stderr)
        made = openssl(
            *("ca", "-batch", "-selfsign", "-notext", "-config", place["config"], "-keyfile", place["key"]),
            *("-in", place["request"], "-out", place["crt"], "-startdate", start, "-enddate", end),
        )
        self.assertEqual(made.returncode, 0, made.stderr)
        return place["crt"], place["key"]

    def test_certificates_before_and_after_their_time_have_the_clock_named(self):
        cases = (
            (self.dated("20200101000000Z", "20200201000000Z"), "has expired"),
            (self.dated("20600101000000Z", "20610101000000Z"), "not valid yet"),
        )
        certificate, key = self.scratch("crt"), self.scratch("key")
        for (made, its_key), says in cases:
            for source, place in ((made, certificate), (its_key, key)):
                with open(source) as file, open(place, "w") as copy:
                    copy.write(file.read())
            platform = self.make_platform("--tls-certificate", certificate, "--tls-key", key).start()
            refused = platform.apollo("task", "ps", "--ca-file", certificate)
            self.assertCode(refused, 69)
            self.assertSays(refused.err, says, "clock")
            self.assertEqual(platform.terminate(), 0)
