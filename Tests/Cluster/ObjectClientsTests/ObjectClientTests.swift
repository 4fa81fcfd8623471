import Checksums
import Concurrency
import Core
import Cryptography
import HTTPClients
import HTTPModel
import ObjectClients
import ObjectModel
import S3Signatures
import ScriptedServers
import Synchronization
import Testing

/// What becomes of requests that a store does not take at once.
@Suite struct ObjectClientTests {
    private struct NoWait: RandomSource {
        // Not 0, which would be drawn again and again.
        func next() -> UInt64 { 1 }
    }

    private struct Fixed: WallClock {
        let now: Timestamp
    }

    private static let noon = Timestamp(parsing: "2026-11-21T12:00:00Z")!

    private func withClient<Result: Sendable>(
        _ server: ScriptedServer, trailing: ObjectClient.TrailingChecksums = .automatic,
        _ proof: ObjectClient.Proof? = nil, _ body: (ObjectClient) async throws -> Result
    ) async throws -> Result {
        let http = HTTPClient()
        let client = ObjectClient(
            endpoint: StoreEndpoint("http://127.0.0.1:\(server.port)"),
            proof: proof
                ?? .signer(
                    RequestSigner(accessKey: "KEY", secret: SecretBytes([1]), region: "here")),
            trailing: trailing, http: http,
            environment: Environment(
                clock: LiveClock(), wallClock: Fixed(now: Self.noon), random: NoWait()))
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await http.close()
        return try result.get()
    }

    /// Answers with each of `answers` in turn, and with the last from then on; notes the dates and scopes of what was asked.
    private func server(_ answers: [(status: Int, fields: [String], body: String)]) -> ScriptedServer {
        let count = Mutex(0)
        return ScriptedServer.serving { server, connection in
            while let request = connection.readRequest() {
                let scope = request.fields["authorization"]?.split(separator: "/").dropFirst(2).first ?? ""
                server.note("\(request.method) \(request.fields["x-amz-date"] ?? "") \(scope)")
                let number = count.withLock { count in
                    defer { count += 1 }
                    return min(count, answers.count - 1)
                }
                connection.respond(
                    answers[number].status, fields: answers[number].fields, answers[number].body)
            }
        }
    }

    private func error(_ code: String) -> String {
        "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>it is so</Message></Error>"
    }

    @Test("What is refused for its name, or is not there, is told with what to do")
    func hints() async throws {
        for (answer, hint) in [
            ((400, error("InvalidBucketName")), "3 to 63"), ((404, error("NoSuchKey")), "apollo blob ls"),
            ((404, ""), "apollo blob ls"), ((404, error("NoSuchBucket")), "mkbucket"),
        ] {
            let server = server([(answer.0, [], answer.1)])
            let failure = await #expect(throws: ApolloError.self) {
                _ = try await withClient(server) { try await $0.get("b", "k") }
            }
            #expect(failure?.hint?.contains(hint) ?? false, "\(answer)")
        }
    }

    @Test(
        "What is too busy or broken for now is asked again, and its body sent again", arguments: [503, 500])
    func retries(_ status: Int) async throws {
        let server = server([(status, [], error("SlowDown")), (status, [], ""), (200, ["ETag: \"t\""], "")])
        let stored = try await withClient(server) {
            try await $0.put("b", "k", .reader(length: 3) { BufferedBody("abc") })
        }
        #expect(stored.tag == "t")
        #expect(server.requests.count == 3)
    }

    @Test("Tries are bounded, and what the store said last is told")
    func bounded() async throws {
        let server = server([(503, [], error("SlowDown"))])
        let failure = await #expect(throws: ApolloError.self) {
            try await withClient(server) { try await $0.buckets() }
        }
        #expect(failure?.kind == .unavailable)
        #expect(failure?.message == "s3://: it is so")
        #expect(server.requests.count == 5)
    }

    @Test(
        "What will not pass is told at once",
        arguments: [(403, ErrorKind.denied), (404, .notFound), (400, .invalid)])
    func refused(_ status: Int, _ kind: ErrorKind) async throws {
        let server = server([(status, [], error("Any"))])
        let failure = await #expect(throws: ApolloError.self) {
            try await withClient(server) { try await $0.delete("b", "k") }
        }
        #expect(failure?.kind == kind)
        #expect(server.requests.count == 1)
    }

    @Test(
        "An object that is made only where there is none is not sent twice after a failure that may have made it"
    )
    func conditional() async throws {
        let server = server([(500, [], error("InternalError"))])
        await #expect(throws: ApolloError.self) {
            try await withClient(server) { try await $0.put("b", "k", .bytes([1]), isNew: true) }
        }
        #expect(server.requests.count == 1)
    }

    @Test("A clock that is wrong is corrected by the store's, for later requests too")
    func skew() async throws {
        let date = "Date: Sat, 21 Nov 2026 13:30:00 GMT"
        let server = server([(403, [date], error("RequestTimeTooSkewed")), (200, [date], "")])
        try await withClient(server) { client in
            try await client.delete("b", "k")
            try await client.delete("b", "l")
        }
        #expect(
            server.requests == [
                "DELETE 20261121T120000Z here", "DELETE 20261121T133000Z here",
                "DELETE 20261121T133000Z here",
            ])
    }

    @Test("So it is where HEAD is refused without a reason, but not where the clocks agree")
    func skewOfHead() async throws {
        let far = server([
            (403, ["Date: Sat, 21 Nov 2026 13:30:00 GMT"], ""), (200, ["Content-Length: 0"], ""),
        ])
        _ = try await withClient(far) { try await $0.describe("b", "k") }
        #expect(far.requests.count == 2)
        let near = server([(403, ["Date: Sat, 21 Nov 2026 12:00:05 GMT"], "")])
        await #expect(throws: ApolloError.self) {
            try await withClient(near) { try await $0.describe("b", "k") }
        }
        #expect(near.requests.count == 1)
    }

    @Test("A bucket of another region is asked for there")
    func region() async throws {
        let server = server([
            (400, ["x-amz-bucket-region: there"], error("AuthorizationHeaderMalformed")), (204, [], ""),
        ])
        try await withClient(server) { try await $0.delete("b", "k") }
        #expect(server.requests.map { $0.split(separator: " ").last } == ["here", "there"])
    }

    @Test("A store that goes on contradicting is given up")
    func contradiction() async throws {
        let date = "Date: Sat, 21 Nov 2026 13:30:00 GMT"
        let server = server([(403, [date], error("RequestTimeTooSkewed"))])
        await #expect(throws: ApolloError.self) {
            try await withClient(server) { try await $0.delete("b", "k") }
        }
        #expect(server.requests.count == 3)
    }

    @Test("A copy that failed after its status was sent is tried again")
    func lateFailure() async throws {
        let server = server([
            (200, [], error("InternalError")),
            (200, [], "<CopyObjectResult><ETag>\"t\"</ETag></CopyObjectResult>"),
        ])
        let tag = try await withClient(server) { try await $0.copy(from: ("a", "k"), to: "b", "k") }
        #expect(tag == "t")
    }

    @Test(
        "A body is sent in pieces whose signatures hold, and its checksum behind it where that is asked for",
        arguments: [ObjectClient.TrailingChecksums.automatic, .always, .never])
    func pieces(_ trailing: ObjectClient.TrailingChecksums) async throws {
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let received = Mutex<[UInt8]?>(nil)
        let hasTrailer = trailing == .always
        let server = ScriptedServer.serving { _, connection in
            guard let request = connection.readRequest() else { return }
            var fields = HTTPFields()
            for (name, value) in request.fields { fields.append(name: name, value: value) }
            let parts = SignedParts(
                method: request.method, path: Array(request.path.utf8), query: RequestQuery(), fields: fields)
            do {
                let payload = request.fields["x-amz-content-sha256"] ?? ""
                guard let signature = try RequestSignature.find(parts) else { return }
                let key = try signature.verify(
                    parts, secret: SecretBytes([1]), payload: payload, at: Self.noon)
                var decoder = ChunkDecoder(signer: ChunkSigner(key, signature), hasTrailer: hasTrailer)
                let decoded = try decoder.feed(request.body)
                if decoder.isDone { received.withLock { $0 = decoded } }
                let sum = decoder.trailer[ObjectChecksum.Algorithm.crc32c.field]
                #expect(sum == (hasTrailer ? Self.sum(bytes) : nil))
                connection.respond(
                    200, fields: ["ETag: \"t\""] + (sum.map { ["x-amz-checksum-crc32c: \($0)"] } ?? []), "")
            } catch {
                connection.respond(400, "\(error)")
            }
        }
        let stored = try await withClient(server, trailing: trailing) {
            try await $0.put("b", "k", .reader(length: Int64(bytes.count)) { BufferedBody(bytes) })
        }
        #expect(received.withLock(\.self) == bytes)
        #expect(stored == StoredObject(tag: "t", isVerified: hasTrailer))
    }

    private static func sum(_ bytes: [UInt8]) -> String {
        withUnsafeBytes(of: CRC32.checksum(bytes, .castagnoli).bigEndian) { Base64.encode(Array($0)) }
    }

    @Test(
        "With a token the checksum follows a body that is not signed; an answer without it, or with another, verifies nothing",
        arguments: [nil, "AAAAAA==", "right"])
    func token(_ answered: String?) async throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let received = Mutex<[UInt8]?>(nil)
        let server = ScriptedServer.serving { _, connection in
            guard let request = connection.readRequest() else { return }
            #expect(request.fields["x-amz-content-sha256"] == "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
            #expect(request.fields["x-amz-decoded-content-length"] == "\(bytes.count)")
            #expect(request.fields["x-amz-trailer"] == "x-amz-checksum-crc32c")
            var decoder = ChunkDecoder(signer: nil, hasTrailer: true)
            guard let decoded = try? decoder.feed(request.body) else {
                connection.respond(400, "")
                return
            }
            if decoder.isDone { received.withLock { $0 = decoded } }
            #expect(decoder.trailer["x-amz-checksum-crc32c"] == Self.sum(bytes))
            let value = answered == "right" ? Self.sum(bytes) : answered
            connection.respond(
                200, fields: ["ETag: \"t\""] + (value.map { ["x-amz-checksum-crc32c: \($0)"] } ?? []), "")
        }
        let stored = try await withClient(server, .token("secret", project: "default")) {
            try await $0.put("b", "k", .reader(length: Int64(bytes.count)) { BufferedBody(bytes) })
        }
        #expect(received.withLock(\.self) == bytes)
        #expect(stored == StoredObject(tag: "t", isVerified: answered == "right"))
    }

    @Test("The objects of a page that is encoded have their own names, and the next page is asked for")
    func listing() async throws {
        let server = server([
            (
                200, [],
                """
                <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
                <NextContinuationToken>n</NextContinuationToken>
                <Contents><Key>a%2Fb+c%C3%BC</Key><Size>5</Size><ETag>"e"</ETag>
                <LastModified>2026-11-21T12:00:00.000Z</LastModified></Contents>
                <CommonPrefixes><Prefix>x%2F</Prefix></CommonPrefixes></ListBucketResult>
                """
            )
        ])
        let page = try await withClient(server) { try await $0.list("b", prefix: "", isRecursive: false) }
        #expect(page.objects.map(\.key) == ["a/b cü"])
        #expect(page.prefixes == ["x/"])
        #expect(page.next == "n")
    }
}
