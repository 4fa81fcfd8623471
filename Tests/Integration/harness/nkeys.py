"""Keys and credentials of NATS, as its tool nsc makes them: Ed25519 by openssl, in NATS' own letters.

https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth, and jwt beside it.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

OPERATOR, ACCOUNT, USER, SEED = 14 << 3, 0, 20 << 3, 18 << 3
# RFC 8410: what comes before the 32 bytes of a private key.
PRIVATE = bytes.fromhex("302e020100300506032b657004220420")


def missing():
    """Why no keys can be made here, or None."""
    return None if shutil.which("openssl") else "openssl is not installed"


def _letters(data):
    """Base 32 of it and its CRC-16 (XMODEM)."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return base64.b32encode(data + crc.to_bytes(2, "little")).decode().rstrip("=")


def _web(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Key:
    """Of an operator, an account or a user."""

    def __init__(self, kind):
        self.kind, self.raw = kind, os.urandom(32)
        self.public = _letters(bytes([kind]) + self._openssl("pkey", "-pubout", "-outform", "DER")[-32:])

    @property
    def seed(self):
        return _letters(bytes([SEED | self.kind >> 5, (self.kind & 31) << 3]) + self.raw)

    def _openssl(self, verb, *words):
        with tempfile.NamedTemporaryFile() as file:
            file.write(PRIVATE + self.raw)
            file.flush()
            key = ["-inkey" if verb == "pkeyutl" else "-in", file.name]
            form = ["-keyform" if verb == "pkeyutl" else "-inform", "DER"]
            done = subprocess.run(["openssl", verb, *key, *form, *words], capture_output=True, check=True, timeout=60)
        return done.stdout

    def sign(self, data):
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return self._openssl("pkeyutl", "-sign", "-rawin", "-in", file.name)

    def claim(self, subject, name, what, **more):
        """A JWT in which this key says something of another, or of itself."""
        claims = {"jti": name, "iat": int(time.time()), "iss": self.public, "name": name, "sub": subject.public}
        body = {**claims, **more, "nats": {**what, "version": 2}}
        text = ".".join(_web(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, body))
        return f"{text}.{_web(self.sign(text.encode()))}"


class Operator:
    """An operator with one account: what a server believes, and credentials of users."""

    def __init__(self):
        self.key, self.account = Key(OPERATOR), Key(ACCOUNT)

    @property
    def configuration(self):
        limits = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)
        account = {"type": "account", "limits": {**limits, "wildcards": True}}
        return (
            f"operator: {self.key.claim(self.key, 'operator', {'type': 'operator'})}\n"
            "resolver: MEMORY\n"
            f"resolver_preload: {{ {self.account.public}: {self.key.claim(self.account, 'account', account)} }}\n"
        )

    def credentials(self, path, subjects=(">",), **more):
        """Writes the file of a new user who may use these subjects; `exp` says until when."""
        user, allowed = Key(USER), {"allow": list(subjects)}
        what = {"type": "user", "pub": allowed, "sub": allowed, "subs": -1, "data": -1, "payload": -1}
        with open(path, "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(
                f"-----BEGIN NATS USER JWT-----\n{self.account.claim(user, 'apollo', what, **more)}\n"
                "------END NATS USER JWT------\n\n"
                f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
            )
        return path
