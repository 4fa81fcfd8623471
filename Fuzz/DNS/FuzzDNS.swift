import DNSModel

/// Reads a question, and answers it: the answer is within its bounds, begins as the question did, and is none.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDNS(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let query: DNSQuery
    do throws(DNSFault) {
        query = try DNSQuery.read(bytes)
    } catch {
        if let refusal = DNSQuery.refusal(of: bytes, .formatError) {
            precondition(refusal.count == 12 && refusal[0] == bytes[0] && refusal[2] & 0x80 != 0)
        }
        return 0
    }
    let name = query.question?.name ?? .root
    precondition(name.wireBytes <= DNSName.maximumBytes)
    let target = name.prefixed(by: "x") ?? name
    var response = DNSResponse(.success, isAuthoritative: true)
    for number in 0..<UInt8(40) {
        let address = IPAddress(bytes: [10, 0, 0, number])!
        response.answers.append(
            DNSRecord(
                name: name, timeToLive: 2,
                data: .service(priority: 0, weight: 1, port: UInt16(number), target: target)))
        response.additional.append(DNSRecord(name: target, timeToLive: 2, data: .address(address)))
    }
    for limit in [query.payload(upTo: DNSResponse.payload), 65535] {
        let answer = response.bytes(answering: query, limit: limit)
        precondition(answer.count <= limit, "\(answer.count) bytes of \(limit)")
        precondition(answer[0] == bytes[0] && answer[1] == bytes[1] && answer[2] & 0x80 != 0)
        if let question = query.question {
            precondition(Array(answer[12..<(12 + question.wire.count)]) == question.wire)
        }
        do throws(DNSFault) {
            _ = try DNSQuery.read(answer)
            preconditionFailure("an answer is read as a question")
        } catch {
            precondition(error == .ignored)
        }
    }
    return 0
}
