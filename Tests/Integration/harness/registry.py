"""A client of an image registry, by hand: requests as they are, with the token dance that Docker's clients do."""

import base64
import hashlib
import http.client
import json
import re
import urllib.parse

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def digest(data, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def descriptor(data, media_type, **more):
    return {"mediaType": media_type, "digest": more.pop("digest", digest(data)), "size": len(data), **more}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def codes(self):
        return [error["code"] for error in self.json["errors"]]

    def __repr__(self):
        return f"{self.status} {dict(self.headers.items())} {self.body[:500]!r}"


class Registry:
    """`authorization`: what is sent with every request; None for nothing."""

    def __init__(self, address, authorization=None):
        self.host = address.split("//")[1]
        self.authorization = authorization

    @classmethod
    def basic(cls, address, name, password):
        return cls(address, "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode())

    def call(self, method, path, body=None, headers=None, authorization=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        headers = dict(headers or {})
        if (sent := authorization or self.authorization) is not None:
            headers.setdefault("Authorization", sent)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def token(self, *scopes, name=None, password=None):
        """A token of the registry's own, as Docker's clients get one."""
        query = urllib.parse.urlencode([("service", "apollo"), *(("scope", scope) for scope in scopes)])
        sent = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode() if name is not None else None
        return self.call("GET", f"/v2/token?{query}", authorization=sent)

    def challenge(self, answer):
        """What a 401 says: its parameters."""
        return dict(re.findall(r'(\w+)="([^"]*)"', answer.headers["WWW-Authenticate"]))

    # What a client does

    def push_blob(self, repository, data, algorithm="sha256"):
        name = digest(data, algorithm)
        begun = self.call("POST", f"/v2/{repository}/blobs/uploads/?digest-algorithm={algorithm}", b"")
        assert begun.status == 202, begun
        place = begun.headers["Location"]
        done = self.call("PUT", f"{place}{'&' if '?' in place else '?'}digest={name}", data)
        assert done.status == 201, done
        return name

    def push_manifest(self, repository, document, name=None, media_type=None):
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        media_type = media_type or json.loads(data).get("mediaType", MANIFEST)
        name = name or digest(data)
        return self.call(
            "PUT", f"/v2/{repository}/manifests/{name}", data, {"Content-Type": media_type}
        ), digest(data)

    def image(self, repository, layers=(b"layer",), created=None, **more):
        """Pushes what a manifest needs; the manifest."""
        document = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}
        if created:
            document["created"] = created
        config = json.dumps(document).encode()
        self.push_blob(repository, config)
        for layer in layers:
            self.push_blob(repository, layer)
        return {
            "schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(config, CONFIG),
            "layers": [descriptor(layer, LAYER) for layer in layers], **more,
        }
