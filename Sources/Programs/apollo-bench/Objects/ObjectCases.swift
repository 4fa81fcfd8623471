import Benchmarks
import Core
import Glibc
import HTTPModel

/// Many objects, small and not so small.
enum ObjectCases {
    static let putSmall = Case(
        "put-1kib", unit: "1/s", better: .higher,
        note: "64 connections, every object under a key of its own, each acknowledged after it is on the disk"
    ) { workshop in
        let objects = try await ObjectPlatform.start(in: workshop)
        let script = try putScript(bytes: 1024, in: workshop)
        let url = "\(objects.store)/\(ObjectPlatform.bucket)"
        let warm = try await Wrk.load(url, seconds: 1, fields: objects.fields, script: script, in: workshop)
        guard warm.requests > 0 else { throw ApolloError(.unavailable, "nothing was stored") }
        return Contest {
            try await Wrk.load(url, fields: objects.fields, script: script, in: workshop).requestsPerSecond
        }
    }

    static let getSmall = Case(
        "get-1kib", unit: "1/s", better: .higher, note: "64 connections"
    ) { workshop in
        let objects = try await ObjectPlatform.start(in: workshop)
        _ = try await objects.send(.put, "/\(ObjectPlatform.bucket)/k", [UInt8](repeating: 0x61, count: 1024))
        return Contest(
            ours: try await Wrk.rate(
                "\(objects.store)/\(ObjectPlatform.bucket)/k", fields: objects.fields, in: workshop))
    }

    static let getMedium = Case(
        "get-1mib", unit: "MB/s", better: .higher,
        note: "64 connections; nginx serves the same bytes from a file by sendfile, without checksums",
        peers: [Nginx.peer]
    ) { workshop in
        let bytes = [UInt8](repeating: 0x61, count: 1 << 20)
        let objects = try await ObjectPlatform.start(in: workshop)
        _ = try await objects.send(.put, "/\(ObjectPlatform.bucket)/k", bytes)
        let ours = try await Wrk.rate(
            "\(objects.store)/\(ObjectPlatform.bucket)/k", fields: objects.fields, in: workshop)
        var contest = Contest { try await ours() * Double(1 << 20) / 1e6 }
        if workshop.measures("nginx") {
            let nginx = try await Nginx.start(in: workshop, file: try workshop.write(bytes, to: "file"))
            let theirs = try await Wrk.rate("http://\(nginx.address)/file", in: workshop)
            contest.peers["nginx"] = { try await theirs() * Double(1 << 20) / 1e6 }
        }
        return contest
    }

    static let list = listing("list-50k", 50_000)
    static let listMillion = listing("list-1m", 1_000_000)

    private static func listing(_ name: String, _ listed: Int) -> Case {
        Case(
            name, unit: "keys/s", better: .higher,
            note: "one client reads a bucket of at least \(listed) keys in pages of 1,000"
        ) { try await fill(listed, in: $0) }
    }

    private static func fill(_ listed: Int, in workshop: Workshop) async throws -> Contest {
        let objects = try await ObjectPlatform.start(in: workshop)
        let script = try putScript(bytes: 16, in: workshop)
        var stored = 0
        while stored < listed {
            stored += try await Wrk.load(
                "\(objects.store)/\(ObjectPlatform.bucket)", seconds: 5, fields: objects.fields,
                script: script,
                in: workshop
            ).requests
        }
        let (clock, expected) = (workshop.environment.clock, stored)
        return Contest {
            let start = clock.now
            let count = try await listAll(objects)
            guard count >= listed else {
                throw ApolloError(.corrupt, "\(count) of \(expected) keys are listed")
            }
            return Double(count) * 1e6 / Double(start.duration(to: clock.now).inMicroseconds)
        }
    }

    /// How many keys the bucket has.
    private static func listAll(_ objects: ObjectPlatform) async throws -> Int {
        let next = "<NextContinuationToken>"
        var (count, token) = (0, "")
        while true {
            let suffix = token.isEmpty ? "" : "&continuation-token=\(token)"
            let page = try await objects.send(.get, "/\(ObjectPlatform.bucket)?list-type=2\(suffix)")
            count += keys(in: page)
            let text = String(decoding: page.prefix(2048), as: UTF8.self)
            guard let start = text.firstRange(of: next)?.upperBound else { return count }
            token = String(text[start...].prefix { $0 != "<" })
        }
    }

    /// How many keys a page has. By the C library: to look for them must not take longer than to list them.
    private static func keys(in page: [UInt8]) -> Int {
        let mark = Array("<Key>".utf8)
        return page.withUnsafeBytes { page in
            var (count, rest) = (0, page)
            while let start = rest.baseAddress, let found = memchr(start, Int32(mark[0]), rest.count) {
                rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(found) - start)...])
                if rest.starts(with: mark) { count += 1 }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
            }
            return count
        }
    }

    /// Has `wrk` store objects of so many bytes, each under a key of its own.
    private static func putScript(bytes: Int, in workshop: Workshop) throws -> String {
        try workshop.write(
            """
            local threads = 0
            function setup(thread) thread:set("id", threads) threads = threads + 1 end
            local count = 0
            local body = string.rep("a", \(bytes))
            function request()
              count = count + 1
              local path = string.format("%s/%d-%d-%d", wrk.path, os.time(), id, count)
              return wrk.format("PUT", path, nil, body)
            end

            """, to: "put.lua")
    }
}
