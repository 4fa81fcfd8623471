"""A registry of the tests' own, Debian's docker-registry, and images made by hand."""

import base64
import gzip
import hashlib
import http.client
import io
import json
import os
import platform
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time

PROGRAM = "/usr/bin/docker-registry"
BUSYBOX = next((path for path in ("/usr/bin/busybox", "/bin/busybox") if os.path.exists(path)), None)
APPLETS = (
    "sh", "echo", "cat", "sleep", "seq", "env", "id", "pwd", "true", "touch", "ls", "dd", "grep", "kill", "tar",
    "hostname", "head", "wc", "mkdir", "rm", "mv", "cp", "stat", "test",
)
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIGURATION = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def missing():
    """Why no images can be served here, or None."""
    if not os.access(PROGRAM, os.X_OK):
        return "docker-registry is not installed"
    return None if BUSYBOX else "busybox is not installed"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(*members):
    """An archive of (name, bytes or a link's target, mode[, user, group]); one with a slash at its end is a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content, mode, *owner in members:
            member = tarfile.TarInfo(name.rstrip("/"))
            member.mode = mode
            member.uid, member.gid = owner or (0, 0)
            if name.endswith("/"):
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def busybox():
    """The layer of a small system: Debian's busybox, which needs no library."""
    with open(BUSYBOX, "rb") as file:
        program = file.read()
    members = [(f"{name}/", None, 0o755) for name in ("bin", "etc", "proc", "sys", "dev", "srv")]
    members += [("tmp/", None, 0o1777), ("bin/busybox", program, 0o755)]
    members += [(f"bin/{name}", "busybox", 0o777) for name in APPLETS]
    members.append(("etc/passwd", b"root:x:0:0::/:/bin/sh\nworker:x:1234:1235::/srv:/bin/sh\n", 0o644))
    members.append(("etc/group", b"root:x:0:\nworker:x:1235:\naudio:x:29:worker\n", 0o644))
    return tar(*members)


class Registry:
    """Starts when it is made; `credentials` are a name and a password that it wants."""

    def __init__(self, credentials=None):
        self.directory = tempfile.mkdtemp(prefix="apollo-registry-", dir="/tmp")
        # It takes no port that is free by itself.
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.authorization = None
        lines = ["version: 0.1", "log: {level: warn}"]
        lines.append(f"storage: {{filesystem: {{rootdirectory: {self.directory}/data}}}}")
        lines.append(f"http: {{addr: '127.0.0.1:{self.port}'}}")
        if credentials:
            made = subprocess.run(["htpasswd", "-Bbn", *credentials], capture_output=True, text=True, check=True)
            with open(os.path.join(self.directory, "passwords"), "w") as file:
                file.write(made.stdout)
            lines.append(f"auth: {{htpasswd: {{realm: tests, path: {self.directory}/passwords}}}}")
            self.authorization = "Basic " + base64.b64encode(":".join(credentials).encode()).decode()
        configuration = os.path.join(self.directory, "config.yml")
        with open(configuration, "w") as file:
            file.write("\n".join(lines) + "\n")
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", configuration], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.call("GET", "/v2/")
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.close()
                    raise
                time.sleep(0.02)

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = dict(headers or {})
        if self.authorization:
            headers["Authorization"] = self.authorization
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def put_blob(self, repository, data):
        status, headers, _ = self.call("POST", f"/v2/{repository}/blobs/uploads/")
        assert status == 202, status
        place = headers["Location"].split(self.host)[-1]
        status, _, body = self.call(
            "PUT", f"{place}{'&' if '?' in place else '?'}digest={digest(data)}", data,
            {"Content-Type": "application/octet-stream"},
        )
        assert status == 201, (status, body)

    def put_manifest(self, repository, tag, document, media_type=MANIFEST):
        data = json.dumps(document).encode()
        status, _, body = self.call("PUT", f"/v2/{repository}/manifests/{tag}", data, {"Content-Type": media_type})
        assert status == 201, (status, body)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    def push(self, repository, layers, tag="latest", architecture=ARCHITECTURE, diff_ids=None, **config):
        """An image of layers, which are tar archives; returns its name and its descriptor."""
        packed = [gzip.compress(layer, 1, mtime=0) for layer in layers]
        configuration = json.dumps({
            "architecture": architecture, "os": "linux",
            "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"], **config},
            "rootfs": {"type": "layers", "diff_ids": diff_ids or [digest(layer) for layer in layers]},
        }).encode()
        for blob in [configuration, *packed]:
            self.put_blob(repository, blob)
        descriptor = self.put_manifest(repository, tag, {
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": CONFIGURATION, "digest": digest(configuration), "size": len(configuration)},
            "layers": [{"mediaType": LAYER, "digest": digest(blob), "size": len(blob)} for blob in packed],
        })
        return f"{self.host}/{repository}:{tag}", descriptor
