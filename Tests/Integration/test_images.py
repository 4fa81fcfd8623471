"""The image registry, by hand, after the OCI distribution specification."""

import concurrent.futures
import json
import os
import re
import socket
import threading
import urllib.parse

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.platform import Platform
from harness.registry import CONFIG, INDEX, LAYER, MANIFEST, Registry, descriptor, digest


class ImageCase(ApolloTestCase):
    def registry(self, platform=None):
        platform = platform or self.platform
        return Registry(platform.address, f"Bearer {platform.token}")

    def assertStatus(self, answer, status, *codes):
        self.assertEqual(answer.status, status, answer)
        if codes:
            self.assertEqual(answer.codes, list(codes), answer)
        return answer


class Images(ImageCase):
    def setUp(self):
        self.r = self.registry()
        self.name = self.unique("repo")

    # Blobs

    def test_a_blob_is_pushed_in_one_piece_and_pulled_with_ranges(self):
        data = os.urandom(3_000_000)
        name = self.r.push_blob(self.name, data)
        place = f"/v2/{self.name}/blobs/{name}"
        got = self.assertStatus(self.r.call("GET", place), 200)
        self.assertEqual(got.body, data)
        self.assertEqual(got.headers["Docker-Content-Digest"], name)
        head = self.assertStatus(self.r.call("HEAD", place), 200)
        self.assertEqual((head.headers["Content-Length"], head.headers["Docker-Content-Digest"]), ("3000000", name))
        for text, part in {"0-9": data[:10], "1048570-1048590": data[1048570:1048591], "-5": data[-5:]}.items():
            got = self.assertStatus(self.r.call("GET", place, headers={"Range": f"bytes={text}"}), 206)
            self.assertEqual(got.body, part)
        got = self.assertStatus(self.r.call("GET", place, headers={"Range": "bytes=3000000-"}), 416)
        self.assertEqual(got.headers["Content-Range"], "bytes */3000000")
        self.assertStatus(self.r.call("GET", place, headers={"If-None-Match": f'"{name}"'}), 304)

    def test_a_blob_comes_with_the_request_that_begins_its_upload(self):
        for data in (b"", b"one", os.urandom(100_000)):
            name = digest(data)
            made = self.r.call("POST", f"/v2/{self.name}/blobs/uploads/?digest={name}", data)
            self.assertStatus(made, 201)
            self.assertEqual(self.r.call("GET", made.headers["Location"]).body, data)
        wrong = self.r.call("POST", f"/v2/{self.name}/blobs/uploads/?digest={digest(b'x')}", b"y")
        self.assertStatus(wrong, 400, "DIGEST_INVALID")
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/blobs/{digest(b'y')}"), 404, "BLOB_UNKNOWN")

    def test_a_blob_comes_in_pieces_in_their_order_alone(self):
        data = os.urandom(2_500_000)
        place = self.assertStatus(
            self.r.call("POST", f"/v2/{self.name}/blobs/uploads/", b""), 202
        ).headers["Location"]
        cuts = [0, 1_000_000, 1_000_010, 2_500_000]
        for first, last in zip(cuts, cuts[1:]):
            headers = {"Content-Range": f"{first}-{last - 1}", "Content-Type": "application/octet-stream"}
            if first:
                # Neither again nor with a gap.
                for wrong in (0, first + 1):
                    bad = self.r.call("PATCH", place, b"abc", {"Content-Range": f"{wrong}-{wrong + 2}"})
                    self.assertStatus(bad, 416, "BLOB_UPLOAD_INVALID")
                    self.assertEqual(bad.headers["Range"], f"0-{first - 1}")
            sent = self.assertStatus(self.r.call("PATCH", place, data[first:last], headers), 202)
            self.assertEqual(sent.headers["Range"], f"0-{last - 1}")
            place = sent.headers["Location"]
            told = self.assertStatus(self.r.call("GET", place), 204)
            self.assertEqual(told.headers["Range"], f"0-{last - 1}")
        self.assertStatus(self.r.call("PUT", f"{place}?digest={digest(b'other')}", b""), 400, "DIGEST_INVALID")
        done = self.assertStatus(self.r.call("PUT", f"{place}?digest={digest(data)}", b""), 201)
        self.assertEqual(self.r.call("GET", done.headers["Location"]).body, data)
        self.assertStatus(self.r.call("GET", place), 404, "BLOB_UPLOAD_UNKNOWN")

    def test_the_last_piece_comes_with_the_end(self):
        place = self.r.call("POST", f"/v2/{self.name}/blobs/uploads/", b"").headers["Location"]
        self.r.call("PATCH", place, b"one", {"Content-Range": "0-2"})
        wrong = self.r.call("PUT", f"{place}?digest={digest(b'onetwo')}", b"two", {"Content-Range": "7-9"})
        self.assertStatus(wrong, 416, "BLOB_UPLOAD_INVALID")
        done = self.r.call("PUT", f"{place}?digest={digest(b'onetwo')}", b"two", {"Content-Range": "3-5"})
        self.assertStatus(done, 201)
        self.assertEqual(self.r.call("GET", done.headers["Location"]).body, b"onetwo")

    def test_what_came_before_a_connection_broke_is_gone_on_with(self):
        data = os.urandom(4_000_000)
        place = self.r.call("POST", f"/v2/{self.name}/blobs/uploads/", b"").headers["Location"]
        host, port = self.r.host.split(":")
        with socket.create_connection((host, int(port))) as peer:
            peer.sendall(
                f"PATCH {place} HTTP/1.1\r\nHost: {self.r.host}\r\nAuthorization: {self.r.authorization}\r\n"
                f"Content-Length: {len(data)}\r\n\r\n".encode() + data[:2_500_000]
            )
        # All of it, though the client went while it was on its way.
        size = 2_500_000
        eventually(
            lambda: self.r.call("GET", place).headers["Range"] == f"0-{size - 1}", "what came is kept"
        )
        self.assertStatus(
            self.r.call("PATCH", place, data[size:], {"Content-Range": f"{size}-{len(data) - 1}"}), 202
        )
        done = self.assertStatus(self.r.call("PUT", f"{place}?digest={digest(data)}", b""), 201)
        self.assertEqual(self.r.call("GET", done.headers["Location"]).body, data)

    def test_an_upload_is_given_up(self):
        place = self.r.call("POST", f"/v2/{self.name}/blobs/uploads/", b"").headers["Location"]
        self.r.call("PATCH", place, b"one")
        self.assertStatus(self.r.call("DELETE", place), 204)
        self.assertStatus(self.r.call("PATCH", place, b"two"), 404, "BLOB_UPLOAD_UNKNOWN")
        self.assertStatus(self.r.call("DELETE", place), 404)

    def test_a_blob_has_a_sha512_too(self):
        data = os.urandom(1000)
        name = self.r.push_blob(self.name, data, "sha512")
        got = self.assertStatus(self.r.call("GET", f"/v2/{self.name}/blobs/{name}"), 200)
        self.assertEqual((got.body, got.headers["Docker-Content-Digest"]), (data, name))
        # Announced as another: then it is found by reading again.
        place = self.r.call("POST", f"/v2/{self.name}/blobs/uploads/", b"").headers["Location"]
        self.r.call("PATCH", place, b"a")
        self.assertStatus(self.r.call("PUT", f"{place}?digest={digest(b'ab', 'sha512')}", b"b"), 201)
        bad = self.r.call("POST", f"/v2/{self.name}/blobs/uploads/?digest-algorithm=md5", b"")
        self.assertStatus(bad, 400, "DIGEST_INVALID")

    def test_a_blob_is_mounted_from_another_repository(self):
        name = self.r.push_blob(self.name, b"shared")
        other = self.unique("other")
        made = self.r.call("POST", f"/v2/{other}/blobs/uploads/?mount={name}&from={self.name}", b"")
        self.assertStatus(made, 201)
        self.assertEqual(self.r.call("GET", made.headers["Location"]).body, b"shared")
        # What is not there, or not said from where, has to be pushed.
        for query in (f"mount={digest(b'none')}&from={self.name}", f"mount={name}", f"mount={name}&from=no-such"):
            self.assertStatus(self.r.call("POST", f"/v2/{self.unique('x')}/blobs/uploads/?{query}", b""), 202)

    def test_a_blob_is_deleted_from_one_repository(self):
        name = self.r.push_blob(self.name, b"deleted")
        other = self.unique("other")
        self.r.call("POST", f"/v2/{other}/blobs/uploads/?mount={name}&from={self.name}", b"")
        self.assertStatus(self.r.call("DELETE", f"/v2/{self.name}/blobs/{name}"), 202)
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/blobs/{name}"), 404, "BLOB_UNKNOWN")
        self.assertStatus(self.r.call("DELETE", f"/v2/{self.name}/blobs/{name}"), 404)
        self.assertEqual(self.r.call("GET", f"/v2/{other}/blobs/{name}").body, b"deleted")

    # Manifests and tags

    def test_a_manifest_is_pushed_by_tag_and_by_digest_and_kept_byte_by_byte(self):
        document = json.dumps({**self.r.image(self.name), "x-custom": [1, 2.50, None]}, indent=1).encode()
        made, name = self.r.push_manifest(self.name, document, "v1")
        self.assertStatus(made, 201)
        self.assertEqual(made.headers["Docker-Content-Digest"], name)
        for reference in ("v1", name):
            got = self.assertStatus(self.r.call("GET", f"/v2/{self.name}/manifests/{reference}"), 200)
            self.assertEqual((got.body, got.headers["Content-Type"]), (document, MANIFEST))
            head = self.assertStatus(self.r.call("HEAD", f"/v2/{self.name}/manifests/{reference}"), 200)
            self.assertEqual(
                (head.headers["Docker-Content-Digest"], head.headers["Content-Length"]), (name, str(len(document)))
            )
        long = digest(document, "sha512")
        made, _ = self.r.push_manifest(self.name, document, f"{long}?tag=a&tag=b")
        self.assertStatus(made, 201)
        self.assertEqual(made.headers.get_all("OCI-Tag"), ["a", "b"])
        self.assertEqual(self.r.call("HEAD", f"/v2/{self.name}/manifests/a").headers["Docker-Content-Digest"], long)
        self.assertEqual(self.r.call("GET", f"/v2/{self.name}/tags/list").json["tags"], ["a", "b", "v1"])
        wrong, _ = self.r.push_manifest(self.name, document, digest(b"other"))
        self.assertStatus(wrong, 400, "DIGEST_INVALID")

    def test_a_manifest_of_what_is_not_there_is_refused(self):
        missing = descriptor(b"never pushed", LAYER)
        document = {**self.r.image(self.name)}
        document["layers"] = [*document["layers"], missing]
        made, _ = self.r.push_manifest(self.name, document, "v1")
        self.assertStatus(made, 400, "MANIFEST_BLOB_UNKNOWN")
        self.assertEqual(made.json["errors"][0]["detail"], missing["digest"])
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/manifests/v1"), 404, "MANIFEST_UNKNOWN")
        # But of layers that are to be had elsewhere.
        foreign = {**missing, "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"}
        document["layers"] = [foreign, {**missing, "urls": ["https://example.test/layer"]}]
        self.assertStatus(self.r.push_manifest(self.name, document, "v2")[0], 201)

    def test_what_is_no_manifest_is_refused(self):
        image = self.r.image(self.name)
        for data, status in [
            (b"", 400), (b"{", 400), (b"[]", 400), (b"{}", 400), (b'{"schemaVersion":1}', 400),
            (json.dumps({**image, "manifests": []}).encode(), 400),
            (json.dumps({**image, "config": {}}).encode(), 400),
            (b" " * (4 << 20) + b" ", 413),
        ]:
            answer = self.r.call("PUT", f"/v2/{self.name}/manifests/x", data, {"Content-Type": MANIFEST})
            self.assertStatus(answer, status, "MANIFEST_INVALID")
        answer = self.r.call("PUT", f"/v2/{self.name}/manifests/x", json.dumps(image), {"Content-Type": INDEX})
        self.assertStatus(answer, 400, "MANIFEST_INVALID")
        big = {**image, "annotations": {"a": "x" * (4 << 20)}}
        data = json.dumps(big).encode()[: 4 << 20]
        self.assertStatus(
            self.r.call("PUT", f"/v2/{self.name}/manifests/x", data, {"Content-Type": MANIFEST}), 400
        )
        most = json.dumps({**image, "annotations": {"a": "x" * ((4 << 20) - 2000)}}).encode()
        self.assertStatus(self.r.push_manifest(self.name, most, "most")[0], 201)
        self.assertEqual(self.r.call("GET", f"/v2/{self.name}/manifests/most").body, most)

    def test_an_index_names_manifests_that_are_there(self):
        _, one = self.r.push_manifest(self.name, self.r.image(self.name, [b"1"]))
        two_document = self.r.image(self.name, [b"2"])
        two_data = json.dumps(two_document).encode()
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(two_data, MANIFEST)]}
        self.assertStatus(self.r.push_manifest(self.name, index, "i")[0], 400, "MANIFEST_BLOB_UNKNOWN")
        self.r.push_manifest(self.name, two_document)
        made, name = self.r.push_manifest(self.name, index, "i")
        self.assertStatus(made, 201)
        named = descriptor(json.dumps(index).encode(), INDEX)
        nested = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [named]}
        self.assertStatus(self.r.push_manifest(self.name, nested, "n")[0], 201)
        self.assertEqual(self.r.call("GET", f"/v2/{self.name}/manifests/i").headers["Content-Type"], INDEX)

    def test_tags_are_listed_in_order_and_in_pages(self):
        image = self.r.image(self.name)
        tags = ["B", "a", "a-1", "a.1", "a1", "b", "latest"]
        for tag in reversed(tags):
            self.r.push_manifest(self.name, image, tag)
        place = f"/v2/{self.name}/tags/list"
        self.assertEqual(self.r.call("GET", place).json, {"name": self.name, "tags": tags})
        self.assertEqual(self.r.call("GET", f"{place}?n=0").json["tags"], [])
        self.assertNotIn("Link", self.r.call("GET", f"{place}?n=0").headers)
        self.assertEqual(self.r.call("GET", f"{place}?last=a1").json["tags"], ["b", "latest"])
        found, next_place = [], f"{place}?n=3"
        while next_place:
            page = self.assertStatus(self.r.call("GET", next_place), 200)
            found.append(page.json["tags"])
            link = re.fullmatch(r'<(.*)>; rel="next"', page.headers.get("Link", ""))
            next_place = link and link[1]
        self.assertEqual(found, [tags[:3], tags[3:6], tags[6:]])
        self.assertStatus(self.r.call("GET", f"{place}?n=x"), 400)
        self.assertStatus(self.r.call("GET", "/v2/no-such/tags/list"), 404, "NAME_UNKNOWN")

    def test_tags_and_manifests_are_deleted(self):
        _, name = self.r.push_manifest(self.name, self.r.image(self.name), "one")
        self.r.push_manifest(self.name, self.r.image(self.name), "two")
        self.assertStatus(self.r.call("DELETE", f"/v2/{self.name}/manifests/one"), 202)
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/manifests/one"), 404, "MANIFEST_UNKNOWN")
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/manifests/{name}"), 200)
        self.assertStatus(self.r.call("DELETE", f"/v2/{self.name}/manifests/{name}"), 202)
        for reference in ("two", name):
            self.assertStatus(self.r.call("GET", f"/v2/{self.name}/manifests/{reference}"), 404)
        self.assertStatus(self.r.call("DELETE", f"/v2/{self.name}/manifests/{name}"), 404, "MANIFEST_UNKNOWN")
        self.assertEqual(self.r.call("GET", f"/v2/{self.name}/tags/list").json["tags"], [])

    def test_referrers_are_listed_filtered_and_in_pages(self):
        subject = descriptor(b"not there yet", MANIFEST)
        place = f"/v2/{self.name}/referrers/{subject['digest']}"
        self.assertEqual(self.assertStatus(self.r.call("GET", place), 200).json["manifests"], [])
        named = []
        for number in range(5):
            kind = "application/vnd.test.a" if number % 2 else None
            more = {"artifactType": kind} if kind else {}
            image = self.r.image(self.name, subject=subject, annotations={"number": str(number)}, **more)
            made, name = self.r.push_manifest(self.name, image)
            self.assertEqual(self.assertStatus(made, 201).headers["OCI-Subject"], subject["digest"])
            named.append((name, kind or CONFIG, {"number": str(number)}))
        listed = self.r.call("GET", place)
        self.assertEqual(listed.headers["Content-Type"], INDEX)
        self.assertEqual(
            sorted((m["digest"], m["artifactType"], m["annotations"]) for m in listed.json["manifests"]),
            sorted(named, key=lambda each: each[0]),
        )
        query = urllib.parse.urlencode({"artifactType": "application/vnd.test.a"})
        filtered = self.r.call("GET", f"{place}?{query}")
        self.assertEqual(filtered.headers["OCI-Filters-Applied"], "artifactType")
        self.assertEqual({m["artifactType"] for m in filtered.json["manifests"]}, {"application/vnd.test.a"})
        self.assertEqual(len(filtered.json["manifests"]), 2)
        found, next_place = [], f"{place}?n=2"
        while next_place:
            page = self.r.call("GET", next_place)
            found += [m["digest"] for m in page.json["manifests"]]
            link = re.fullmatch(r'<(.*)>; rel="next"', page.headers.get("Link", ""))
            next_place = link and link[1]
        self.assertEqual(sorted(found), sorted(name for name, _, _ in named))
        self.r.call("DELETE", f"/v2/{self.name}/manifests/{named[0][0]}")
        self.assertEqual(len(self.r.call("GET", place).json["manifests"]), 4)
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/referrers/sha256:1"), 400, "DIGEST_INVALID")
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "subject": subject}
        made, name = self.r.push_manifest(self.name, index)
        self.assertStatus(made, 201)
        entry = [m for m in self.r.call("GET", place).json["manifests"] if m["digest"] == name]
        self.assertNotIn("artifactType", entry[0])

    # What is wrong

    def test_names_and_digests_are_held_against_the_grammar(self):
        for name in ("Upper", "a//b", "a/../b", "-a", "a%2F..%2Fb", "a..b", "x" * 300):
            self.assertStatus(self.r.call("GET", f"/v2/{name}/tags/list"), 400, "NAME_INVALID")
        for name in ("sha256:xyz", "sha256:" + "A" * 64, "md5:" + "0" * 32, "sha256"):
            self.assertStatus(self.r.call("GET", f"/v2/{self.name}/blobs/{name}"), 400, "DIGEST_INVALID")
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/manifests/.tag"), 400, "MANIFEST_INVALID")
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/nothing/here"), 404, "UNSUPPORTED")
        answer = self.assertStatus(self.r.call("PUT", "/v2/", b""), 405, "UNSUPPORTED")
        self.assertEqual(answer.headers["Allow"], "GET")
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/blobs/uploads/../x"), 404)

    def test_a_repository_may_be_called_like_what_is_in_one(self):
        for name in (f"default/{self.name}/{end}" for end in ("blobs", "manifests/tags", "blobs/uploads")):
            _, pushed = self.r.push_manifest(name, self.r.image(name), "v1")
            self.assertStatus(self.r.call("GET", f"/v2/{name}/manifests/v1"), 200)

    def test_the_long_name_of_a_repository_of_the_default_project_is_the_same(self):
        self.r.push_manifest(f"default/{self.name}", self.r.image(f"default/{self.name}"), "v1")
        self.assertEqual(self.r.call("GET", f"/v2/{self.name}/tags/list").json["tags"], ["v1"])
        self.assertIn(self.name, self.r.call("GET", "/v2/_catalog").json["repositories"])

    def test_many_push_the_same_at_once(self):
        data = os.urandom(300_000)
        names = [self.unique("many") for _ in range(8)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: self.r.push_blob(name, data), names * 2))
        for name in names:
            self.assertEqual(self.r.call("GET", f"/v2/{name}/blobs/{digest(data)}").body, data)

    def test_garbage_is_collected_when_asked_for(self):
        _, kept = self.r.push_manifest(self.name, self.r.image(self.name, [b"kept"]), "v1")
        _, untagged = self.r.push_manifest(self.name, self.r.image(self.name, [b"of an old image"]))
        garbage = self.r.push_blob(self.name, os.urandom(1000))
        used = self.api.get("/api/v1/images").json()
        self.assertGreaterEqual(used["bytes"], 1000)
        # What is young stays.
        self.assertEqual(self.api.post("/api/v1/images/collect").json()["blobs"], 0)
        self.assertStatus(self.r.call("HEAD", f"/v2/{self.name}/blobs/{garbage}"), 200)
        gone = self.api.post("/api/v1/images/collect", json={"grace": 0, "untagged": True}).json()
        self.assertGreaterEqual(gone["manifests"], 1)
        self.assertGreaterEqual(gone["bytes"], 1000)
        self.assertStatus(self.r.call("HEAD", f"/v2/{self.name}/blobs/{garbage}"), 404)
        self.assertStatus(self.r.call("HEAD", f"/v2/{self.name}/manifests/{untagged}"), 404)
        self.assertStatus(self.r.call("GET", f"/v2/{self.name}/manifests/{kept}"), 200)
        self.assertEqual(self.r.call("GET", f"/v2/{self.name}/blobs/{digest(b'kept')}").body, b"kept")

    def test_what_was_acknowledged_outlives_collections_without_grace(self):
        shared = os.urandom(200_000)
        ends = threading.Event()
        collected = []

        def collect():
            while True:
                collected.append(self.api.post("/api/v1/images/collect", json={"grace": 0}).json()["blobs"])
                # Not all the time: no push would come through.
                if ends.wait(0.1):
                    return

        def push(number):
            layers = [shared, os.urandom(100_000)]
            for turn in range(200):
                try:
                    manifest = self.r.image(self.name, layers)
                    answer, _ = self.r.push_manifest(self.name, manifest, f"v{number}")
                except AssertionError:
                    continue  # An upload was collected under it.
                if answer.status == 201:
                    return layers
                self.assertEqual(answer.codes[0], "MANIFEST_BLOB_UNKNOWN", answer)
            self.fail("no push came through")

        collector = threading.Thread(target=collect)
        collector.start()
        try:
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                pushed = list(pool.map(push, range(16)))
        finally:
            ends.set()
            collector.join()
        self.assertTrue(collected)
        for number, layers in enumerate(pushed):
            manifest = self.r.call("GET", f"/v2/{self.name}/manifests/v{number}").json
            self.assertEqual([each["digest"] for each in manifest["layers"]], [digest(each) for each in layers])
            for data in layers:
                self.assertEqual(self.r.call("GET", f"/v2/{self.name}/blobs/{digest(data)}").body, data)
            self.assertStatus(self.r.call("GET", f"/v2/{self.name}/blobs/{manifest['config']['digest']}"), 200)

    def test_metrics_count_requests(self):
        self.r.push_blob(self.name, b"counted")
        text = self.api.get("/metrics").text
        self.assertRegex(text, r'apollo_images_requests_total\{operation="completeBlobUpload",status="201"\} \d')


class ImageAccess(ImageCase):
    """Who may what, and how clients log in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.password = "correct horse battery staple"
        for name in ("ann", "bob"):
            made = cls.platform.apollo.shell(f"echo '{cls.password}' | apollo user create {name} --password-stdin")
            assert made.code == 0, made
        for words in (
            ("project", "create", "shop"),
            ("grant", "add", "ann", "write", "image://local/default/shop"),
            ("grant", "add", "bob", "read", "image://local/default/shop/app"),
        ):
            made = cls.platform.apollo(*words)
            assert made.code == 0, made
        root = cls.registry(cls())
        root.push_manifest("shop/app", root.image("shop/app"), "v1")
        root.push_manifest("shop/other", root.image("shop/other", [b"secret layer"]), "v1")

    def client(self, name, *scopes):
        made = Registry(self.platform.address).token(*scopes, name=name, password=self.password)
        self.assertEqual(made.status, 200, made)
        return Registry(self.platform.address, f"Bearer {made.json['token']}")

    def test_whoever_sends_nothing_is_told_where_to_get_a_token(self):
        nobody = Registry(self.platform.address)
        told = nobody.challenge(self.assertStatus(nobody.call("GET", "/v2/"), 401, "UNAUTHORIZED"))
        self.assertEqual(told, {"realm": f"{self.platform.address}/v2/token", "service": "apollo"})
        answer = nobody.call("GET", "/v2/shop/app/manifests/v1")
        self.assertEqual(nobody.challenge(answer)["scope"], "repository:shop/app:pull")
        answer = nobody.call("POST", "/v2/shop/app/blobs/uploads/", b"")
        self.assertEqual(nobody.challenge(answer)["scope"], "repository:shop/app:pull,push")
        self.assertStatus(nobody.call("GET", "/v2/_catalog"), 401)
        # There is no token for nobody.
        self.assertStatus(nobody.token("repository:shop/app:pull"), 401, "UNAUTHORIZED")

    def test_a_password_gets_a_token_for_a_while(self):
        ann = self.client("ann", "repository:shop/app:pull,push")
        self.assertStatus(ann.call("GET", "/v2/"), 200)
        self.assertStatus(ann.call("GET", "/v2/shop/app/manifests/v1"), 200)
        ann.push_blob("shop/app", b"of ann")
        # It is good for what was asked for alone.
        answer = self.assertStatus(ann.call("GET", "/v2/shop/other/manifests/v1"), 401)
        self.assertEqual(ann.challenge(answer)["error"], "insufficient_scope")
        self.assertStatus(ann.call("DELETE", f"/v2/shop/app/blobs/{digest(b'of ann')}"), 401)
        scopes = "repository:shop/app:pull,push,delete repository:shop/other:pull"
        both = self.client("ann", scopes, "registry:catalog:*")
        self.assertStatus(both.call("GET", "/v2/shop/other/manifests/v1"), 200)
        self.assertStatus(both.call("DELETE", f"/v2/shop/app/blobs/{digest(b'of ann')}"), 202)
        listed = both.call("GET", "/v2/_catalog").json["repositories"]
        self.assertEqual([name for name in listed if name in ("shop/app", "shop/other")], ["shop/app", "shop/other"])

    def test_rights_are_asked_for_at_every_request(self):
        bob = self.client("bob", "repository:shop/app:pull,push", "repository:shop/other:pull", "registry:catalog:*")
        self.assertStatus(bob.call("GET", "/v2/shop/app/manifests/v1"), 200)
        self.assertStatus(bob.call("POST", "/v2/shop/app/blobs/uploads/", b""), 403, "DENIED")
        for answer in (
            bob.call("GET", "/v2/shop/other/manifests/v1"),
            bob.call("GET", f"/v2/shop/other/blobs/{digest(b'secret layer')}"),
        ):
            self.assertIn(answer.status, (403, 404))
        listed = bob.call("GET", "/v2/_catalog").json["repositories"]
        self.assertIn("shop/app", listed)
        self.assertNotIn("shop/other", listed)

    def test_a_layer_is_mounted_with_a_token_for_both_repositories(self):
        ann = self.client("ann", "repository:shop/mounted:pull,push")
        place = f"/v2/shop/mounted/blobs/uploads/?mount={digest(b'secret layer')}&from=shop/other"
        told = ann.challenge(self.assertStatus(ann.call("POST", place, b""), 401))
        self.assertEqual(told["scope"], "repository:shop/mounted:pull,push repository:shop/other:pull")
        ann = self.client("ann", told["scope"])
        self.assertStatus(ann.call("POST", place, b""), 201)

    def test_a_layer_is_not_mounted_by_who_may_not_pull_it(self):
        self.assertCode(self.apollo("grant", "add", "bob", "write", "image://local/default/shop/bobs"), 0)
        bob = self.client("bob", "repository:shop/bobs:pull,push", "repository:shop/other:pull")
        place = f"/v2/shop/bobs/blobs/uploads/?mount={digest(b'secret layer')}&from=shop/other"
        self.assertStatus(bob.call("POST", place, b""), 202)
        self.assertStatus(bob.call("HEAD", f"/v2/shop/bobs/blobs/{digest(b'secret layer')}"), 404)
        # Nor has it where nobody could tell that it is there: to name it in a manifest is not enough.
        image = bob.image("shop/bobs", [b"own"])
        image["layers"].append(descriptor(b"secret layer", LAYER))
        self.assertStatus(bob.push_manifest("shop/bobs", image, "v1")[0], 400, "MANIFEST_BLOB_UNKNOWN")

    def test_a_wrong_password_and_a_made_up_token_are_refused(self):
        nobody = Registry(self.platform.address)
        self.assertStatus(nobody.token(name="ann", password="wrong"), 401, "UNAUTHORIZED")
        for sent in ("Bearer apr_" + "A" * 43, "Bearer x", "Basic " + "A" * 8, "Basic !", "Digest x"):
            answer = nobody.call("GET", "/v2/", authorization=sent)
            self.assertStatus(answer, 401, "UNAUTHORIZED")
            self.assertIn("Bearer realm=", answer.headers["WWW-Authenticate"])

    def test_a_token_of_the_platform_is_a_password_too(self):
        made = self.apollo("token", "create", "ci", "--permission", "read", "-o", "json")
        self.assertCode(made, 0)
        token = made.json()["token"]
        ci = Registry.basic(self.platform.address, "anybody", token)
        self.assertStatus(ci.call("GET", "/v2/shop/app/manifests/v1"), 200)
        got = Registry(self.platform.address).token("repository:shop/app:pull", name="x", password=token)
        self.assertStatus(got, 200)
        # It is worth what the platform's is.
        self.assertStatus(ci.call("POST", "/v2/shop/app/blobs/uploads/", b""), 403, "DENIED")

    def test_a_token_ends_with_the_one_it_was_made_for(self):
        made = self.apollo("token", "create", "short", "-o", "json")
        self.assertCode(made, 0)
        record = made.json()
        got = Registry(self.platform.address).token("repository:shop/app:pull", name="x", password=record["token"])
        self.assertStatus(got, 200)
        client = Registry(self.platform.address, f"Bearer {got.json['token']}")
        self.assertStatus(client.call("GET", "/v2/shop/app/manifests/v1"), 200)
        self.assertCode(self.apollo("token", "rm", record["id"]), 0)
        self.assertStatus(client.call("GET", "/v2/shop/app/manifests/v1"), 401)

    def test_newer_clients_post_for_a_token(self):
        nobody = Registry(self.platform.address)
        form = {"grant_type": "password", "service": "apollo", "client_id": "t", "username": "ann",
                "password": self.password, "scope": "repository:shop/app:pull"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        got = nobody.call("POST", "/v2/token", urllib.parse.urlencode(form), headers)
        self.assertStatus(got, 200)
        self.assertTrue(got.json["access_token"])
        form["password"] = "wrong"
        self.assertStatus(nobody.call("POST", "/v2/token", urllib.parse.urlencode(form), headers), 401)

    def test_changes_are_in_the_audit(self):
        ann = self.client("ann", "repository:shop/audited:pull,push,delete")
        _, name = ann.push_manifest("shop/audited", ann.image("shop/audited"), "v1")
        ann.call("DELETE", f"/v2/shop/audited/manifests/{name}")
        records = self.apollo("audit", "--on", "image://local/default/shop/audited", "-o", "json").json()
        found = {(r["action"], r["principal"]) for r in records}
        for action in ("putManifest", "deleteManifest", "completeBlobUpload"):
            self.assertIn((action, "user://local/ann"), found)

    def test_a_project_that_is_not_there_is_told(self):
        root = self.registry()
        self.assertStatus(root.call("POST", "/v2/no-such-project/app/blobs/uploads/", b""), 404, "NAME_UNKNOWN")

    def test_a_project_with_images_is_not_removed(self):
        gone = self.apollo("project", "rm", "shop")
        self.assertNotEqual(gone.code, 0)
        self.assertIn("image repositories", gone.err)


class OpenImages(ImageCase):
    own_platform = True

    def test_projects_are_open_to_everybody_where_that_is_set(self):
        platform = self.make_platform(env={"APOLLO_IMAGES_ANONYMOUS": "public"}).start()
        self.assertCode(platform.apollo("project", "create", "public"), 0)
        root = self.registry(platform)
        for name in ("public/app", "closed"):
            root.push_manifest(name, root.image(name), "v1")
        nobody = Registry(platform.address)
        self.assertStatus(nobody.call("GET", "/v2/public/app/manifests/v1"), 200)
        got = self.assertStatus(nobody.token("repository:public/app:pull,push", "repository:closed:pull"), 200)
        client = Registry(platform.address, f"Bearer {got.json['token']}")
        self.assertStatus(client.call("GET", "/v2/"), 200)
        self.assertStatus(client.call("GET", "/v2/public/app/manifests/v1"), 200)
        self.assertStatus(client.call("GET", "/v2/closed/manifests/v1"), 401)
        self.assertStatus(client.call("POST", "/v2/public/app/blobs/uploads/", b""), 401)

    def test_uploads_and_images_outlive_the_process(self):
        platform = self.make_platform().start()
        r = self.registry(platform)
        data = os.urandom(2_000_000)
        place = r.call("POST", "/v2/app/blobs/uploads/", b"").headers["Location"]
        r.call("PATCH", place, data[:1_500_000])
        _, name = r.push_manifest("app", r.image("app", [os.urandom(2_000_000)]), "v1")
        platform.kill9()
        platform.restart()
        r = self.registry(platform)
        self.assertEqual(r.call("GET", place).headers["Range"], "0-1499999")
        r.call("PATCH", place, data[1_500_000:], {"Content-Range": "1500000-1999999"})
        self.assertStatus(r.call("PUT", f"{place}?digest={digest(data)}", b""), 201)
        self.assertEqual(r.call("GET", f"/v2/app/blobs/{digest(data)}").body, data)
        self.assertEqual(r.call("HEAD", "/v2/app/manifests/v1").headers["Docker-Content-Digest"], name)

    def test_a_project_has_no_more_than_its_quota(self):
        platform = self.make_platform(env={"APOLLO_IMAGES_QUOTA": "1MiB"}).start()
        r = self.registry(platform)
        first = os.urandom(700_000)
        r.push_blob("app", first)
        # What is shared counts once.
        r.call("POST", f"/v2/other/blobs/uploads/?mount={digest(first)}&from=app", b"")
        r.push_blob("again", first)
        more = os.urandom(400_000)
        place = r.call("POST", "/v2/app/blobs/uploads/", b"").headers["Location"]
        self.assertStatus(r.call("PUT", f"{place}?digest={digest(more)}", more), 403, "DENIED")
        self.assertStatus(r.call("HEAD", f"/v2/app/blobs/{digest(more)}"), 404)
        huge = os.urandom(3_000_000)
        place = r.call("POST", "/v2/app/blobs/uploads/", b"").headers["Location"]
        self.assertStatus(r.call("PATCH", place, huge), 403, "DENIED")

    def test_a_project_has_a_quota_of_its_own(self):
        platform = self.make_platform(env={"APOLLO_IMAGES_QUOTA": "1MiB"}).start()
        r = self.registry(platform)

        def quota(*words):
            outcome = platform.apollo("image", "quota", *words, "-o", "json")
            self.assertCode(outcome, 0)
            return [(each["project"], each["bytes"], each.get("quota")) for each in outcome.json()]

        self.assertEqual(quota("ls"), [])
        data = os.urandom(2_000_000)
        self.assertCode(platform.apollo("project", "create", "shop"), 0)
        begin = lambda: r.call("POST", f"/v2/shop/app/blobs/uploads/?digest={digest(data)}", data)  # noqa: E731
        self.assertStatus(begin(), 403, "DENIED")
        self.assertEqual(quota("set", "shop", "--bytes", "3MiB"), [("shop", 0, 3 << 20)])
        self.assertStatus(begin(), 201)
        r.push_blob("app", b"small")
        self.assertEqual(quota("ls"), [("default", 5, 1 << 20), ("shop", 2_000_000, 3 << 20)])
        # Less than there is: nothing goes, and nothing comes.
        quota("set", "shop", "--bytes", "1KiB")
        self.assertStatus(r.call("HEAD", f"/v2/shop/app/blobs/{digest(data)}"), 200)
        refused = r.call("POST", "/v2/shop/app/blobs/uploads/", b"")
        self.assertStatus(refused, 403, "DENIED")
        self.assertIn("1Ki", refused.json["errors"][0]["message"])
        platform.kill9()
        platform.restart()
        self.assertEqual(quota("ls")[1], ("shop", 2_000_000, 1 << 10))
        self.assertEqual(quota("rm", "shop"), [("shop", 2_000_000, 1 << 20)])
        # Those of buckets are others.
        self.assertEqual([each["kind"] for each in platform.apollo("blob", "quota", "ls", "-o", "json").json()], [])
        for words, told in (
            (("set", "shop"), "--bytes"),
            (("set", "shpo", "--bytes", "1MiB"), "shpo"),
            (("set", "a/b", "--bytes", "1MiB"), "project"),
        ):
            outcome = platform.apollo("image", "quota", *words)
            self.assertNotEqual(outcome.code, 0)
            self.assertIn(told, outcome.err)

    def test_only_who_manages_all_images_sets_quotas(self):
        platform = self.make_platform().start()
        token = platform.apollo("token", "create", "ann", "--permission", "manage", "--on",
                                "image://local/default/shop", "-o", "json").json()["token"]
        self.assertCode(platform.apollo("project", "create", "shop"), 0)
        self.assertCode(platform.apollo("image", "quota", "set", "shop", "--bytes", "1MiB"), 0)
        self.assertCode(platform.apollo("image", "quota", "set", "default", "--bytes", "1MiB"), 0)
        seen = platform.apollo("image", "quota", "ls", "-o", "json", env={"APOLLO_TOKEN": token})
        self.assertEqual([each["project"] for each in seen.json()], ["shop"])
        refused = platform.apollo("image", "quota", "set", "shop", "--bytes", "2MiB", env={"APOLLO_TOKEN": token})
        self.assertSays(refused.err, "manage", "image://local")

    def test_the_registry_serves_alone(self):
        platform = Platform(BINARY, os.path.dirname(self.scratch("alone")), verb=("registry", "serve")).start()
        r = self.registry(platform)
        _, name = r.push_manifest("app", r.image("app"), "v1")
        self.assertEqual(r.call("HEAD", "/v2/app/manifests/v1").headers["Docker-Content-Digest"], name)
        self.assertSays(platform.output, "docker push", r.host)
        self.assertNotIn("Objects:", platform.output)
        self.assertSays(platform.apollo("image", "ls").out, "app")
        self.assertEqual(platform.terminate(), 0)

    def test_the_registry_is_switched_off(self):
        platform = self.make_platform(env={"APOLLO_IMAGES_ENABLED": "false"}).start()
        self.assertEqual(self.registry(platform).call("GET", "/v2/").status, 404)
