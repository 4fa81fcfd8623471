import Core
import HTTPModel
import ObjectPolicies
import S3Messages
import S3Signatures

/// Feeds bytes to what the object store reads of strangers before it knows them: queries, signatures, bodies in pieces, XML. Of the
/// first byte depends which.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzS3(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = bytes.first else { return 0 }
    let rest = Array(bytes.dropFirst())
    switch kind % 7 {
    case 0: checkQuery(rest)
    case 1: checkSignature(rest)
    case 2: checkPieces(rest)
    case 3: checkXML(rest)
    case 4: checkForm(rest)
    case 5: checkPolicy(rest)
    default: _ = try? PostPolicy(rest)  // Nearly none of them is one.
    }
    return 0
}

/// However a form is cut on its way, the same comes out.
private func checkForm(_ bytes: [UInt8]) {
    func read(_ step: Int) -> (fields: [FormDecoder.Event], data: [UInt8], isDone: Bool)? {
        var decoder = FormDecoder(boundary: "b")
        var (fields, data): ([FormDecoder.Event], [UInt8]) = ([], [])
        do throws(FormError) {
            for start in stride(from: 0, to: bytes.count, by: step) {
                for event in try decoder.feed(Array(bytes[start..<min(start + step, bytes.count)])) {
                    if case .data(let piece) = event { data += piece } else { fields.append(event) }
                }
            }
        } catch {
            return nil
        }
        return (fields, data, decoder.isDone)
    }
    guard let whole = read(max(1, bytes.count)), let cut = read(1) else { return }
    precondition(whole.fields == cut.fields && whole.data == cut.data && whole.isDone == cut.isDone)
}

/// A policy never allows what it denies, and decides the same twice.
private func checkPolicy(_ bytes: [UInt8]) {
    do throws(PolicyError) {
        let policy = try BucketPolicy(bytes, bucket: "b")
        let request = PolicyRequest(
            principal: "ann", action: "s3:GetObject", resource: PolicyRequest.resource("b", "k"),
            context: ["aws:sourceip": ["192.0.2.1"], "s3:prefix": ["a"]])
        precondition(policy.decide(request) == policy.decide(request))
    } catch {
        // Nearly all of them.
    }
}

/// What is read of a query is read again of what is written of it.
private func checkQuery(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let query = RequestQuery(Substring(text)) else { return }
    precondition(query.items.count <= RequestQuery.maximumItems)
    // Without `=` and with nothing behind it are the same.
    precondition(RequestQuery(Substring(query.text)) == query, "a query is read as another")
}

/// No field and no query is taken for a signature that verifies.
private func checkSignature(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    var fields = HTTPFields(["Host": "h", "x-amz-date": "20261127T120000Z"])
    fields["Authorization"] = parts[0]
    let query = RequestQuery(Substring(parts.count > 1 ? parts[1] : "")) ?? RequestQuery()
    let signed = SignedParts(method: "GET", path: Array("/".utf8), query: query, fields: fields)
    do throws(SignatureError) {
        guard let found = try RequestSignature.find(signed) else { return }
        precondition(found.signedFields == found.signedFields.sorted())
        try found.verify(
            signed, secret: SecretBytes(Array("a secret that nobody guesses".utf8)),
            payload: RequestSigner.unsignedPayload, at: found.time)
        preconditionFailure("a signature was guessed")
    } catch {
        // Nearly all of them.
    }
}

/// However a body is cut on its way, the same comes out.
private func checkPieces(_ bytes: [UInt8]) {
    func read(_ step: Int) -> (data: [UInt8], isDone: Bool)? {
        var decoder = ChunkDecoder(signer: nil, hasTrailer: true)
        var data: [UInt8] = []
        do throws(ChunkError) {
            for start in stride(from: 0, to: bytes.count, by: step) {
                data += try decoder.feed(Array(bytes[start..<min(start + step, bytes.count)]))
            }
        } catch {
            return nil
        }
        return (data, decoder.isDone)
    }
    let whole = read(max(1, bytes.count))
    let cut = read(1)
    precondition(whole?.data == cut?.data && whole?.isDone == cut?.isDone, "pieces are read as others")
    precondition((whole?.data.count ?? 0) <= bytes.count, "more data than bytes")
}

/// What is read is read again of what is written.
private func checkXML(_ bytes: [UInt8]) {
    guard let node = try? XMLReader.read(bytes) else { return }  // Nearly all of them.
    var writer = XMLWriter()
    write(node, &writer)
    do throws(XMLError) {
        let again = try XMLReader.read(writer.bytes)
        precondition(again == node, "a document is read as another")
    } catch {
        preconditionFailure("what was written cannot be read: \(error.reason)")
    }
}

private func write(_ node: XMLNode, _ writer: inout XMLWriter) {
    writer.element(node.name) { writer in
        writer.text(node.text)
        for child in node.children { write(child, &writer) }
    }
}
