import S3Messages
import Testing

@Suite struct FormDecoderTests {
    private func form(_ parts: [(head: String, body: String)], boundary: String = "XX") -> [UInt8] {
        var text = ""
        for part in parts { text += "--\(boundary)\r\n\(part.head)\r\n\r\n\(part.body)\r\n" }
        return Array((text + "--\(boundary)--\r\n").utf8)
    }

    private struct Read: Equatable {
        var fields: [String] = []
        var file: String?
        var data: [UInt8] = []
        var isWhole = false
    }

    /// Reads a form that comes in pieces of so many bytes.
    private func read(_ bytes: [UInt8], step: Int) throws -> Read {
        var (decoder, read) = (FormDecoder(boundary: "XX"), Read())
        for start in stride(from: 0, to: bytes.count, by: step) {
            for event in try decoder.feed(Array(bytes[start..<min(start + step, bytes.count)])) {
                switch event {
                case .field(let name, let value): read.fields.append("\(name)=\(value)")
                case .file(let name, let type): read.file = "\(name) \(type ?? "-")"
                case .data(let piece): read.data += piece
                case .end: read.isWhole = true
                }
            }
        }
        #expect(decoder.isDone == read.isWhole)
        return read
    }

    @Test(
        "However a form is cut, its fields and its file are the same",
        arguments: ["", "x", "a\r\n--X", "\r\n\r\n--XY\r\n-"])
    func cut(content: String) throws {
        let bytes = form([
            ("Content-Disposition: form-data; name=\"key\"", "a/${filename}"),
            ("content-disposition: form-data; name=\"empty\"", ""),
            (
                "Content-Disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\nContent-Type: text/plain",
                content
            ), ("Content-Disposition: form-data; name=\"submit\"", "Send"),
        ])
        let whole = try read(bytes, step: bytes.count)
        #expect(whole.fields == ["key=a/${filename}", "empty="])
        #expect(whole.file == "a b.txt text/plain")
        #expect(whole.data == Array(content.utf8))
        for step in 1...9 { #expect(try read(bytes, step: step) == whole) }
    }

    @Test("A form that ends before its file does is not whole")
    func short() throws {
        let bytes = form([("Content-Disposition: form-data; name=\"file\"", "content")])
        #expect(try !read(Array(bytes.dropLast(9)), step: 5).isWhole)
    }

    @Test("What is no form, or has too much of it, is refused")
    func refused() throws {
        let long = String(repeating: "x", count: FormDecoder.maximumFieldBytes + 1)
        for bytes in [
            form([("Content-Disposition: form-data; name=\"key\"", "k")]), form([("X: y", "k")]),
            form([("Content-Disposition: form-data; name=\"key\"", long)]), Array((long + long).utf8),
            form([(long, "x")]),
            form((0..<300).map { ("Content-Disposition: form-data; name=\"n\($0)\"", "v") }),
        ] {
            #expect(throws: FormError.self) { try read(bytes, step: 1000) }
        }
    }

    @Test("A boundary is read of the type of the body, and of no other type")
    func boundaries() {
        #expect(FormDecoder.boundary("multipart/form-data; boundary=abc") == "abc")
        #expect(FormDecoder.boundary("Multipart/Form-Data; charset=x; Boundary=\"a-b\"") == "a-b")
        for none in [nil, "text/plain; boundary=a", "multipart/form-data", "multipart/form-data; boundary="] {
            #expect(FormDecoder.boundary(none) == nil)
        }
    }
}
