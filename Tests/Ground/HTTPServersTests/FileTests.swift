import Core
import EventLoops
import Glibc
import HTTPModel
import Testing

@testable import HTTPServers

struct FileTests {
    @Test func `a file is served whole, in parts and not at all, as the request wants`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            let bytes = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 11 &+ $0 >> 12) }
            writeFile(path, bytes)
            writeFile("\(directory)/empty", [])
            try await withServer(handler: { request in
                HTTPResponse(.ok, body: .file(path: directory + request.target))
            }) { fixture in
                let client = try await fixture.connect()
                func get(_ fields: String = "", _ path: String = "/file", method: String = "GET") async throws
                    -> RawClient.Response
                {
                    try await client.send("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
                    return try await client.response(toHead: method == "HEAD")
                }
                let whole = try await get()
                #expect(whole.status == 200)
                #expect(difference(whole.body, bytes) == nil)
                #expect(whole.fields["accept-ranges"] == "bytes")
                let tag = try #require(whole.fields["etag"])
                let date = try #require(whole.fields["last-modified"])
                #expect(HTTPDate.parse(date) != nil)

                let part = try await get("Range: bytes=1000-1999999\r\n")
                #expect(part.status == 206)
                #expect(part.fields["content-range"] == "bytes 1000-1999999/3000001")
                #expect(difference(part.body, Array(bytes[1000..<2_000_000])) == nil)
                #expect(try await get("Range: bytes=-5\r\n").body == Array(bytes.suffix(5)))
                #expect(try await get("Range: bytes=3000000-\r\n").body == [bytes[3_000_000]])
                let beyond = try await get("Range: bytes=3000001-\r\n")
                #expect(beyond.status == 416)
                #expect(beyond.fields["content-range"] == "bytes */3000001")
                #expect(try await get("Range: bytes=0-1, 5-6\r\n").status == 200)
                #expect(try await get("Range: bytes=0-1\r\nIf-Range: \(tag)\r\n").status == 206)
                #expect(try await get("Range: bytes=0-1\r\nIf-Range: \(date)\r\n").status == 206)
                #expect(try await get("Range: bytes=0-1\r\nIf-Range: \"old\"\r\n").status == 200)

                #expect(try await get("If-None-Match: \"x\", W/\(tag)\r\n").status == 304)
                #expect(try await get("If-Modified-Since: \(date)\r\n").status == 304)
                #expect(try await get("If-Match: \"x\"\r\n").status == 412)

                let head = try await get(method: "HEAD")
                #expect(head.fields["content-length"] == "3000001")
                #expect(try await get("", "/empty").body.isEmpty)
                #expect(try await get("Range: bytes=0-\r\n", "/empty").status == 416)
                #expect(try await get("", "/missing").status == 404)
                #expect(try await get("", "/").status == 404)
                #expect(fixture.server.statistics.bytesSentByKernel > bytes.count)
                await client.close()
            }
        }
    }

    @Test func `parts of a file go into a stream, by the kernel where its length is known`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            let bytes = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
            writeFile(path, bytes)
            let file = open(path, O_RDONLY)
            defer { close(file) }
            try await withServer(handler: { request in
                let isLong = request.path == "/long"
                return HTTPResponse(
                    .ok,
                    body: .stream(length: request.path == "/chunked" ? nil : isLong ? 1_500_001 : 1_400_002) {
                        try await $0.write([1])
                        try await $0.write(file: file, from: 100_000, count: isLong ? 1_500_000 : 1_400_000)
                        try await $0.write([2])
                    })
            }) { fixture in
                let client = try await fixture.connect()
                for (path, isByKernel) in [("/fixed", true), ("/chunked", false)] {
                    let before = fixture.server.statistics.bytesSentByKernel
                    try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                    let answer = try await client.response()
                    #expect(difference(answer.body, [1] + bytes[100_000...] + [2]) == nil)
                    let sent = fixture.server.statistics.bytesSentByKernel - before
                    #expect(sent == (isByKernel ? 1_400_000 : 0))
                }
                // The file ends early: the client must not take what it got for the whole.
                try await client.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
                await #expect(throws: (any Error).self) { try await client.response() }
                #expect(try await fixture.reports(1)[0].contains("ends early"))
                await client.close()
            }
        }
    }

    @Test func `a file that shrinks while it is sent breaks the connection off`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            writeFile(path, [UInt8](repeating: 1, count: 64 << 20))
            try await withServer(handler: { _ in HTTPResponse(.ok, body: .file(path: path)) }) { fixture in
                let client = try await fixture.connect()
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.read(until: "\r\n\r\n")
                writeFile(path, [1])
                await #expect(throws: SocketError.self) { _ = try await client.readToEnd() }
                #expect(try await fixture.reports(1)[0].contains("became shorter"))
                await client.close()
            }
        }
    }

    private static let modified = Timestamp(parsing: "2026-01-02T03:04:05.678Z")!

    private func select(_ fields: KeyValuePairs<String, String>, size: Int64 = 100) -> ContentSelection {
        ContentSelection(HTTPFields(fields), size: size, tag: "\"t\"", modified: Self.modified)
    }

    @Test(arguments: [
        ("bytes=0-0", ContentSelection.part(0..<1)), ("bytes=0-", .part(0..<100)),
        ("bytes=99-", .part(99..<100)),
        ("bytes=10-1000", .part(10..<100)), ("bytes=-1", .part(99..<100)), ("bytes=-1000", .part(0..<100)),
        ("BYTES=1-2", .part(1..<3)), ("bytes=100-", .unsatisfiable), ("bytes=100-200", .unsatisfiable),
        ("bytes=-0", .unsatisfiable), ("bytes=99999999999999999999999-", .unsatisfiable),
        ("bytes=5-99999999999999999999999", .part(5..<100)), ("bytes=2-1", .whole), ("bytes=", .whole),
        ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=1-2,3-4", .whole), ("bytes= 1-2", .whole),
        ("bytes=--1", .whole), ("bytes=1-2-3", .whole), ("items=1-2", .whole), ("", .whole),
        ("bytes=+1-2", .whole),
    ])
    func `a range is what RFC 9110 says`(range: String, expected: ContentSelection) {
        #expect(select(["Range": range]) == expected)
    }

    @Test func `conditions are looked at in their order`() {
        let before = "Fri, 02 Jan 2026 03:04:04 GMT"
        let at = "Fri, 02 Jan 2026 03:04:05 GMT"
        #expect(select(["If-Match": "\"t\""]) == .whole)
        #expect(select(["If-Match": "*"]) == .whole)
        #expect(select(["If-Match": "W/\"t\""]) == .preconditionFailed)
        #expect(select(["If-Match": "\"t\"", "If-Unmodified-Since": before]) == .whole)
        #expect(select(["If-Unmodified-Since": before]) == .preconditionFailed)
        #expect(select(["If-Unmodified-Since": at]) == .whole)
        #expect(select(["If-None-Match": "\"a\"", "If-None-Match": "\"t\""]) == .notModified)
        #expect(select(["If-None-Match": "\"a\"", "If-Modified-Since": at]) == .whole)
        #expect(select(["If-Modified-Since": at]) == .notModified)
        #expect(select(["If-Modified-Since": before]) == .whole)
        #expect(select(["If-Modified-Since": "yesterday"]) == .whole)
        #expect(select(["If-None-Match": "\"t\"", "Range": "bytes=0-1"]) == .notModified)
        #expect(select(["Range": "bytes=0-1", "If-Range": before]) == .whole)
        #expect(select(["Range": "bytes=0-1", "If-Range": "W/\"t\""]) == .whole)
    }

    @Test(arguments: [
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
        ("1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func `dates are written and read as HTTP has them`(time: String, text: String) throws {
        let time = try #require(Timestamp(parsing: time))
        #expect(HTTPDate.text(time) == text)
        #expect(HTTPDate.parse(text) == time)
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
    ])
    func `what is no date is not read`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
