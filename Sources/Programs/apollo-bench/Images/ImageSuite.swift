import Benchmarks
import Concurrency
import Core
import Cryptography
import Glibc
import HTTPModel
import ImageClients
import ImageFiles
import ImageModel
import ImageTransfers

/// `apollo-bench images`: the registry against Docker's own.
enum ImageSuite {
    static let suite = Suite(
        "images", summary: "Push and pull large images", cases: [push, pull, serverTime])

    private static let layerBytes = 500 << 20
    private static let repository = RepositoryName.bench

    private static let push = Case(
        "push-500mb", unit: "MB/s", better: .higher,
        note:
            "an image of one layer of 500 MiB that the registry has not, to its acknowledgement, one connection",
        peers: [DockerRegistry.peer]
    ) { workshop in
        let image = try LargeImage(workshop, bytes: layerBytes)
        let (ours, _) = try await ours(workshop)
        var contest = Contest { try await image.push(to: ours, repository, workshop.environment) }
        if workshop.measures(DockerRegistry.peer.name) {
            let (peer, _) = try await DockerRegistry.start(in: workshop)
            contest.peers[DockerRegistry.peer.name] = {
                try await image.push(to: peer, repository, workshop.environment)
            }
        }
        return contest
    }

    private static let pull = Case(
        "pull-500mb", unit: "MB/s", better: .higher,
        note: "a layer of 500 MiB, read and held against its digest by the client, one connection",
        peers: [DockerRegistry.peer]
    ) { workshop in
        let image = try LargeImage(workshop, bytes: layerBytes)
        let (ours, _) = try await ours(workshop)
        _ = try await image.push(to: ours, repository, workshop.environment)
        var contest = Contest { try await image.pull(from: ours, repository, workshop.environment) }
        if workshop.measures(DockerRegistry.peer.name) {
            let (peer, _) = try await DockerRegistry.start(in: workshop)
            try await image.pushAgain(to: peer, repository)
            contest.peers[DockerRegistry.peer.name] = {
                try await image.pull(from: peer, repository, workshop.environment)
            }
        }
        return contest
    }

    /// How many layers docker and containerd pull at once.
    private static let pulls = 3

    /// The registry's own part of a pull: the client's check of the digest takes most of the time of ``pull``, whoever serves.
    private static let serverTime = Case(
        "pull-500mb-server-cpu", unit: "ms/GB", better: .lower,
        note:
            "processor time of the registry for each GB of a layer of 500 MiB, \(pulls) pulls of it at once, all checked",
        peers: [DockerRegistry.peer]
    ) { workshop in
        let image = try LargeImage(workshop, bytes: layerBytes)
        let (ours, process) = try await ours(workshop)
        _ = try await image.push(to: ours, repository, workshop.environment)
        var contest = Contest {
            try await cost(of: process) { try await pullTogether(image, ours, workshop) }
        }
        if workshop.measures(DockerRegistry.peer.name) {
            let (peer, process) = try await DockerRegistry.start(in: workshop)
            try await image.pushAgain(to: peer, repository)
            contest.peers[DockerRegistry.peer.name] = {
                try await cost(of: process) { try await pullTogether(image, peer, workshop) }
            }
        }
        return contest
    }

    private static func pullTogether(
        _ image: LargeImage, _ registry: ImageRegistry, _ workshop: Workshop
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<pulls {
                group.addTask { _ = try await image.pull(from: registry, repository, workshop.environment) }
            }
            try await group.waitForAll()
        }
    }

    /// The milliseconds of processor time that a process takes for each GB of what `body` pulls.
    private static func cost(of process: ProcessFacts, _ body: () async throws -> Void) async throws -> Double
    {
        let before = try process.processorTime()
        try await body()
        let spent = try process.processorTime() - before
        return Double(spent.inMicroseconds) / 1000 / (Double(pulls * layerBytes) / 1e9)
    }

    private static func ours(_ workshop: Workshop) async throws -> (ImageRegistry, ProcessFacts) {
        let platform = try await Platform.start(in: workshop)
        let registry = ImageRegistry(
            .address(platform.address, authorization: "Bearer \(platform.token)"),
            by: RegistryClient(environment: workshop.environment))
        return (registry, ProcessFacts(platform.pid))
    }
}

extension RepositoryName {
    fileprivate static let bench = {
        do { return try RepositoryName(parsing: "bench") } catch { preconditionFailure("\(error)") }
    }()
}

/// An image in a layout, whose only layer is another each time.
private final class LargeImage: Sendable {
    private let layout: ImageLayout
    private let bytes: Int
    private let pool: BlockingPool
    private let environment: Environment
    private let current = SharedImage()

    init(_ workshop: Workshop, bytes: Int) throws {
        layout = try ImageLayout(preparing: workshop.path("layout"))
        environment = workshop.environment
        self.bytes = bytes
        let pool = BlockingPool(name: "images", threads: 2)
        workshop.onClose { pool.stop() }
        self.pool = pool
    }

    /// Makes a layer that nobody has, and pushes it; how fast that was.
    func push(
        to registry: ImageRegistry, _ repository: RepositoryName, _ environment: Environment
    ) async throws -> Double {
        let (layout, bytes, seed) = (layout, bytes, environment.random.next())
        let descriptor = try await pool.run("make a layer") { try Self.make(layout, bytes, seed) }
        if let old = current.take(descriptor) {
            try await pool.run("remove a layer") { try Self.remove(layout, old) }
        }
        let start = environment.clock.now
        try await pushAgain(to: registry, repository)
        return Double(bytes) / Double(start.duration(to: environment.clock.now).inMicroseconds)
    }

    func pushAgain(to registry: ImageRegistry, _ repository: RepositoryName) async throws {
        guard let descriptor = current.value else { throw ApolloError(.internal, "there is no image yet") }
        try await ImageTransfer(registry, layout, pool: pool)
            .push(descriptor, to: repository, tags: [.latest])
    }

    func pull(
        from registry: ImageRegistry, _ repository: RepositoryName, _ environment: Environment
    ) async throws -> Double {
        guard let descriptor = current.value,
            case .manifest(let manifest) = try ImageDocument(layout.document(descriptor))
        else { throw ApolloError(.internal, "there is no image yet") }
        let layer = manifest.layers[0]
        let start = environment.clock.now
        let body = try await registry.open(layer.digest, in: repository)
        var hash = SHA256()
        while let piece = try await body.next() { hash.update(piece) }
        guard hash.finalize().hex == layer.digest.hex else {
            throw ApolloError(.corrupt, "the layer came otherwise than it was sent")
        }
        return Double(bytes) / Double(start.duration(to: environment.clock.now).inMicroseconds)
    }

    private static func make(_ layout: ImageLayout, _ bytes: Int, _ seed: UInt64) throws -> ImageDescriptor {
        let blob = try layout.begin()
        var hash = SHA256()
        var state = seed | 1
        var block = [UInt8](repeating: 0, count: 1 << 20)
        block.withUnsafeMutableBytes { words in
            for word in words.bindMemory(to: UInt64.self).indices {
                // xorshift64 (Marsaglia, 2003): nothing that packs, nothing that repeats.
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                words.storeBytes(of: state, toByteOffset: word * 8, as: UInt64.self)
            }
        }
        for number in 0..<bytes >> 20 {
            withUnsafeBytes(of: UInt64(number)) { block.replaceSubrange(0..<8, with: $0) }
            hash.update(block)
            try blob.write(block)
        }
        let digest = try ImageDigest(parsing: "sha256:\(hash.finalize().hex)")
        try blob.publish(as: digest)
        let layer = ImageDescriptor(mediaType: ImageMediaType.layer, digest: digest, size: Int64(bytes))
        let configuration = ImageConfiguration(platform: .host, layers: [digest])
        let named = try layout.add(configuration.bytes, mediaType: ImageMediaType.configuration)
        let manifest = ImageManifest(configuration: named, layers: [layer])
        return try layout.add(manifest.bytes, mediaType: ImageMediaType.manifest)
    }

    private static func remove(_ layout: ImageLayout, _ descriptor: ImageDescriptor) throws {
        guard case .manifest(let manifest) = try ImageDocument(layout.document(descriptor)) else { return }
        for layer in manifest.layers { unlink(layout.file(layer.digest)) }
    }
}

/// Docker's registry as a peer, on the workshop's disk.
private enum DockerRegistry {
    static let peer = Peer("docker-registry", installation: "apt-get install docker-registry") { workshop in
        guard access(program, X_OK) == 0 else { return nil }
        // "docker-registry github.com/docker/distribution 2.8.2+debian"
        let said = try await workshop.run(program, ["--version"]).output
        return said.split(separator: " ").last.map { String($0.prefix { !$0.isWhitespace && $0 != "+" }) }
    }

    private static let program = "/usr/bin/docker-registry"

    static func start(in workshop: Workshop) async throws -> (ImageRegistry, ProcessFacts) {
        let port = try FreePort.find()
        let configuration = try workshop.write(
            """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(workshop.path("docker-registry-data"))}}
            http: {addr: "127.0.0.1:\(port)"}
            """, to: "docker-registry.yml")
        let child = try workshop.start(program, ["serve", configuration], log: "docker-registry")
        _ = try await workshop.waiting(for: "the start of docker-registry") { () -> Bool? in
            guard child.isRunning else { throw ApolloError(.unavailable, "docker-registry does not start") }
            return FreePort.answers(port) ? true : nil
        }
        let registry = ImageRegistry(
            .address("http://127.0.0.1:\(port)", authorization: nil),
            by: RegistryClient(environment: workshop.environment))
        return (registry, ProcessFacts(child.pid))
    }
}
