"""Machines join by a token, and are known by their certificates."""

import os
import stat
import subprocess

from harness import ApolloTestCase, needs


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, timeout=60)


@needs.program("openssl")
class CertificateAuthority(ApolloTestCase):
    def token(self, *options):
        made = self.apollo("node", "token", "create", *options)
        self.assertCode(made, 0)
        path = self.scratch("token")
        with open(path, "w") as file:
            file.write(made.out)
        return path

    def join(self, token, name, directory):
        return self.apollo("node", "join", "--join-token-file", token, "--name", name, "--directory", directory)

    def request(self):
        key, request = self.scratch("k"), self.scratch("r")
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
        subject = ("-subj", "/CN=admin", "-addext", "subjectAltName=URI:apollo://local/user/admin")
        made = openssl("req", "-new", "-nodes", *curve, *subject, "-keyout", key, "-out", request)
        self.assertEqual(made.returncode, 0, made.stderr)
        with open(request) as file:
            return file.read()

    def test_a_machine_joins_renews_and_is_called_back(self):
        directory = self.scratch("node")
        name = self.unique("w")
        joined = self.join(self.token(), name, directory)
        self.assertCode(joined, 0)
        self.assertSays(joined.out, f"node://local/{name} has joined")
        for file in ("node.key", "node.crt", "ca.crt"):
            mode = stat.S_IMODE(os.stat(os.path.join(directory, file)).st_mode)
            self.assertEqual(mode, 0o600, file)
        authority, leaf = os.path.join(directory, "ca.crt"), os.path.join(directory, "node.crt")
        for purpose in ("sslserver", "sslclient"):
            checked = openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile", authority, leaf)
            self.assertEqual(checked.returncode, 0, checked.stderr)
        text = openssl("x509", "-in", leaf, "-noout", "-text").stdout.decode()
        self.assertIn(f"URI:apollo://local/node/{name}", text)
        with open(leaf) as file:
            first = file.read()
        self.assertCode(self.apollo("ca", "rotate"), 0)
        self.assertCode(self.apollo("node", "renew", "--directory", directory), 0)
        with open(leaf) as file:
            self.assertNotEqual(file.read(), first)
        self.assertEqual(openssl("verify", "-CAfile", authority, leaf).returncode, 0)
        self.assertEqual(self.apollo("ca", "show", "--pem").out.count("BEGIN CERTIFICATE"), 2)
        for issued in self.apollo("ca", "ls", "-o", "json").json():
            if issued["principal"] == f"node://local/{name}":
                self.assertCode(self.apollo("ca", "revoke", issued["serial"]), 0)
        refused = self.apollo("node", "renew", "--directory", directory)
        self.assertCode(refused, 77)
        self.assertSays(refused.err, "was revoked", "join again")

    def test_a_request_of_openssl_is_signed_on_our_terms_alone(self):
        token = self.api.post("/api/v1/join-tokens", json={}).json()["token"]
        body = {"token": token, "name": self.unique("w"), "request": self.request()}
        answer = self.api.post("/api/v1/join", json=body, token=None)
        self.assertEqual(answer.status, 201, repr(answer))
        text = openssl("x509", "-noout", "-text", data=answer.json()["certificate"].encode()).stdout.decode()
        self.assertIn(f"URI:apollo://local/node/{body['name']}", text)
        self.assertNotIn("user/admin", text)
        again = self.api.post("/api/v1/join", json={**body, "name": self.unique("w")}, token=None)
        self.assertProblem(again, 401, "unauthenticated", "used up")

    def test_a_token_is_listed_without_itself_and_taken_back(self):
        record = self.api.post("/api/v1/join-tokens", json={"uses": 5, "expires": "10m"}).json()
        listed = self.apollo("node", "token", "ls")
        self.assertIn(record["id"], listed.out)
        self.assertNotIn(record["token"], self.api.get("/api/v1/join-tokens").text)
        self.assertCode(self.apollo("node", "token", "rm", record["id"]), 0)
        self.assertCode(self.apollo("node", "token", "rm", record["id"]), 66)
        with open(os.path.join(self.platform.data, "apollo.db"), "rb") as file:
            self.assertNotIn(record["token"].split(".")[1].encode(), file.read())

    def test_a_token_of_another_platform_is_not_even_sent(self):
        other = self.make_platform().start()
        foreign = other.apollo("node", "token", "create").out
        path = self.scratch("token")
        with open(path, "w") as file:
            file.write(foreign)
        refused = self.join(path, "w", self.scratch("node"))
        self.assertCode(refused, 77)
        self.assertSays(refused.err, "not the platform", "not sent")
        with open(path, "w") as file:
            file.write(foreign[:-10])
        self.assertCode(self.join(path, "w", self.scratch("node")), 65)
        other.terminate()


class CertificateGuessing(ApolloTestCase):
    def test_who_guesses_is_told_to_wait(self):
        body = {"token": "apj_" + "0" * 20, "name": "w", "request": "x"}
        for _ in range(10):
            self.assertProblem(self.api.post("/api/v1/join", json=body, token=None), 400, "invalid", "token")
        self.assertProblem(self.api.post("/api/v1/join", json=body, token=None), 429, "exhausted", "wait")
