"""`apollo image`: images of folders, archives and layouts, and what is in the registry."""

import base64
import http.server
import io
import json
import os
import shutil
import subprocess
import tarfile
import threading

from harness import ApolloTestCase, eventually, images, needs
from harness.registry import INDEX, Registry, descriptor, digest
from test_image_clients import layer, layout


def docker_archive(path, layers, names=("app:v1",), extra=()):
    """What `docker save` writes."""
    config = json.dumps(
        {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/hello"]},
         "rootfs": {"type": "layers", "diff_ids": [digest(each) for each in layers]}}
    ).encode()
    manifest = [{"Config": "c.json", "RepoTags": list(names), "Layers": [f"{n}/layer.tar" for n in range(len(layers))]}]
    members = {"c.json": config, "manifest.json": json.dumps(manifest).encode()}
    members |= {f"{number}/layer.tar": data for number, data in enumerate(layers)}
    with tarfile.open(path, "w:gz" if path.endswith("gz") else "w") as archive:
        for name, data in (*members.items(), *extra):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


class ImageCommandCase(ApolloTestCase):
    def root(self, files):
        folder = self.scratch("root")
        for name, data in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        return folder

    def done(self, *words, **options):
        outcome = self.apollo(*words, **options)
        self.assertCode(outcome, 0)
        return outcome

    def image_of(self, name, *layers):
        """Pushes an image of layers, each a list of members: a path, and bytes, a link, or None for a folder."""
        packed = []
        for members in layers:
            data = io.BytesIO()
            with tarfile.open(fileobj=data, mode="w") as archive:
                for path, content in members:
                    entry = tarfile.TarInfo(path)
                    entry.mode = 0o755
                    if content is None:
                        entry.type = tarfile.DIRTYPE
                    elif isinstance(content, str):
                        kind, _, entry.linkname = content.partition(":")
                        entry.type = {"link": tarfile.SYMTYPE, "name": tarfile.LNKTYPE}[kind]
                    else:
                        entry.size = len(content)
                    archive.addfile(entry, io.BytesIO(content if isinstance(content, bytes) else b""))
            packed.append(data.getvalue())
        registry = Registry(self.platform.address, f"Bearer {self.platform.token}")
        pushed, _ = registry.push_manifest(name, registry.image(name, packed), "v1")
        self.assertEqual(pushed.status, 201, pushed)
        return f"{name}:v1"

    def tree(self, folder):
        """What is in a folder: links as their targets."""
        found = {}
        for at, folders, files in os.walk(folder):
            for name in folders + files:
                path = os.path.join(at, name)
                key = os.path.relpath(path, folder)
                if os.path.islink(path):
                    found[key] = "link:" + os.readlink(path)
                elif os.path.isdir(path):
                    found[key] = None
                else:
                    with open(path, "rb") as file:
                        found[key] = file.read()
        return found


class ImageCommands(ImageCommandCase):
    def test_a_folder_becomes_an_image_the_same_every_time(self):
        name = self.unique("built")
        folder = self.root({"bin/app": b"#!/bin/sh\n", "etc/größe": b"1", "big": os.urandom(3_000_000)})
        os.symlink("bin/app", os.path.join(folder, "app"))
        words = ("image", "build", folder, f"{name}:1", "--entrypoint", "/bin/app", "--env", "A=b", "--expose", "80",
                 "--label", "team=x", "--user", "65534", "--workdir", "/srv")
        first = self.done(*words).out.strip()
        os.utime(os.path.join(folder, "bin/app"), (0, 0))
        self.assertEqual(self.done(*words).out.strip(), first)
        self.assertNotEqual(self.done(*words, env={"SOURCE_DATE_EPOCH": "1"}).out.strip(), first)
        self.done(*words)
        self.assertSays(self.done("image", "tags", name).out, "1", first)
        self.assertSays(self.done("image", "ls", name).out, name, "1")
        told = self.done("image", "inspect", f"{name}:1", "-o", "json").json()
        self.assertEqual(told["digest"], first)
        self.assertEqual((told["entrypoint"], told["environment"], told["user"]), (["/bin/app"], ["A=b"], "65534"))
        self.assertEqual((told["exposedPorts"], told["labels"]), (["80/tcp"], {"team": "x"}))
        self.assertSays(self.done("image", "inspect", f"{name}:1").out, first, "/bin/app", "team=x")
        raw = self.done("image", "inspect", "--raw", f"{name}:1").out
        self.assertEqual(digest(raw[:-1].encode()), first)
        # It is what tar says.
        place = self.scratch("layout")
        self.assertEqual(self.done("image", "pull", f"{name}:1", place).out.strip(), first)
        packed = os.path.join(place, "blobs", "sha256", json.loads(raw)["layers"][0]["digest"].split(":")[1])
        with tarfile.open(packed) as archive:
            names = {each.name.rstrip("/"): each for each in archive}
            self.assertEqual(set(names), {"bin", "bin/app", "etc", "etc/größe", "big", "app"})
            self.assertEqual((names["app"].linkname, names["big"].uid, names["big"].mtime), ("bin/app", 0, 0))
            self.assertEqual(archive.extractfile("big").read(), open(os.path.join(folder, "big"), "rb").read())

    def test_an_image_is_built_into_a_layout_and_pushed_from_it(self):
        name = self.unique("layout")
        place = self.scratch("layout")
        for packing in ("none", "gzip", "zstd"):
            words = ("image", "build", self.root({"a": packing.encode()}), f"{name}:{packing}")
            made = self.done(*words, "--output-layout", place, "--compression", packing).out.strip()
            self.done("image", "push", place, f"{name}:again-{packing}", "--name", packing)
            told = self.done("image", "inspect", f"{name}:again-{packing}", "-o", "json").json()
            self.assertEqual(told["digest"], made)
        # Several are in it: which one has to be said.
        self.assertSays(self.apollo("image", "push", place, f"{name}:x").err, "3 images", "gzip")
        self.assertNotEqual(self.apollo("image", "push", place, f"{name}:x", "--name", "no-such").code, 0)
        self.assertNotEqual(self.apollo("image", "push", self.root({"a": b""}), f"{name}:x").code, 0)
        if shutil.which("skopeo"):
            copied = self.scratch("copied")
            subprocess.run(
                ["skopeo", "--insecure-policy", "copy", f"oci:{place}:gzip", f"dir:{copied}"], check=True,
                capture_output=True, timeout=60)

    def test_archives_are_imported(self):
        name = self.unique("imported")
        layers = [layer({"a": os.urandom(300_000)}), layer({"b": b"2"})]
        archive = docker_archive(self.scratch("a.tar.gz"), layers)
        made = self.done("image", "import", archive, f"{name}:docker").out.strip()
        told = self.done("image", "inspect", f"{name}:docker", "-o", "json").json()
        self.assertEqual((told["digest"], len(told["layers"]), told["command"]), (made, 2, ["/hello"]))
        place = layout(self.scratch("layout"), layers)
        packed = self.scratch("layout.tar")
        with tarfile.open(packed, "w") as file:
            file.add(place, ".")
        made = self.apollo.shell(f"cat {packed} | apollo image import - {name}:oci")
        self.assertCode(made, 0)
        with open(os.path.join(place, "index.json")) as file:
            self.assertEqual(made.out.strip(), json.load(file)["manifests"][0]["digest"])

    def test_archives_that_are_wrong_are_refused_and_leave_nothing(self):
        name = self.unique("refused")
        good = [layer({"a": b"1"})]
        bomb = docker_archive(self.scratch("bomb.tar.gz"), [bytes(20_000_000)])
        evil = [docker_archive(self.scratch("evil.tar"), good, extra=[(path, b"x")])
                for path in ("../evil", "/tmp/evil", "a/../../evil")]
        other = docker_archive(self.scratch("other.tar"), good, extra=[("0/layer.tar", b"changed")])
        none = self.scratch("none.tar")
        with tarfile.open(none, "w"):
            pass
        garbage = self.scratch("garbage")
        with open(garbage, "wb") as file:
            file.write(os.urandom(10_000))
        for archive, options, part in [
            (bomb, ("--limit", "1MiB"), "--limit"), *((each, (), "lead out") for each in evil),
            (other, (), "not what the configuration names"), (none, (), "no image"), (garbage, (), ""),
            (self.scratch("missing"), (), "cannot open"),
        ]:
            scratch = self.scratch("tmp")
            os.mkdir(scratch)
            refused = self.apollo("image", "import", archive, f"{name}:v1", *options, env={"TMPDIR": scratch})
            self.assertNotEqual(refused.code, 0)
            self.assertSays(refused.err, part)
            self.assertEqual(os.listdir(scratch), [])
        self.assertNotIn(name, self.done("image", "ls").out)

    def test_indexes_that_name_each_other_many_times_are_no_bomb(self):
        """300 x 300 x 300 manifests by a few kilobytes: each is looked at once."""
        place = layout(self.scratch("layout"), [layer({"a": b"1"})])
        with open(os.path.join(place, "index.json")) as file:
            child = json.load(file)["manifests"][0]
        for _ in range(3):
            data = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child] * 300}).encode()
            with open(os.path.join(place, "blobs", "sha256", digest(data).split(":")[1]), "wb") as file:
                file.write(data)
            child = descriptor(data, INDEX)
        with open(os.path.join(place, "index.json"), "w") as file:
            json.dump({"schemaVersion": 2, "manifests": [child]}, file)
        packed, name = self.scratch("bomb.tar"), self.unique("bomb")
        with tarfile.open(packed, "w") as file:
            file.add(place, ".")
        self.assertEqual(self.done("image", "import", packed, f"{name}:1").out.strip(), child["digest"])
        self.done("image", "push", place, f"{name}:2")
        pulled = self.done("image", "pull", "--all", f"{name}:2", self.scratch("out"))
        self.assertEqual(pulled.out.strip(), child["digest"])

    def test_what_was_killed_in_the_middle_is_gone_on_with(self):
        name, registry = self.unique("killed"), Registry(self.platform.address, f"Bearer {self.platform.token}")
        layers = [os.urandom(40_000_000) for _ in range(3)]
        place = layout(self.scratch("layout"), layers)

        def kill(begun, *words):
            process = self.apollo.start("image", *words)
            try:
                eventually(begun, "the first layer is copied")
            finally:
                process.kill()
                process.communicate()
            self.assertEqual(process.returncode, -9, "it was not in the middle")

        def has(data):
            return registry.call("HEAD", f"/v2/{name}/blobs/{digest(data)}").status == 200

        kill(lambda: has(layers[0]), "push", place, f"{name}:1")
        self.assertNotIn(f"{name}:1", self.apollo("image", "inspect", f"{name}:1").out)
        self.done("image", "push", place, f"{name}:1")
        copied = self.scratch("copied")
        blobs = os.path.join(copied, "blobs", "sha256")
        kill(lambda: os.path.exists(os.path.join(blobs, digest(layers[0])[7:])), "pull", f"{name}:1", copied)
        self.done("image", "pull", f"{name}:1", copied)
        for data in layers:
            with open(os.path.join(blobs, digest(data)[7:]), "rb") as file:
                self.assertTrue(file.read() == data, "a layer was copied otherwise")
        self.done("image", "push", copied, f"{name}:2")
        self.assertEqual(self.done("image", "inspect", f"{name}:2", "-o", "json").json()["digest"],
                         self.done("image", "inspect", f"{name}:1", "-o", "json").json()["digest"])

    def test_an_image_is_unpacked_layer_on_layer(self):
        image = self.image_of(
            self.unique("export"),
            [("etc", None), ("etc/a", b"1"), ("etc/b", b"1"), ("gone", None), ("gone/x", b"1"), ("over", None),
             ("over/old", b"1"), ("lib", "link:etc"), ("same", "name:etc/a"), ("kind", b"file")],
            [("etc/a", b"2"), ("etc/.wh.b", b""), (".wh.gone", b""), ("over/new", b"2"), ("over/.wh..wh..opq", b""),
             ("kind", None), ("kind/now", b"2"), ("./größe", b"2")],
        )
        expected = {
            "etc": None, "etc/a": b"2", "over": None, "over/new": b"2", "lib": "link:etc", "same": b"1", "kind": None,
            "kind/now": b"2", "größe": b"2",
        }
        folder = self.scratch("root")
        self.done("image", "export", image, folder)
        self.assertEqual(self.tree(folder), expected)
        self.assertNotEqual(self.apollo("image", "export", image, folder).code, 0)
        for packing in ("none", "gzip", "zstd"):
            archive = self.scratch("root.tar")
            self.done("image", "export", "--tar", "--compression", packing, image, archive)
            if packing == "zstd":
                continue
            with tarfile.open(archive) as file:
                self.assertEqual({each.name for each in file}, set(expected))
                self.assertEqual(file.extractfile("etc/a").read(), b"2")

    def test_nothing_is_made_or_removed_outside_of_the_folder(self):
        victim = self.scratch("victim")
        os.mkdir(victim)
        with open(os.path.join(victim, "file"), "w") as file:
            file.write("mine")
        for layers in (
            [[("out", f"link:{victim}")], [("out/.wh.file", b""), ("out/.wh..wh..opq", b"")]],
            [[("out", f"link:{victim}")], [("out/file", b"evil"), ("out/more", b"evil")]],
            [[("out", f"link:{victim}"), ("out/file", b"evil")]],
            [[("../file", b"evil")]], [[("a/../../file", b"evil")]], [[(f"{victim}/file", b"evil")]],
            [[("stolen", f"name:../{os.path.basename(victim)}/file")]],
            [[("d", "link:.."), ("d/evil", b"evil")]],
        ):
            folder = os.path.join(os.path.dirname(victim), "root")
            shutil.rmtree(folder, ignore_errors=True)
            self.apollo("image", "export", self.image_of(self.unique("evil"), *layers), folder)
            self.assertEqual(self.tree(victim), {"file": b"mine"})
            self.assertLessEqual(set(os.listdir(os.path.dirname(victim))), {"victim", "root"})

    def test_tags_and_images_are_removed_and_garbage_collected(self):
        name = self.unique("removed")
        folder = self.root({"a": os.urandom(100_000)})
        for tag in ("1", "2", "3"):
            self.done("image", "build", folder, f"{name}:{tag}")
        self.done("image", "rm", f"{name}:1")
        self.assertEqual([each["tag"] for each in self.done("image", "tags", name, "-o", "json").json()], ["2", "3"])
        self.done("image", "rm", "--manifest", f"{name}:2")
        self.assertEqual(self.done("image", "tags", name, "-o", "json").json(), [])
        gone = self.apollo("image", "rm", f"{name}:2")
        self.assertCode(gone, 66)
        collected = self.done("image", "gc", "--grace", "0s", "-o", "json").json()
        self.assertGreaterEqual(collected["bytes"], 100_000)
        self.assertSays(self.done("image", "gc").out, "Removed 0 blobs")

    def test_images_of_a_project(self):
        project = self.unique("p")
        self.done("project", "create", project)
        self.done("image", "build", self.root({"a": b"1"}), "app:1", "--project", project)
        self.assertSays(self.done("image", "ls", f"{project}/").out, f"{project}/app")
        self.done("image", "inspect", f"{project}/app:1")
        host = self.platform.address.split("//")[1]
        self.done("image", "inspect", f"{host}/{project}/app:1")
        other = self.apollo("image", "rm", "registry.example/app")
        self.assertSays(other.err, "not this platform's registry")
        missing = self.apollo("image", "inspect", "no-such-image")
        self.assertCode(missing, 66)

    def test_what_cannot_be_meant_is_a_wrong_usage(self):
        for words in (
            ("build", "x"), ("build", "x", "y", "--env", "=b"), ("build", "x", "y", "--expose", "many"),
            ("inspect", "Upper"), ("rm",), ("build", "x", "y", "--compression", "rar"),
        ):
            self.assertCode(self.apollo("image", *words), 2)


class BrokenRegistry(http.server.ThreadingHTTPServer):
    """A registry with one image, which stops in the middle of its layer until it is told to go on."""

    def __init__(self, layer, ranges=True):
        super().__init__(("127.0.0.1", 0), BrokenRegistryHandler)
        config = json.dumps({"architecture": images.ARCHITECTURE, "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}}).encode()
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": images.MANIFEST,
            "config": {"mediaType": images.CONFIGURATION, "digest": digest(config), "size": len(config)},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(layer),
                        "size": len(layer)}],
        }).encode()
        self.blobs = {digest(config): config, digest(layer): layer}
        self.manifest, self.layer, self.ranges = manifest, digest(layer), ranges
        self.asked, self.stops, self.go = [], True, threading.Event()
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def close(self):
        self.go.set()
        self.shutdown()
        self.thread.join()
        self.server_close()


class BrokenRegistryHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        name = self.path.rsplit("/", 1)[1]
        body, status, kind = self.server.manifest, 200, images.MANIFEST
        if "/blobs/" in self.path:
            body, kind = self.server.blobs[name], "application/octet-stream"
        start = self.headers.get("Range")
        if name == self.server.layer:
            self.server.asked.append(start)
        if start and self.server.ranges:
            status, body = 206, body[int(start.removeprefix("bytes=").rstrip("-")):]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start[6:]}{len(self.server.blobs[name]) - 1}/*")
        self.end_headers()
        if name == self.server.layer and self.server.stops:
            self.wfile.write(body[:len(body) // 2])
            self.wfile.flush()
            self.server.go.wait()
            self.close_connection = True
        else:
            self.wfile.write(body)


class BrokenPulls(ImageCommandCase):
    def test_a_pull_that_was_killed_goes_on_in_the_middle_of_a_layer(self):
        data = os.urandom(8_000_000)
        for ranges in (True, False):
            with self.subTest(ranges=ranges):
                server = BrokenRegistry(data, ranges)
                self.addCleanup(server.close)
                place = self.scratch("layout")
                part = os.path.join(place, "blobs", ".part-" + digest(data).replace(":", "-"))
                words = ("image", "pull", f"127.0.0.1:{server.server_port}/app:1", place)
                process = self.apollo.start(*words)
                try:
                    eventually(
                        lambda: os.path.exists(part) and os.path.getsize(part) == len(data) // 2, "half is there")
                finally:
                    process.kill()
                    process.communicate()
                server.stops = False
                self.done(*words)
                self.assertEqual(server.asked, [None, f"bytes={len(data) // 2}-"])
                with open(os.path.join(place, "blobs", "sha256", digest(data)[7:]), "rb") as file:
                    self.assertTrue(file.read() == data, "the layer came otherwise")
                self.assertFalse(os.path.exists(part))

    def test_what_was_kept_of_a_layer_is_not_believed(self):
        data = os.urandom(100_000)
        server = BrokenRegistry(data)
        self.addCleanup(server.close)
        server.stops = False
        place = self.scratch("layout")
        folder = os.path.join(place, "blobs")
        os.makedirs(folder)
        with open(os.path.join(folder, ".part-" + digest(data).replace(":", "-")), "wb") as file:
            file.write(b"x" * 1000)
        words = ("image", "pull", f"127.0.0.1:{server.server_port}/app:1", place)
        outcome = self.apollo(*words)
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("did not come as it is called", outcome.err)
        self.done(*words)
        self.assertEqual(server.asked, ["bytes=1000-", None])
        # All of it was there, and had no name yet: nothing is asked for.
        os.rename(os.path.join(folder, "sha256", digest(data)[7:]),
                  os.path.join(folder, ".part-" + digest(data).replace(":", "-")))
        self.done(*words)
        self.assertEqual(len(server.asked), 2)


class RegistryLogins(ImageCommandCase):
    def login(self, home, *options):
        return self.apollo("image", "login", *options, env={"HOME": home, "DOCKER_CONFIG": ""})

    def kept(self, path):
        with open(path) as file:
            return json.load(file)

    def test_a_login_is_kept_as_other_programs_look_for_it(self):
        home, host = self.scratch("home"), self.platform.address.split("//")[1]
        os.mkdir(home)
        outcome = self.login(home)
        self.assertCode(outcome, 0)
        path = os.path.join(home, ".docker", "config.json")
        self.assertSays(outcome.out, host, path)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        name, password = base64.b64decode(self.kept(path)["auths"][host]["auth"]).decode().split(":")
        repository = self.unique("pushed")
        client = Registry(self.platform.address)
        token = client.token(f"repository:{repository}:pull,push", name=name, password=password).json["token"]
        client.authorization = f"Bearer {token}"
        self.assertEqual(client.push_manifest(repository, client.image(repository), "v1")[0].status, 201)
        # It is good for images alone.
        told = self.api.get("/api/v1/tasks", headers={"Authorization": f"Bearer {password}"})
        self.assertEqual(told.status, 403)
        self.assertIn("login to the registry", self.done("token", "ls").out)

    def test_what_else_the_file_keeps_stays(self):
        host = self.platform.address.split("//")[1]
        path = self.scratch("registries.json")
        with open(path, "w") as file:
            json.dump({"auths": {"a:1": {"auth": "YTpi"}, host: {"auth": "b2xk"}}, "detachKeys": "ctrl-a"}, file)
        words = ("--file", path, "--permission", "read", "--on", "image://local/default/default")
        self.assertCode(self.login(os.path.dirname(path), *words), 0)
        kept = self.kept(path)
        self.assertEqual((kept["auths"]["a:1"], kept["detachKeys"]), ({"auth": "YTpi"}, "ctrl-a"))
        self.assertNotEqual(kept["auths"][host]["auth"], "b2xk")
        for text, told in (("[]", "docker login"), ("no json", "docker login"), ('{"credsStore": "pass"}', "'pass'")):
            with open(path, "w") as file:
                file.write(text)
            outcome = self.login(os.path.dirname(path), "--file", path)
            self.assertNotEqual(outcome.code, 0)
            self.assertIn(told, outcome.err)
            with open(path) as file:
                self.assertEqual(file.read(), text)
        outcome = self.login(os.path.dirname(path), "--file", "/no/such/folder/file")
        self.assertIn("/no/such/folder/file", outcome.err)


class ImageFaults(ImageCommandCase):
    def test_what_goes_wrong_says_what_to_do(self):
        root, junk = self.root({"a": b"1"}), self.scratch("junk")
        with open(junk, "w") as file:
            file.write("no archive")
        for words, told in (
            (("build", root, "nobodys/app:1"), ("no project 'nobodys'", "apollo project create")),
            (("import", junk, "app:1"), ("cannot read the archive", "docker save")),
            (("push", root, "app:1"), ("oci-layout", "--output-layout")),
            (("inspect", "none/app:1"), ("none/app:1", "apollo image ls")),
        ):
            outcome = self.apollo("image", *words)
            self.assertIn(outcome.code, (65, 66, 67), outcome.err)
            self.assertSays(outcome.err, *told)
            self.assertNotIn("fault of Apollo", outcome.err)


class BasedImages(ImageCommandCase):
    def test_an_image_is_made_upon_another_and_only_its_own_layer_is_new(self):
        base = f"{self.unique('base')}:1"
        self.done("image", "build", self.root({"bin/a": b"1", "bin/b": b"2"}), base, "--user", "7")
        name, folder = self.unique("upon"), self.root({"bin/b": b"3", "c": b"4"})
        words = ("image", "build", folder, f"{name}:1", "--from", base, "--cmd", "/bin/b", "--env", "A=b")
        made = self.done(*words).out.strip()
        self.assertEqual(self.done(*words).out.strip(), made)
        self.assertEqual(self.done("image", "build", folder, "--output-layout", self.scratch("layout"),
                                   *words[4:]).out.strip(), made)
        told = self.done("image", "inspect", f"{name}:1", "-o", "json").json()
        below = self.done("image", "inspect", base, "-o", "json").json()
        self.assertEqual([each["digest"] for each in told["layers"][:-1]], [each["digest"] for each in below["layers"]])
        self.assertEqual(len(told["layers"]), len(below["layers"]) + 1)
        self.assertEqual((told["command"], told["environment"], told["user"]), (["/bin/b"], ["A=b"], "7"))
        self.assertEqual(told["annotations"]["org.opencontainers.image.base.digest"], below["digest"])
        unpacked = self.scratch("unpacked")
        self.done("image", "export", f"{name}:1", unpacked)
        self.assertEqual(self.tree(unpacked), {"bin": None, "bin/a": b"1", "bin/b": b"3", "c": b"4"})

    def test_layers_of_a_base_in_the_registry_are_not_fetched(self):
        platform = self.make_platform().start()

        def fetched():
            counter = 'apollo_images_requests_total{operation="getBlob",status="200"}'
            lines = platform.api.get("/metrics").text.splitlines()
            return sum(float(line.split()[-1]) for line in lines if line.startswith(counter))

        def done(*words):
            outcome = platform.apollo("image", *words)
            self.assertCode(outcome, 0)
            return outcome.out.strip()

        done("build", self.root({"a": os.urandom(2_000_000)}), "base:1")
        self.assertEqual(fetched(), 0)
        folder = self.root({"b": b"1"})
        made = done("build", folder, "upon:1", "--from", "base:1")
        # The configuration alone; what is there already is asked for by HEAD.
        self.assertEqual(fetched(), 1)
        # A layout has all of it, and is the same image.
        layout = self.scratch("layout")
        self.assertEqual(done("build", folder, "--output-layout", layout, "--from", "base:1"), made)
        self.assertEqual(fetched(), 3)
        done("push", layout, "again:1")

    def configuration_of(self, image):
        folder = self.scratch("layout")
        self.done("image", "pull", image, folder)

        def read(named):
            with open(os.path.join(folder, "blobs", *named["digest"].split(":"))) as file:
                return json.load(file)

        with open(os.path.join(folder, "index.json")) as file:
            return read(read(json.load(file)["manifests"][0])["config"])

    def test_the_base_may_be_of_another_registry(self):
        if missing := images.missing():
            self.skipTest(missing)
        other = images.Registry()
        self.addCleanup(other.close)
        image, descriptor = other.push(
            "base/system", [images.tar(("a", b"1", 0o644))], "v1", User="7", Env=["P=1", "Q=2"],
            Healthcheck={"Test": ["CMD", "/ok"], "Interval": 5_000_000_000}, OnBuild=["RUN true"])
        name = self.unique("upon")
        self.done("image", "build", self.root({"b": b"2"}), f"{name}:1", "--from", image, "--env", "Q=3")
        told = self.done("image", "inspect", f"{name}:1", "-o", "json").json()
        self.assertEqual((told["user"], told["environment"], len(told["layers"])), ("7", ["P=1", "Q=3"], 2))
        # What is Docker's alone, too.
        kept = self.configuration_of(f"{name}:1")["config"]
        self.assertEqual(kept["Healthcheck"], {"Test": ["CMD", "/ok"], "Interval": 5_000_000_000})
        self.assertEqual(kept["OnBuild"], ["RUN true"])
        self.assertEqual(told["annotations"]["org.opencontainers.image.base.digest"], descriptor["digest"])
        outcome = self.apollo("image", "build", self.root({"b": b"2"}), f"{name}:2", "--from", f"{other.host}/none:1")
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("none:1", outcome.err)


class FileSystems(ImageCommandCase):
    """`apollo image export --format ext4|erofs`."""

    CREATED = "2024-05-06T07:08:09Z"
    SECONDS = 1714979289

    def system(self):
        """Pushes an image with one of everything; its second layer changes a folder that it does not name."""
        layers = []
        for members in (
            [("etc", tarfile.DIRTYPE, {"mode": 0o750, "uid": 7}), ("etc/gone", tarfile.REGTYPE, {}),
             ("etc/secret", tarfile.REGTYPE, {"mode": 0o4600, "uid": 70000, "gid": 8, "data": b"s" * 9000}),
             ("same", tarfile.LNKTYPE, {"linkname": "etc/secret"}),
             ("null", tarfile.CHRTYPE, {"devmajor": 1, "devminor": 3}),
             ("link", tarfile.SYMTYPE, {"linkname": "etc/" + "x" * 70}), ("pipe", tarfile.FIFOTYPE, {}),
             ("big", tarfile.REGTYPE, {"data": os.urandom(3 << 20)})],
            [("etc/.wh.gone", tarfile.REGTYPE, {}), ("etc/new name", tarfile.REGTYPE, {"data": b"new"}),
             ("etc/a\nb", tarfile.REGTYPE, {})],
        ):
            data = io.BytesIO()
            with tarfile.open(fileobj=data, mode="w") as archive:
                for name, kind, options in members:
                    entry = tarfile.TarInfo(name)
                    content = options.pop("data", b"")
                    entry.type, entry.size, entry.mtime, entry.mode = kind, len(content), 1000, 0o644
                    for key, value in options.items():
                        setattr(entry, key, value)
                    archive.addfile(entry, io.BytesIO(content))
            layers.append(data.getvalue())
        name = self.unique("system")
        registry = Registry(self.platform.address, f"Bearer {self.platform.token}")
        manifest = registry.image(name, layers, created=self.CREATED)
        self.assertEqual(registry.push_manifest(name, manifest, "v1")[0].status, 201)
        return f"{name}:v1"

    def twice(self, image, *options):
        """Exports an image two times, which has to give the same bytes; the path of one of them."""
        paths = [self.scratch(name) for name in ("one", "two")]
        for path in paths:
            self.done("image", "export", *options, image, path)
        one, two = (open(path, "rb").read() for path in paths)
        self.assertTrue(one == two, "the same image gave other bytes")
        self.assertLessEqual(set(os.listdir(os.path.dirname(paths[0]))), {"one", "two"}, "something was left")
        return paths[0]

    def look(self, *words):
        outcome = subprocess.run(words, capture_output=True, timeout=60)
        self.assertEqual(outcome.returncode, 0, outcome)
        return outcome.stdout

    @needs.root
    @needs.program("mke2fs")
    def test_an_image_becomes_an_ext4_file_system(self):
        path = self.twice(self.system(), "--format", "ext4")
        self.look("e2fsck", "-fn", path)

        def ask(request):
            return self.look("debugfs", "-R", request, path)

        def stat(name):
            return ask(f'stat "{name}"').decode()

        secret = stat("/etc/secret")
        self.assertRegex(secret, r"Type: regular +Mode: +04600")
        self.assertRegex(secret, r"User: +70000 +Group: +8 .*Size: 9000")
        self.assertRegex(secret, r"Links: 2")
        for which, seconds in (("ctime", self.SECONDS), ("atime", self.SECONDS), ("mtime", 1000)):
            self.assertIn(f"{which}: 0x{seconds:08x}", secret)
        self.assertIn(f"mtime: 0x{self.SECONDS:08x}", stat("/etc"), "a layer changed it, and said no time")
        self.assertRegex(stat("/etc"), r"Mode: +0750")
        self.assertRegex(stat("/null"), r"Type: character special(.|\n)*01:03")
        self.assertIn("Type: FIFO", stat("/pipe"))
        self.assertIn("Type: symlink", stat("/link"))
        # What is too long for the inode is the content of a block.
        self.assertIn("etc/" + "x" * 70, ask('cat "/link"').decode())
        self.assertEqual(ask('cat "/etc/new name"'), b"new")
        self.assertNotIn(b"gone", ask("ls /etc"))
        self.assertRegex(stat("/"), r"Mode: +0755")

    @needs.root
    @needs.program("mke2fs")
    def test_an_ext4_file_system_is_as_large_as_is_said(self):
        image = self.system()
        path = self.twice(image, "--format", "ext4", "--size", "64Mi")
        self.assertEqual(os.path.getsize(path), 64 << 20)
        small = self.scratch("small")
        outcome = self.apollo("image", "export", "--format", "ext4", "--size", "2Mi", image, small)
        self.assertSays(outcome.err, "does not fit into 2Mi", "mke2fs ended with the exit code 1", "--size")
        self.assertEqual(os.listdir(os.path.dirname(small)), [])

    @needs.root
    @needs.program("mkfs.erofs")
    def test_an_image_becomes_an_erofs_file_system(self):
        path = self.twice(self.system(), "--format", "erofs")
        folder = self.scratch("out")
        self.look("fsck.erofs", f"--extract={folder}", "--preserve", path)
        secret = os.stat(os.path.join(folder, "etc/secret"))
        self.assertEqual(
            # Its program gives files to their owners last, by which the kernel takes the bit of set-user-id away.
            (secret.st_mode | 0o4000, secret.st_uid, secret.st_gid, secret.st_size, secret.st_mtime),
            (0o104600, 70000, 8, 9000, self.SECONDS))
        self.assertEqual(sorted(os.listdir(os.path.join(folder, "etc"))), ["a\nb", "new name", "secret"])
        self.assertEqual(os.readlink(os.path.join(folder, "link")), "etc/" + "x" * 70)
        self.assertEqual(os.stat(os.path.join(folder, "null")).st_rdev, os.makedev(1, 3))

    def test_what_contradicts_itself_is_a_wrong_usage(self):
        for words in (
            ("--format", "vfat", "a"), ("--format", "ext4", "--tar", "a"), ("--size", "1Gi", "a"),
            ("--format", "erofs", "--size", "1Gi", "a"), ("--format", "ext4", "-"),
            ("--format", "erofs", "--compression", "gzip", "a"),
        ):
            self.assertCode(self.apollo("image", "export", "app", *words), 2)


class OtherRegistries(ImageCommandCase):
    """Images of a registry that is not the platform's, Debian's docker-registry."""

    def setUp(self):
        super().setUp()
        missing = images.missing()
        if missing:
            self.skipTest(missing)

    def other(self, **options):
        other = images.Registry(**options)
        self.addCleanup(other.close)
        return other

    def test_an_image_is_looked_at_pulled_and_exported_and_pushed_to_ours(self):
        other = self.other()
        image, descriptor = other.push("base/system", [images.tar(("etc/", None, 0o755), ("etc/a", b"1", 0o644))], "v1")
        other.push("base/system", [images.tar(("b", b"2", 0o644))], "v2", Env=["A=b"])
        tags = self.done("image", "tags", f"{other.host}/base/system", "-o", "json").json()
        self.assertEqual([each["tag"] for each in tags], ["v1", "v2"])
        self.assertEqual(tags[0]["digest"], descriptor["digest"])
        told = self.done("image", "inspect", f"{other.host}/base/system:v2", "-o", "json").json()
        self.assertEqual((told["environment"], len(told["layers"])), (["A=b"], 1))
        place, folder, name = self.scratch("layout"), self.scratch("root"), self.unique("copied")
        self.assertEqual(self.done("image", "pull", image, place).out.strip(), descriptor["digest"])
        self.done("image", "push", place, f"{name}:1")
        self.assertEqual(
            self.done("image", "inspect", f"{name}:1", "-o", "json").json()["digest"], descriptor["digest"])
        self.done("image", "export", image, folder)
        self.assertEqual(self.tree(folder), {"etc": None, "etc/a": b"1"})

    def test_what_is_not_there_is_told(self):
        other = self.other()
        missing = self.apollo("image", "inspect", f"{other.host}/no/such:1")
        self.assertCode(missing, 66)
        self.assertSays(missing.err, "no/such:1", "manifest unknown")
        nowhere = self.apollo("image", "pull", "127.0.0.1:1/app", self.scratch("layout"))
        self.assertNotEqual(nowhere.code, 0)
        self.assertSays(nowhere.err, "127.0.0.1:1")

    def test_a_name_and_a_password_are_those_of_docker_login(self):
        if not shutil.which("htpasswd"):
            self.skipTest("htpasswd is not installed")
        other = self.other(credentials=("reader", "sesame"))
        image, descriptor = other.push("private/app", [images.tar(("a", b"1", 0o644))])
        folder = self.scratch("docker")
        os.mkdir(folder)

        def keep(document):
            with open(os.path.join(folder, "config.json"), "w") as file:
                json.dump(document, file)

        def inspect():
            return self.apollo("image", "inspect", image, "-o", "json", env={"DOCKER_CONFIG": folder})

        refused = inspect()
        self.assertCode(refused, 77)
        self.assertSays(refused.err, "who asks", "docker login")
        keep({"credHelpers": {}})
        self.assertCode(inspect(), 77)
        keep({"auths": {other.host: {"username": "reader", "password": "wrong"}}})
        self.assertCode(inspect(), 77)
        keep({"auths": {other.host: {"username": "reader", "password": "sesame"}}})
        told = inspect()
        self.assertCode(told, 0)
        self.assertEqual(told.json()["digest"], descriptor["digest"])
        keep([])
        self.assertSays(inspect().err, "config.json", "docker login")

    def test_a_registry_of_tokens_gives_one_for_a_name_and_a_password(self):
        # Ours by another name is as any other.
        name, folder = self.unique("tokens"), self.scratch("docker")
        made = self.done("image", "build", self.root({"a": b"1"}), f"{name}:1").out.strip()
        host = self.platform.address.split("//")[1].replace("127.0.0.1", "localhost")
        os.mkdir(folder)
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump({"auths": {host: {"username": "any", "password": self.platform.token}}}, file)
        words = ("image", "inspect", f"{host}/{name}:1", "-o", "json")
        self.assertCode(self.apollo(*words), 77)
        told = self.done(*words, env={"DOCKER_CONFIG": folder}).json()
        self.assertEqual((told["digest"], told["platform"][:6]), (made, "linux/"))
        place = self.scratch("layout")
        pulled = self.done("image", "pull", f"{host}/{name}:1", place, env={"DOCKER_CONFIG": folder}).out.strip()
        self.assertEqual(pulled, made)
