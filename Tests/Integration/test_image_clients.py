"""The image registry, by clients that are not ours: docker, skopeo, podman, ORAS."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import unittest

from harness import ApolloTestCase
from harness.registry import CONFIG, LAYER, MANIFEST, Registry, descriptor, digest
from harness.tools import python_tools
from harness.engine import ENGINE


def layer(files):
    """A tar file of these files."""
    bytes_ = io.BytesIO()
    with tarfile.open(fileobj=bytes_, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
    return bytes_.getvalue()


def layout(directory, layers, tag="v1"):
    """Writes an OCI layout with one image."""
    blobs = os.path.join(directory, "blobs", "sha256")
    os.makedirs(blobs)

    def put(data):
        with open(os.path.join(blobs, hashlib.sha256(data).hexdigest()), "wb") as file:
            file.write(data)

    config = json.dumps(
        {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/hello"]},
         "rootfs": {"type": "layers", "diff_ids": [digest(each) for each in layers]}}
    ).encode()
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(config, CONFIG),
         "layers": [descriptor(each, LAYER) for each in layers]}
    ).encode()
    for data in (config, manifest, *layers):
        put(data)
    with open(os.path.join(directory, "oci-layout"), "w") as file:
        json.dump({"imageLayoutVersion": "1.0.0"}, file)
    with open(os.path.join(directory, "index.json"), "w") as file:
        named = descriptor(manifest, MANIFEST, annotations={"org.opencontainers.image.ref.name": tag})
        json.dump({"schemaVersion": 2, "manifests": [named]}, file)
    return directory


class ClientCase(ApolloTestCase):
    def run_client(self, *words, code=0, **options):
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, **options)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    @property
    def host(self):
        return self.platform.address.split("//")[1]

    def needs(self, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not installed")


class ImageClients(ClientCase):
    def test_skopeo_copies_images_there_and_back_and_deletes_them(self):
        self.needs("skopeo")
        token = self.platform.token
        source = layout(self.scratch("layout"), [layer({"hello": os.urandom(100_000)}), layer({"b": b"2"})])
        copy = ("skopeo", "--insecure-policy", "copy")
        to = ("--dest-tls-verify=false", "--dest-creds", f"admin:{token}")
        of = ("--src-tls-verify=false", "--src-creds", f"admin:{token}")
        at = ("--tls-verify=false", "--creds", f"admin:{token}")
        name = self.unique("skopeo")
        self.run_client(*copy, *to, f"oci:{source}:v1", f"docker://{self.host}/{name}:v1")
        self.run_client(*copy, *of, *to, f"docker://{self.host}/{name}:v1", f"docker://{self.host}/{name}-copy:v2")
        told = json.loads(self.run_client("skopeo", "inspect", *at, f"docker://{self.host}/{name}-copy:v2"))
        self.assertEqual((told["RepoTags"], len(told["Layers"])), (["v2"], 2))
        back = self.scratch("back")
        self.run_client(*copy, *of, f"docker://{self.host}/{name}-copy:v2", f"oci:{back}:v1")
        with open(os.path.join(back, "index.json")) as file:
            self.assertEqual(json.load(file)["manifests"][0]["digest"], told["Digest"])
        # As Docker wrote manifests before the OCI did.
        image = f"docker://{self.host}/{name}"
        self.run_client(*copy, *of, *to, "--format", "v2s2", f"{image}:v1", f"{image}:docker")
        self.run_client("skopeo", "delete", *at, f"{image}:docker")
        self.run_client("skopeo", "inspect", "--tls-verify=false", "--creds", "admin:wrong", f"{image}:v1", code=1)

    def test_podman_logs_in_pushes_and_pulls(self):
        self.needs("podman")
        scratch = os.path.dirname(self.scratch("podman"))
        podman = (
            "podman", "--root", f"{scratch}/root", "--runroot", f"{scratch}/run", "--tmpdir", f"{scratch}/tmp",
            "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
        )
        login = ("--tls-verify=false", "--authfile", f"{scratch}/auth.json")
        name = f"{self.host}/{self.unique('podman')}:v1"
        archive = f"{scratch}/layer.tar"
        with open(archive, "wb") as file:
            file.write(layer({"hello": b"#!/bin/sh\n"}))
        words = (*login, "-u", "admin", "--password-stdin", self.host)
        self.run_client(*podman, "login", *words, input=self.platform.token)
        self.run_client(*podman, "import", archive, name)
        self.run_client(*podman, "push", *login, name)
        self.run_client(*podman, "rmi", name)
        self.run_client(*podman, "pull", *login, name)
        self.assertIn(name.split(":v1")[0], self.run_client(*podman, "images"))

    def test_oras_pushes_and_pulls_files(self):
        python = python_tools()
        scratch = os.path.dirname(self.scratch("oras"))
        with open(f"{scratch}/notes.txt", "w") as file:
            file.write("kept as an artifact\n")
        name = f"{self.host}/{self.unique('oras')}:v1"
        script = (
            "import os, sys, oras.client\n"
            "name, token, host = sys.argv[1:]\n"
            "client = oras.client.OrasClient(hostname=host, insecure=True)\n"
            "client.login(hostname=host, username='admin', password=token, tls_verify=False,"
            " config_path=os.path.join(os.getcwd(), 'config.json'))\n"
            "client.push(target=name, files=['notes.txt'])\n"
            "os.mkdir('out')\n"
            "print(client.pull(target=name, outdir='out'))\n"
            "print(client.get_tags(name.rsplit(':', 1)[0]))\n"
        )
        told = self.run_client(python, "-c", script, name, self.platform.token, self.host, cwd=scratch)
        self.assertIn("v1", told)
        with open(f"{scratch}/out/notes.txt") as file:
            self.assertEqual(file.read(), "kept as an artifact\n")


class DockerClient(ClientCase):
    weight = 10
    engine = None

    @classmethod
    def setUpClass(cls):
        for program in ("dockerd", "docker"):
            if not shutil.which(program):
                raise unittest.SkipTest(f"{program} is not installed")
        cls.make_directory()
        cls.engine = os.path.join(cls.directory, "e")
        started = subprocess.run([ENGINE, "start", cls.engine], capture_output=True, text=True, timeout=120)
        if started.returncode != 0:
            raise unittest.SkipTest(f"no engine can be started here: {started.stderr.strip()[-300:]}")
        cls.socket = started.stdout.strip()
        cls.platform = cls.make_platform().start()

    @classmethod
    def clean_up(cls):
        if cls.engine:
            subprocess.run([ENGINE, "stop", cls.engine], capture_output=True, timeout=120)
            cls.engine = None
        super().clean_up()

    def test_docker_logs_in_pushes_and_pulls(self):
        config = os.path.dirname(self.scratch("config"))
        docker = ("docker", "--config", config, "-H", f"unix://{self.socket}")
        name = f"{self.host}/{self.unique('docker')}"
        source = self.scratch("layer.tar")
        with open(source, "wb") as file:
            file.write(layer({"hello": os.urandom(2_000_000)}))
        image = self.run_client(*docker, "import", source, f"{name}:v1").strip()
        self.assertIn("login", subprocess.run(
            [*docker, "push", f"{name}:v1"], capture_output=True, text=True, check=False).stderr)
        said = self.run_client(
            *docker, "login", "-u", "admin", "--password-stdin", self.host, input=self.platform.token)
        self.assertIn("Login Succeeded", said)
        self.run_client(*docker, "push", f"{name}:v1")
        # The layer is there already: in another repository it is mounted.
        self.run_client(*docker, "tag", f"{name}:v1", f"{name}-again:v1")
        self.assertIn("Mounted from", self.run_client(*docker, "push", f"{name}-again:v1"))
        self.run_client(*docker, "rmi", f"{name}:v1", f"{name}-again:v1")
        self.run_client(*docker, "pull", f"{name}:v1")
        self.assertEqual(self.run_client(*docker, "images", "-q", "--no-trunc", f"{name}:v1").strip(), image)
        root = Registry(self.platform.address, f"Bearer {self.platform.token}")
        path = name.split("/", 1)[1]
        self.assertEqual(root.call("GET", f"/v2/{path}/tags/list").json["tags"], ["v1"])
        self.run_client(*docker, "logout", self.host)
