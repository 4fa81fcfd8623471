import ClusterModel
import Core
import TaskRuntimes
import Testing

@testable import DockerRuntimes

@Suite struct ImageReferenceTests {
    @Test(arguments: [
        ("busybox", "busybox", "latest"), ("busybox:1.35", "busybox", "1.35"),
        ("registry.example:5000/team/app", "registry.example:5000/team/app", "latest"),
        ("registry.example:5000/team/app:v2_x", "registry.example:5000/team/app", "v2_x"),
        (
            "busybox@sha256:df8238d4f32f08fc5c01600923c3bf1bd379ea8c14fc732477c911edc900694f", "busybox",
            "sha256:df8238d4f32f08fc5c01600923c3bf1bd379ea8c14fc732477c911edc900694f"
        ),
        (
            "a/b:1@sha256:df8238d4f32f08fc5c01600923c3bf1bd379ea8c14fc732477c911edc900694f", "a/b",
            "sha256:df8238d4f32f08fc5c01600923c3bf1bd379ea8c14fc732477c911edc900694f"
        ),
    ])
    func `a name is cut into repository and version`(text: String, repository: String, version: String) throws
    {
        let reference = try #require(ImageReference(parsing: text))
        #expect(reference.repository == repository)
        #expect(reference.version == version)
        #expect("\(reference)" == text)
    }

    @Test(arguments: [
        "", " ", "a b", "busybox:", "/busybox", "busybox/", "a//b", "../etc", "UPPER", "host/Upper", "a@b",
        "a@sha256:xyz",
        "a@sha256:", "a:b:c", "a?x=1", "a#b", "a%2f", "a\n", "é", "a:-x", "a:.x",
        String(repeating: "a", count: 600),
    ])
    func `what is no name is refused`(_ text: String) {
        #expect(ImageReference(parsing: text) == nil)
    }
}

@Suite struct EngineLocationTests {
    @Test func `a configured socket goes before DOCKER_HOST, and that before the usual ones`() throws {
        let variables = ["DOCKER_HOST": "unix:///h.sock", "XDG_RUNTIME_DIR": "/run/user/7"]
        #expect(try EngineLocation(configured: ["/c.sock"], variables: variables).candidates == ["/c.sock"])
        #expect(try EngineLocation(configured: [], variables: variables).candidates == ["/h.sock"])
        let usual = try EngineLocation(configured: [], variables: ["XDG_RUNTIME_DIR": "/run/user/7"])
        #expect(
            usual.candidates == [
                "/var/run/docker.sock", "/run/podman/podman.sock", "/run/user/7/docker.sock",
                "/run/user/7/podman/podman.sock",
            ])
        #expect(try usual.sockets { $0.contains("user") }.count == 2)
        let own = try EngineLocation(configured: [], variables: ["XDG_RUNTIME_DIR": "relative"], user: 7)
        #expect(own == usual)
        #expect(try EngineLocation(configured: [], variables: [:], user: 0).candidates.count == 2)
    }

    @Test func `no socket is an error that names the places and what helps`() {
        let error = #expect(throws: RuntimeError.self) {
            try EngineLocation(configured: [], variables: [:]).sockets { _ in false }
        }
        guard case .unavailable(let message, let hint) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(message.contains("/var/run/docker.sock"))
        #expect(hint.contains("docker.io"))
    }

    @Test func `an engine over TCP is refused`() {
        #expect(throws: RuntimeError.self) {
            try EngineLocation(configured: [], variables: ["DOCKER_HOST": "tcp://127.0.0.1:2375"])
        }
    }

    @Test(arguments: [
        ("1.41", "1.12", "1.41"), ("1.40", nil, "1.40"), ("1.99", "1.44", "1.51"), ("1.51", "1.51", "1.51"),
        ("1.39", "1.12", nil), ("1.60", "1.52", nil), ("2.0", nil, "1.51"), ("x", nil, nil), ("1", nil, nil),
    ])
    func `the newest version of both ends is agreed on`(newest: String, oldest: String?, expected: String?) {
        let version = EngineVersion(version: "x", apiVersion: newest, minimumAPIVersion: oldest)
        #expect(EngineSession.agree(version)?.description == expected)
    }
}

@Suite struct ExitDescriptionTests {
    @Test(arguments: [
        (0, false, "exit code 0"), (3, false, "exit code 3"), (137, false, "killed by SIGKILL"),
        (143, false, "killed by SIGTERM"), (137, true, "out of memory (limit 64Mi)"),
        (0, true, "exit code 0"),
        (1, true, "exit code 1, after one of its processes ran out of memory (limit 64Mi)"),
        (200, false, "exit code 200"),
    ])
    func `an end is said in words`(code: Int, outOfMemory: Bool, reason: String) {
        let exit = ExitDescription(
            code: Int32(code), outOfMemory: outOfMemory, memoryLimit: .mebibytes(64), error: ""
        ).exit(at: Timestamp(microseconds: 5))
        #expect(exit.reason == reason)
        #expect(exit.outOfMemory == (outOfMemory && code != 0))
        #expect(exit.code == Int32(code))
    }
}

@Suite struct CommandLookupTests {
    private let image = ImageInspection.Configuration(
        entrypoint: ["entry"], command: ["cmd"], environment: ["A=b", "PATH=/x:/y/"], workingDirectory: "/w")

    @Test func `the first word is looked for as execvp does`() throws {
        #expect(try CommandLookup(TaskSpec(image: "i"), image).candidates == ["/x/entry", "/y/entry"])
        #expect(try CommandLookup(TaskSpec(image: "i", command: ["z"]), image).command == "entry")
        var plain = image
        plain.entrypoint = nil
        #expect(try CommandLookup(TaskSpec(image: "i"), plain).command == "cmd")
        #expect(try CommandLookup(TaskSpec(image: "i", command: ["./z"]), plain).candidates == ["/w/./z"])
        #expect(try CommandLookup(TaskSpec(image: "i", command: ["/z"]), plain).candidates == ["/z"])
        #expect(
            try CommandLookup(TaskSpec(image: "i", command: ["z"], environment: ["PATH": "/p"]), plain)
                .candidates
                == ["/p/z"])
        #expect(try CommandLookup(TaskSpec(image: "i", command: ["z"]), nil).candidates.last == "/bin/z")
    }

    @Test func `an image without a command needs one`() {
        #expect(throws: EngineFailure.self) { try CommandLookup(TaskSpec(image: "i"), nil) }
        // An entry point of one's own takes the image's command away.
        #expect(throws: Never.self) { try CommandLookup(TaskSpec(image: "i", entrypoint: ["e"]), image) }
    }
}

@Suite struct LaunchFailureTests {
    private let spec = TaskSpec(
        image: "app:1", command: ["serve"], user: "ada", ports: [PortMapping(container: 80, host: 8080)])

    private func meaning(_ status: Int, _ message: String) -> RuntimeError {
        LaunchFailure(spec: spec).meaning(of: .refused(status: status, message: message))
            .runtimeError("starting the container")
    }

    // Messages as Docker 20.10, 27 and Podman 4 say them.
    @Test(arguments: [
        (
            #"OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "sevre": executable file not found in $PATH: unknown"#,
            "command 'sevre' was not found in image 'app:1'"
        ),
        (
            #"failed to create task for container: OCI runtime create failed: runc create failed: exec: "/a": stat /a: no such file or directory: unknown"#,
            "command '/a' was not found in image 'app:1'"
        ),
        (
            "crun: executable file `serve` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
            "command 'serve' was not found in image 'app:1'"
        ),
        (
            #"OCI runtime create failed: runc create failed: exec: "/etc/passwd": permission denied: unknown"#,
            "'/etc/passwd' in image 'app:1' is not an executable file"
        ),
        (
            "unable to find user ada: no matching entries in passwd file",
            "user 'ada' is not known in image 'app:1'"
        ),
    ])
    func `a command or user that is not there is rejected by name`(message: String, expected: String) {
        guard case .rejected(let text, _) = meaning(500, message) else {
            Issue.record("unexpected \(meaning(500, message))")
            return
        }
        #expect(text == expected)
    }

    @Test(arguments: [
        "driver failed programming external connectivity on endpoint x (1): Bind for 127.0.0.1:8080 failed: port is already allocated",
        "driver failed programming external connectivity on endpoint x (1): Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
        "rootlessport listen tcp 127.0.0.1:8080: bind: address already in use",
    ])
    func `a port in use is named`(_ message: String) {
        guard case .portInUse(let port) = meaning(500, message) else {
            Issue.record("unexpected \(meaning(500, message))")
            return
        }
        #expect((port.host, port.address) == (8080, "127.0.0.1"))
    }

    @Test func `a bad request is the specification's fault, anything else the engine's`() {
        guard case .rejected = meaning(400, "invalid something") else {
            Issue.record("unexpected")
            return
        }
        guard case .failed = meaning(500, "something odd") else {
            Issue.record("unexpected")
            return
        }
        guard case .exhausted = meaning(500, "mkdir /x: no space left on device") else {
            Issue.record("unexpected")
            return
        }
    }
}

@Suite struct PullProgressTests {
    private func message(_ json: String) throws -> PullMessage { try PullMessage(parsing: Array(json.utf8)) }

    @Test func `the layers are added up`() throws {
        var progress = PullProgress(image: BusyboxImage.reference)
        #expect(progress.current == LaunchProgress(activity: "pulling \(BusyboxImage.name)"))
        for line in [
            #"{"status":"Pulling from library/busybox","id":"1.35"}"#,
            #"{"status":"Pulling fs layer","progressDetail":{},"id":"a"}"#,
            #"{"status":"Downloading","progressDetail":{"current":10,"total":100},"id":"a"}"#,
            #"{"status":"Downloading","progressDetail":{"current":40,"total":50},"id":"b"}"#,
            #"{"status":"Downloading","progressDetail":{"current":5,"total":100},"id":"a"}"#,
            #"{"status":"Download complete","progressDetail":{},"id":"b"}"#,
            #"{"status":"Already exists","id":"c"}"#,
            #"{"unknown":{"deep":[1]}}"#,
        ] { progress.apply(try message(line)) }
        #expect(progress.current.completedBytes == 60)
        #expect(progress.current.totalBytes == 150)
    }

    @Test func `layers without end are not followed without end`() throws {
        var progress = PullProgress(image: BusyboxImage.reference)
        for number in 0..<5000 {
            progress.apply(
                try message(
                    #"{"status":"Downloading","progressDetail":{"current":1,"total":1},"id":"\#(number)"}"#))
        }
        #expect(progress.current.totalBytes == 1024)
    }

    @Test(arguments: [
        (
            "pull access denied for x, repository does not exist or may require 'docker login'",
            ErrorKind.invalid
        ),
        ("manifest for busybox:9 not found: manifest unknown: manifest unknown", .invalid),
        ("unauthorized: authentication required", .invalid),
        (#"Get "https://r/v2/": dial tcp: lookup r on 10.0.0.1:53: no such host"#, .unavailable),
        (#"Get "https://r/v2/": net/http: TLS handshake timeout"#, .unavailable),
        ("toomanyrequests: You have reached your pull rate limit", .unavailable),
        ("failed to register layer: write /x: no space left on device", .exhausted),
    ])
    func `a failed pull is told apart`(message: String, kind: ErrorKind) {
        let error = PullFailure.runtimeError(message, image: BusyboxImage.reference).asApolloError
        #expect(error.kind == kind)
        #expect(error.message.contains(BusyboxImage.name))
        #expect(error.hint != nil)
    }
}
