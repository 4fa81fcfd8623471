import DNSModel
import Testing

struct DNSResponseTests {
    private static func address(_ number: Int) -> DNSRecord {
        DNSRecord(
            name: DNSName("web.apollo.internal")!, timeToLive: 2,
            data: .address(IPAddress(bytes: [10, 0, UInt8(number >> 8), UInt8(number & 0xFF)])!))
    }

    @Test func `an answer repeats the question as it came and points to its name`() throws {
        let query = try DNSQuery.read(question("WEB.apollo.internal"))
        let response = DNSResponse(.success, isAuthoritative: true, answers: [Self.address(1)])
        let bytes = response.bytes(answering: query, limit: 512)
        let head: [UInt8] = [0x12, 0x34, 0x85, 0, 0, 1, 0, 1, 0, 0, 0, 0]
        #expect(bytes == head + query.question!.wire + [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 2, 0, 4, 10, 0, 0, 1])
    }

    @Test func `what does not fit is left out, and that is said`() throws {
        let plain = try DNSQuery.read(question("web.apollo.internal"))
        let all = DNSResponse(.success, answers: (0..<100).map { Self.address($0) })
        let bytes = all.bytes(answering: plain, limit: 512)
        #expect(bytes.count <= 512 && bytes.count > 512 - 16)
        #expect(bytes[2] & 0x02 != 0)
        #expect(Int(bytes[7]) == (bytes.count - 12 - plain.question!.wire.count) / 16)
        let whole = all.bytes(answering: plain, limit: 65535)
        #expect(whole[2] & 0x02 == 0 && whole[7] == 100)
    }

    @Test func `additional records that do not fit are left out without a word`() throws {
        let query = try DNSQuery.read(question("web.apollo.internal", payload: 512))
        let response = DNSResponse(
            .success, answers: [Self.address(1)], additional: (0..<100).map { Self.address($0) })
        let bytes = response.bytes(answering: query, limit: 512)
        #expect(bytes[2] & 0x02 == 0 && bytes.count <= 512)
        #expect(bytes.suffix(11) == [0, 0, 41, 4, 176, 0, 0, 0, 0, 0, 0])
    }

    @Test func `a version of EDNS that is not known is said in two places`() throws {
        let query = try DNSQuery.read(question("web", payload: 1232, version: 1))
        let bytes = DNSResponse(.badVersion).bytes(answering: query, limit: 512)
        #expect(bytes[3] & 0xF == 0)
        #expect(bytes.suffix(11) == [0, 0, 41, 4, 176, 1, 0, 0, 0, 0, 0])
    }

    @Test func `a target is written out, and what follows points to it`() throws {
        let query = try DNSQuery.read(question("_http._tcp.web.apollo.internal", .srv))
        let target = DNSName("0a000001.addr.dns.apollo.internal")!
        let name = query.question!.name
        let response = DNSResponse(
            .success,
            answers: [
                DNSRecord(
                    name: name, timeToLive: 2,
                    data: .service(priority: 0, weight: 1, port: 8080, target: target))
            ],
            additional: [
                DNSRecord(name: target, timeToLive: 2, data: .address(IPAddress("10.0.0.1")!))
            ])
        let bytes = response.bytes(answering: query, limit: 512)
        let data: [UInt8] =
            [0, 0, 0, 1, 0x1F, 0x90] + [8] + Array("0a000001".utf8) + [4] + Array("addr".utf8) + [3]
            + Array("dns".utf8) + [6] + Array("apollo".utf8) + [8] + Array("internal".utf8) + [0]
        let record = 12 + query.question!.wire.count
        #expect(Array(bytes[(record + 12)..<(record + 12 + data.count)]) == data)
        let place = record + 12 + 6
        #expect(Array(bytes[(record + 12 + data.count)...].prefix(2)) == [0xC0, UInt8(place)])
    }

    @Test func `addresses are read and written`() {
        #expect(IPAddress("10.0.0.1")?.description == "10.0.0.1")
        #expect(IPAddress("fd00::1")?.description == "fd00::1")
        #expect(IPAddress("::ffff:10.0.0.1")?.unmapped == IPAddress("10.0.0.1"))
        #expect(
            IPAddress("localhost") == nil && IPAddress("10.0.0") == nil && IPAddress("fe80::1%eth0") == nil)
        #expect(IPAddress("127.3.2.1")!.isLoopback && IPAddress("::1")!.isLoopback)
        #expect(IPAddress("0.0.0.0")!.isUnspecified && IPAddress("::")!.isUnspecified)
        #expect(!IPAddress("::")!.isLoopback && !IPAddress("10.0.0.1")!.isLoopback)
    }

    @Test func `names are written so that nothing in them is mistaken`() {
        #expect(
            DNSName(labels: [Array("a.b".utf8), [0, 200], Array("c\\".utf8)])?.description
                == "a\\.b.\\000\\200.c\\\\")
        #expect(DNSName(".") == .root && DNSName("") == nil && DNSName("a..b") == nil)
        #expect(DNSName("a.b.c")?.labels(below: DNSName("B.c")!)?.count == 1)
        #expect(DNSName("xb.c")?.labels(below: DNSName("b.c")!) == nil)
    }
}
